internal import CDMOPluginSlots

/// A plugin: its problems as the constant tables that the host reads.
///
/// Keep it in a global `let` and return ``export(_:)`` from the entry point:
///
/// ```swift
/// let plugin = Plugin(id: "org.example.toy", name: "Toy", version: "1.0.0", problems: [Problem(ToyAmp.self)])
///
/// @c(dmo_plugin_v1)
/// public func entry(_ host: UnsafePointer<dmo_host>?) -> UnsafePointer<dmo_plugin>? { plugin.export(host) }
/// ```
public struct Plugin: Sendable {
  private let table: Constant<dmo_plugin>

  /// Builds the tables; they live as long as the process.
  ///
  /// - Parameters:
  ///   - id: reverse DNS, such as `org.example.toy`.
  ///   - name: for people.
  ///   - version: `major.minor.patch`.
  ///   - vendor: who makes it.
  ///   - license: as SPDX writes it, such as `Apache-2.0`.
  ///   - url: where more is told.
  ///   - problems: at most 256 in one shared library.
  public init(
    id: String, name: String, version: String, vendor: String? = nil, license: String? = nil, url: String? = nil,
    problems: [Problem]
  ) {
    // The arena is kept for ever on purpose: the host may read the tables until the process ends.
    let arena = Unmanaged.passRetained(Arena()).takeUnretainedValue()
    let slots = Slots.claim(problems)
    let tables = zip(problems, slots).map { problem, slot in
      UnsafePointer?(arena.value(problem.table(arena, slot: slot)))
    }
    var table = dmo_plugin()
    table.struct_size = UInt32(MemoryLayout<dmo_plugin>.size)
    table.abi_minor = UInt32(DMO_ABI_MINOR)
    table.id = UnsafePointer(arena.text(id))
    table.name = UnsafePointer(arena.text(name))
    table.version = UnsafePointer(arena.text(version))
    table.vendor = arena.text(vendor)
    table.license = arena.text(license)
    table.url = arena.text(url)
    table.problem_count = UInt32(problems.count)
    table.problems = arena.array(tables)
    self.table = Constant(table)
  }

  /// What `dmo_plugin_v1` returns: the same table at each call.
  public func export(_ host: UnsafePointer<dmo_host>?) -> UnsafePointer<dmo_plugin>? { table.pointer }
}
