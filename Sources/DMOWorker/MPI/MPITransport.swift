import CMPITransport

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// MPI as dmo needs it, from a library that is opened when asked for, so that dmo runs without any MPI.
///
/// One thread at a time may call it.
final class MPITransport: @unchecked Sendable {
  // The owner hands it from the thread that starts MPI to the one that serves, and back at the end.

  let rank: Int
  let size: Int
  /// The MPI's name and version.
  let library: String
  private let table: dmo_mpi_transport

  /// Opens the library and starts MPI. Collective over all ranks.
  /// - Parameter paths: where to look, in this order.
  /// - Throws: `EvaluatorError`: no library, another version, MPI refused.
  init(paths: [String]) throws(EvaluatorError) {
    table = try Self.open(paths)
    var (rank, size): (Int32, Int32) = (0, 0)
    var name = [CChar](repeating: 0, count: 256)
    if table.start(&rank, &size, &name, name.count) != 0 {
      throw EvaluatorError(.system, "MPI does not start: \(Self.reason(table))")
    }
    (self.rank, self.size) = (Int(rank), Int(size))
    library = String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  private static func open(_ paths: [String]) throws(EvaluatorError) -> dmo_mpi_transport {
    var reasons: [String] = []
    for path in paths {
      // Global, since MPI implementations open parts of themselves that look for each other's symbols.
      guard let handle = dlopen(path, RTLD_NOW | RTLD_GLOBAL) else {
        reasons.append(dlerror().map { String(cString: $0) } ?? "\(path): cannot be opened")
        continue
      }
      guard let symbol = dlsym(handle, "dmo_mpi_transport_v1") else {
        reasons.append("\(path): is not dmo's MPI library")
        continue
      }
      let entry = unsafeBitCast(symbol, to: dmo_mpi_transport_v1_fn.self)
      guard let table = entry().map(\.pointee), table.version == UInt32(DMO_MPI_TRANSPORT_VERSION),
        table.struct_size >= UInt32(MemoryLayout<dmo_mpi_transport>.size)
      else {
        reasons.append("\(path): was built for another dmo; build it again with `make mpi`")
        continue
      }
      return table
    }
    throw EvaluatorError(
      .unsupported, "--executor mpi needs libdmo-mpi.so, which `make mpi` builds: \(reasons.joined(separator: "; "))")
  }

  private static func reason(_ table: dmo_mpi_transport) -> String {
    table.error().map { String(cString: $0) } ?? "it gives no reason"
  }

  private func check(_ status: Int32) throws(EvaluatorError) {
    if status != 0 { throw EvaluatorError(.system, "MPI: \(Self.reason(table))") }
  }

  /// Sends a message and returns at once. - Throws: `EvaluatorError`
  func send(_ bytes: [UInt8], to rank: Int) throws(EvaluatorError) {
    try check(bytes.withUnsafeBytes { table.send(Int32(rank), $0.baseAddress, $0.count) })
  }

  /// The next message, if one has come. - Throws: `EvaluatorError`
  func receive() throws(EvaluatorError) -> (from: Int, bytes: [UInt8])? {
    var from: Int32 = 0
    let count = table.probe(&from)
    if count == Int64(DMO_MPI_NOTHING) { return nil }
    try check(count < 0 ? -1 : 0)
    var bytes = [UInt8](repeating: 0, count: Int(count))
    try check(bytes.withUnsafeMutableBytes { table.take($0.baseAddress, $0.count) })
    return (Int(from), bytes)
  }

  /// Collective over all ranks: this one joins a group; nil: none. - Throws: `EvaluatorError`
  func join(_ group: Int?) throws(EvaluatorError) { try check(table.join(group.map(Int32.init(clamping:)) ?? -1)) }

  /// Collective in the group: a message from its rank 0 to all. - Throws: `EvaluatorError`
  func share(_ message: [UInt8]?) throws(EvaluatorError) -> [UInt8] {
    var count = UInt64(message?.count ?? 0)
    try check(withUnsafeMutableBytes(of: &count) { table.share($0.baseAddress, $0.count) })
    var bytes = message ?? [UInt8](repeating: 0, count: Int(count))
    if count > 0 { try check(bytes.withUnsafeMutableBytes { table.share($0.baseAddress, $0.count) }) }
    return bytes
  }

  var groupRank: Int { Int(table.group_rank()) }
  var groupSize: Int { Int(table.group_size()) }
  var groupCommunicator: UnsafeRawPointer? { table.group_communicator() }
  var allGather: (UnsafeRawPointer?, Int, UnsafeMutablePointer<Int>?) -> UnsafeRawPointer? {
    { [table] mine, count, counts in table.all_gather(mine, count, counts) }
  }

  /// Ends MPI, once what was sent has left. Collective. - Throws: `EvaluatorError`
  func finish() throws(EvaluatorError) { try check(table.finish()) }

  /// Ends every rank at once.
  func abort(_ status: Int32) { table.abort(status) }
}

/// Looks away for longer and longer while nothing comes, half a millisecond at most: MPI has no descriptor to sleep on,
/// and asking without a pause would take the processor from a simulator.
struct MPIPatience {
  private static let least: UInt32 = 10
  private static let most: UInt32 = 500
  private(set) var microseconds = least

  mutating func reset() { microseconds = Self.least }

  mutating func pause() { usleep(lengthened()) }

  /// How long to look away now, in microseconds; the next time twice as long.
  mutating func lengthened() -> UInt32 {
    defer { microseconds = min(2 * microseconds, Self.most) }
    return microseconds
  }
}
