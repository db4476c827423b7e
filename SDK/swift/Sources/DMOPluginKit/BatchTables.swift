import Synchronization

/// The batch tables by preferred size: `extension()` may be asked from any thread, and must give the same table each
/// time.
final class BatchTables: Sendable {
  private let tables = Mutex<[Int: Constant<dmo_batch>]>([:])

  func table(_ type: any BatchSimulator.Type) -> UnsafePointer<dmo_batch> {
    let size = type.preferredBatchSize
    let table = tables.withLock { tables in
      if let known = tables[size] { return known }
      let made = makeBatchTable(preferredSize: size)
      tables[size] = made
      return made
    }
    return table.pointer
  }
}
