internal import CDMOPluginSlots

/// One problem of a plugin: what the host is told of it, and how an instance is made.
public struct Problem: Sendable {
  let about: About
  let isConcurrent: Bool
  let make: @Sendable (inout Declaration, Options, Host) throws -> any Simulation
  let extensions: @Sendable (String) -> UnsafeRawPointer?

  /// A simulator type as it describes itself.
  public init<S: Simulator>(_ type: S.Type) {
    self.init(S.about) { declare, options, host in try S(&declare, options: options, host: host) }
  }

  /// One of several problems that share a simulator type: `make` gives each its own values.
  public init<S: Simulation>(
    _ about: About, _ make: @escaping @Sendable (inout Declaration, Options, Host) throws -> S
  ) {
    self.about = about
    self.make = make
    isConcurrent = S.self is any ConcurrentSimulator.Type
    extensions = { id in extensionTable(id, S.self) }
  }

  /// Makes an instance; on failure writes why.
  func create(
    _ host: UnsafePointer<dmo_host>?, _ texts: UnsafePointer<UnsafePointer<CChar>?>?, _ error: dmo_text?
  ) -> Result<Instance, CreateFailure> {
    do {
      var declare = Declaration()
      let simulator = try make(&declare, Options(about.options, texts: texts), Host(host))
      return .success(Instance(simulator, declare))
    } catch let failure {
      var status = Status.failed
      if let error { status = Status.of(failure, into: error) }
      return .failure(CreateFailure(status: status))
    }
  }

  func table(_ arena: Arena, slot: dmo_slot) -> dmo_problem {
    var table = dmo_problem()
    table.struct_size = UInt32(MemoryLayout<dmo_problem>.size)
    table.threads = UInt32(
      isConcurrent ? DMO_THREADS_FREE : about.threads == .instance ? DMO_THREADS_INSTANCE : DMO_THREADS_PROCESS)
    table.flags = about.traits.rawValue
    table.option_size = UInt32(MemoryLayout<dmo_option>.stride)
    table.option_count = UInt32(about.options.count)
    table.id = UnsafePointer(arena.text(about.id))
    table.name = UnsafePointer(arena.text(about.name))
    table.summary = arena.text(about.summary)
    table.options = about.options.isEmpty ? nil : arena.array(about.options.map { $0.table(arena) })
    table.evaluate = evaluateFunction
    table.create = slot.create
    table.describe = { instance in instance.map { Instance.of($0).spec } }
    table.destroy = { instance in
      if let instance { Instance.release(instance) }
    }
    table.extension = slot.extension
    return table
  }
}

/// Why there is no instance; the message is already in the host's buffer.
struct CreateFailure: Error {
  let status: dmo_status
}
