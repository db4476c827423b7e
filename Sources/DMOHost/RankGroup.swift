import CDMO

/// The MPI ranks that evaluate together, as `dmo.mpi/1` shows them to a plugin.
public final class RankGroup: Sendable {
  /// The bytes of each rank to all, one rank after the other, and how many each gave; nil on failure.
  public typealias AllGather = @convention(c) (
    UnsafePointer<dmo_mpi>?, UnsafeRawPointer?, Int, UnsafeMutablePointer<Int>?
  ) -> UnsafeRawPointer?

  public let rank: Int
  public let size: Int
  // Written here, only read by plugins, and never freed: `dmo.h` promises that it lives as long as the process.
  nonisolated(unsafe) let address: UnsafeRawPointer

  /// - Parameters:
  ///   - rank: this process's number in the group, from 0.
  ///   - size: how many processes evaluate a point together.
  ///   - communicator: `const MPI_Comm *`, or nil where there is no MPI.
  ///   - allGather: hands each rank's bytes to all ranks, in the order of the ranks.
  public init(rank: Int, size: Int, communicator: UnsafeRawPointer?, allGather: @escaping AllGather) {
    (self.rank, self.size) = (rank, size)
    let table = UnsafeMutablePointer<dmo_mpi>.allocate(capacity: 1)
    table.initialize(to: dmo_mpi())
    table.pointee.struct_size = UInt32(MemoryLayout<dmo_mpi>.size)
    (table.pointee.rank, table.pointee.size) = (Int32(rank), Int32(size))
    table.pointee.communicator = communicator
    table.pointee.all_gather = allGather
    address = UnsafeRawPointer(table)
  }

  /// A group of one, without MPI: whoever gathers gets back what it gave.
  public static func alone() -> RankGroup {
    RankGroup(rank: 0, size: 1, communicator: nil) { _, mine, bytes, counts in
      counts?.pointee = bytes
      // Something that is not NULL, the sign of a failure, also for no bytes.
      return mine ?? UnsafeRawPointer(counts)
    }
  }
}
