import CDMO

/// One instance of a problem, reached through the C tables alone, as a host does.
public final class LoadedProblem {
  /// Why there is no instance.
  public struct CreateError: Error, Equatable {
    public let status: dmo_status
    public let message: String
    public init(status: dmo_status, message: String) { (self.status, self.message) = (status, message) }
  }

  /// What one evaluation gave.
  public struct Answer: Equatable, Sendable {
    public var status: dmo_status
    public var y: [Double]
    public var message: String
  }

  public let table: dmo_problem
  public let instance: dmo_instance?
  public let spec: dmo_spec

  /// - Throws: ``CreateError``; `nil` text where the problem is unknown.
  public init(_ plugin: UnsafePointer<dmo_plugin>?, _ id: String, options: [String: String] = [:]) throws {
    let tables = Self.problems(plugin)
    guard let table = tables.first(where: { text($0.id) == id }) else {
      throw CreateError(status: -1, message: "no problem \(id)")
    }
    self.table = table
    var texts: [UnsafePointer<CChar>?] = []
    for option in UnsafeBufferPointer(start: table.options, count: Int(table.option_count)) {
      texts.append(options[text(option.key)].map(leakedText) ?? option.default_text)
    }
    var made: dmo_instance?
    var status = dmo_status(DMO_FATAL)
    let message = withMessage(capacity: 256) { error in
      var error = error
      status = table.create(nil, texts, &made, &error)
    }
    guard status == DMO_OK, let made, let spec = table.describe(made) else {
      throw CreateError(status: status, message: message)
    }
    instance = made
    self.spec = spec.pointee
  }

  deinit { table.destroy(instance) }

  /// Every problem's table.
  public static func problems(_ plugin: UnsafePointer<dmo_plugin>?) -> [dmo_problem] {
    guard let plugin, let problems = plugin.pointee.problems else { return [] }
    return (0..<Int(plugin.pointee.problem_count)).compactMap { problems[$0]?.pointee }
  }

  public var parameters: [dmo_param] {
    Array(UnsafeBufferPointer(start: spec.params, count: Int(spec.param_count)))
  }
  public var outputs: [dmo_output] {
    Array(UnsafeBufferPointer(start: spec.outputs, count: Int(spec.output_count)))
  }
  public var xCount: Int { parameters.reduce(0) { $0 + max(1, Int($1.count)) } }
  public var yCount: Int { outputs.reduce(0) { $0 + max(1, Int($1.count)) } }

  /// Evaluates one point; y starts as NaN.
  public func evaluate(
    _ x: [Double], seed: UInt64 = 0, fidelity: UInt32 = 0, capacity: Int = 256, isCancelled: Bool = false
  ) -> Answer {
    call(x, seed: seed, fidelity: fidelity, capacity: capacity, isCancelled: isCancelled) { call, result in
      table.evaluate(instance, call, result)
    }
  }

  /// Lets `body` use the call's structures.
  public func call(
    _ x: [Double], seed: UInt64 = 0, fidelity: UInt32 = 0, capacity: Int = 256, isCancelled: Bool = false,
    _ body: (UnsafePointer<dmo_call>, UnsafeMutablePointer<dmo_result>) -> dmo_status
  ) -> Answer {
    var answer = Answer(status: dmo_status(DMO_FATAL), y: Array(repeating: .nan, count: yCount), message: "")
    let yCount = yCount
    answer.message = withMessage(capacity: capacity) { text in
      x.withUnsafeBufferPointer { x in
        answer.y.withUnsafeMutableBufferPointer { y in
          var call = dmo_call()
          call.struct_size = UInt32(MemoryLayout<dmo_call>.size)
          (call.seed, call.fidelity) = (seed, fidelity)
          (call.x, call.x_count) = (x.baseAddress, x.count)
          if isCancelled { call.cancelled = { _ in 1 } }
          var result = dmo_result()
          result.struct_size = UInt32(MemoryLayout<dmo_result>.size)
          (result.y, result.y_count, result.message) = (y.baseAddress, yCount, text)
          answer.status = body(&call, &result)
        }
      }
    }
    return answer
  }

  /// The table of an extension.
  public func `extension`<Table>(_ id: String, as type: Table.Type) -> Table? {
    table.extension(id)?.assumingMemoryBound(to: Table.self).pointee
  }

  /// The reference points of a kind: x (where there is one) and y.
  public func references(_ kind: Int) -> [(x: [Double]?, y: [Double]?)] {
    guard let reference = self.extension(DMO_EXT_REFERENCE, as: dmo_reference.self) else { return [] }
    var points: UnsafePointer<UnsafePointer<dmo_reference_point>?>?
    let count = reference.points(instance, &points)
    return (0..<count).compactMap { points?[$0]?.pointee }.filter { $0.kind == UInt32(kind) }.map { point in
      (
        point.x.map { Array(UnsafeBufferPointer(start: $0, count: xCount)) },
        point.y.map { Array(UnsafeBufferPointer(start: $0, count: yCount)) }
      )
    }
  }
}

/// A C text as a string; empty for NULL.
public func text(_ pointer: UnsafePointer<CChar>?) -> String { pointer.map { String(cString: $0) } ?? "" }

/// Option texts are few and small; a test process gives them back when it ends.
private func leakedText(_ text: String) -> UnsafePointer<CChar>? {
  let copy = UnsafeMutableBufferPointer<CChar>.allocate(capacity: text.utf8CString.count)
  _ = copy.initialize(from: text.utf8CString)
  return UnsafePointer(copy.baseAddress)
}

/// Gives `body` a text buffer between guard bytes, and returns what it wrote; traps if a guard byte changed.
private func withMessage(capacity: Int, _ body: (dmo_text) -> Void) -> String {
  let guardByte: CChar = 0x55
  let buffer = UnsafeMutableBufferPointer<CChar>.allocate(capacity: capacity + 16)
  defer { buffer.deallocate() }
  buffer.initialize(repeating: guardByte)
  if capacity > 0 { buffer[8] = 0 }
  body(dmo_text(data: buffer.baseAddress.map { $0 + 8 }, capacity: capacity))
  precondition(buffer[..<8].allSatisfy { $0 == guardByte }, "a write before the message")
  precondition(buffer[(8 + capacity)...].allSatisfy { $0 == guardByte }, "a write past the message")
  return capacity > 0 ? text(UnsafePointer(buffer.baseAddress.map { $0 + 8 })) : ""
}
