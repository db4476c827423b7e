import DMOCore
import DMOHost

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// The ranks of `mpirun`: rank 0 drives a study, the others evaluate, alone or in groups.
///
/// Rank 0 makes one `MPIEvaluator` of it; every other rank calls `serve`. Rank 0 must call `dismiss` before it ends.
public final class MPIWorld: @unchecked Sendable {
  // Handed from thread to thread with its transport, never shared.

  public var rank: Int { transport.rank }
  public var size: Int { transport.size }
  /// The MPI's name and version.
  public var library: String { transport.library }
  public let ranksPerEvaluation: Int
  /// How many evaluations run at the same time.
  public var groups: Int { (size - 1) / ranksPerEvaluation }
  /// Ranks that are too few for another group, and do nothing.
  public var idleRanks: Int { (size - 1) % ranksPerEvaluation }

  let transport: MPITransport
  private var isDismissed = false

  /// Starts MPI. Collective over all ranks, with the same arguments.
  /// - Throws: `EvaluatorError`: no MPI library, or too few ranks (told on rank 0; the others are dismissed).
  public init(libraryPaths: [String], ranksPerEvaluation: Int = 1) throws(EvaluatorError) {
    self.ranksPerEvaluation = max(1, ranksPerEvaluation)
    transport = try MPITransport(paths: libraryPaths)
    let group = transport.rank > 0 ? (transport.rank - 1) / self.ranksPerEvaluation : groups
    try transport.join(group < groups ? group : nil)
    if groups > 0 || transport.rank > 0 { return }
    let size = transport.size
    dismiss()
    throw EvaluatorError(
      .unsupported,
      "--executor mpi has \(size) rank\(size == 1 ? "" : "s"), and needs \(1 + self.ranksPerEvaluation): one drives, "
        + "\(self.ranksPerEvaluation) evaluate; start it as `mpirun -n \(1 + 4 * self.ranksPerEvaluation) dmo …`")
  }

  /// The rank that speaks for a group.
  func leader(of group: Int) -> Int { 1 + group * ranksPerEvaluation }

  /// Rank 0: sends the others home and ends MPI. Idempotent.
  public func dismiss() {
    if isDismissed { return }
    isDismissed = true
    do throws(EvaluatorError) {
      for other in 1..<max(size, 1) { try transport.send([], to: other) }
      try transport.finish()
    } catch { transport.abort(EXIT_FAILURE) }
  }

  /// Every other rank: evaluates until rank 0 sends it home.
  /// - Parameters:
  ///   - settings: how this rank starts its worker; time limits and such come from rank 0.
  /// - Returns: the exit status.
  public func serve(_ settings: WorkerSettings) -> Int32 {
    // mpirun passes signals on to every rank: rank 0 decides what they mean.
    for number in [SIGINT, SIGTERM, SIGUSR1] { signal(number, SIG_IGN) }
    do throws(EvaluatorError) {
      if ranksPerEvaluation == 1 {
        try MPIRank(transport: transport, settings: settings).serve()
      } else {
        var isDismissed = false
        if transport.groupSize > 0 {
          isDismissed = try MPIGroupMember(transport: transport, log: settings.onEvent).serve()
        }
        if !isDismissed { try awaitDismissal() }
      }
      try transport.finish()
      return EXIT_SUCCESS
    } catch {
      fputs("dmo (rank \(rank)): \(error.detail)\n", WorldStreams.standardError)
      transport.abort(EXIT_FAILURE)
      return EXIT_FAILURE
    }
  }

  /// MPI ends for all ranks together.
  private func awaitDismissal() throws(EvaluatorError) {
    var patience = MPIPatience()
    while try transport.receive() == nil { patience.pause() }
  }
}

enum WorldStreams {
  static var standardError: UnsafeMutablePointer<FILE>? { fdopen(2, "w") }
}
