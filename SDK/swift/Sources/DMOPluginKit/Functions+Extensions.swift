import Synchronization

private func draw(
  _ instance: dmo_instance?, _ call: UnsafePointer<dmo_call>?,
  _ emit: (@convention(c) (UnsafeMutableRawPointer?, UnsafePointer<dmo_artifact>?) -> Void)?,
  _ sink: UnsafeMutableRawPointer?, _ error: UnsafeMutablePointer<dmo_text>?
) -> dmo_status {
  guard let instance, let call, let emit else { return Status.badInput }
  let object = Instance.of(instance)
  guard let simulator = object.simulator as? any ArtifactSimulator else { return Status.unsupported }
  return withUnsafeTemporaryAllocation(of: Double.self, capacity: max(1, object.yCount)) { y in
    y.initialize(repeating: .nan)
    var result = dmo_result()
    result.struct_size = UInt32(MemoryLayout<dmo_result>.size)
    (result.y, result.y_count) = (y.baseAddress, object.yCount)
    if let error { result.message = error.pointee }
    return object.run(call, &result) { point in
      try simulator.draw(point) { artifact in artifact.withTable { emit(sink, $0) } }
    }
  }
}

let artifactTable = Constant(
  dmo_artifacts(struct_size: UInt32(MemoryLayout<dmo_artifacts>.size), reserved: 0, draw: draw))

/// The fidelity tables by type, each made once: the host must get the same table at each call.
final class FidelityTables: Sendable {
  static let shared = FidelityTables()
  private let tables = Mutex<[ObjectIdentifier: Constant<dmo_fidelity>]>([:])

  func table(_ type: any FidelitySimulator.Type) -> UnsafePointer<dmo_fidelity> {
    let table = tables.withLock { tables in
      if let known = tables[ObjectIdentifier(type)] { return known }
      // The arena is kept for ever on purpose, as the plugin's.
      let arena = Unmanaged.passRetained(Arena()).takeUnretainedValue()
      let levels = type.fidelities.map {
        dmo_fidelity_level(
          id: UnsafePointer(arena.text($0.id)), summary: UnsafePointer(arena.text($0.summary)),
          relative_cost: $0.relativeCost)
      }
      let made = Constant(
        dmo_fidelity(
          struct_size: UInt32(MemoryLayout<dmo_fidelity>.size),
          level_size: UInt32(MemoryLayout<dmo_fidelity_level>.stride), level_count: UInt32(levels.count), reserved: 0,
          levels: arena.array(levels)))
      tables[ObjectIdentifier(type)] = made
      return made
    }
    return table.pointer
  }
}
