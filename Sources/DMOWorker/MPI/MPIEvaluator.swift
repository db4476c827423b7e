import DMOCore
import DMOHost
import Dispatch
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Evaluations on the other ranks of an MPI job; used by rank 0.
///
/// A thread of the evaluator's own hands each request to the rank that has been idle for longest, as soon as there is
/// one, so that ranks stay busy while the caller fits a model. What is not an evaluation (derivatives, goals, pictures)
/// runs in a worker process beside rank 0. When MPI fails, every rank is ended: what was committed stays, and `dmo
/// resume` asks again for what was in flight. Call `shutdown` at the end: the thread keeps the evaluator alive.
public final class MPIEvaluator: Evaluator, Sendable {
  public let world: MPIWorld
  public let local: WorkerPool
  public var spec: ProblemSpec { local.spec }
  public let capacity: Int

  private let state: Mutex<State>
  /// One signal for each result.
  private let finished = DispatchSemaphore(value: 0)
  /// Something was submitted, or all shall end.
  private let news = DispatchSemaphore(value: 0)
  private let ended = DispatchSemaphore(value: 0)

  private struct State {
    var queue: [EvaluationRequest] = []
    var queueHead = 0
    var results: [EvaluationResult] = []
    var inFlight = 0
    var isStopped = false
  }

  /// Opens the plugin beside rank 0 and on every group.
  /// - Throws: `PluginError`: a rank cannot load the plugin, or has another one; `EvaluatorError`.
  public init(_ world: MPIWorld, _ selection: PluginSelection, settings: WorkerSettings) throws {
    var own = settings
    own.jobs = 1
    local = try WorkerPool(selection, settings: own)
    state = Mutex(State())
    (self.world, capacity) = (world, world.groups)
    if world.ranksPerEvaluation > 1 && !local.problem.extensions.contains(.mpi) {
      throw EvaluatorError(
        .unsupported,
        "problem \(local.problem.id) does not offer dmo.mpi/1: one rank evaluates it; leave --ranks-per-evaluation away")
    }
    try open(selection, settings)
    Thread.start { [self] in serve() }
  }

  private func open(_ selection: PluginSelection, _ settings: WorkerSettings) throws {
    let message = MPIMessage.open(selection, settings)
    for group in 0..<world.groups { try world.transport.send(message, to: world.leader(of: group)) }
    var waiting = world.groups
    var patience = MPIPatience()
    var refusal: PluginError?
    while waiting > 0 {
      guard let (rank, bytes) = try world.transport.receive() else {
        patience.pause()
        continue
      }
      waiting -= 1
      let frame = try Frame(message: bytes)
      var reader = WireReader(frame.payload)
      if frame.kind == .refused {
        var error = try reader.pluginError()
        error.detail = "on rank \(rank): \(error.detail)"
        refusal = refusal ?? error
      } else if try reader.problemInfo() != local.problem {
        refusal = refusal
          ?? PluginError(
            .badTable, path: selection.path, detail: "rank \(rank) has another plugin than rank 0",
            hint: "install the same one on every host")
      }
    }
    if let refusal { throw refusal }
  }

  // MARK: - Evaluations

  public func submit(_ request: EvaluationRequest) {
    precondition(request.x.count == spec.space.dimension, "x has the wrong length")
    state.withLock { state in
      state.queue.append(request)
      state.inFlight += 1
    }
    news.signal()
  }

  public func next(timeout seconds: Double?) -> EvaluationResult? {
    let deadline = seconds.map { DispatchTime.now() + max($0, 0) } ?? .distantFuture
    guard state.withLock({ $0.inFlight > 0 }), finished.wait(timeout: deadline) == .success else { return nil }
    return state.withLock { state in
      state.inFlight -= 1
      return state.results.removeFirst()
    }
  }

  /// Between MPI and the queues; the only one to call MPI while it runs.
  private func serve() {
    var idle = Array(0..<world.groups)
    var busy: [Int: EvaluationRequest] = [:]
    var patience = MPIPatience()
    while true {
      do {
        while let (rank, bytes) = try world.transport.receive() {
          patience.reset()
          try take(bytes, from: (rank - 1) / world.ranksPerEvaluation, &busy, &idle)
        }
      } catch { return fail("\(error)") }
      // After the answers: what is idle now has work before anybody waits.
      while let (group, request) = assignment(&idle) {
        busy[group] = request
        guard send(MPIMessage.evaluate(request), to: group) else { return }
        patience.reset()
      }
      if state.withLock({ $0.isStopped }) { break }
      // Nothing can come from idle ranks.
      let pause = busy.isEmpty ? DispatchTime.distantFuture : .now() + .microseconds(Int(patience.lengthened()))
      _ = news.wait(timeout: pause)
    }
    world.dismiss()
    ended.signal()
  }

  private func assignment(_ idle: inout [Int]) -> (Int, EvaluationRequest)? {
    if idle.isEmpty { return nil }
    return state.withLock { state in
      if state.isStopped || state.queueHead == state.queue.count { return nil }
      defer {
        state.queueHead += 1
        if state.queueHead == state.queue.count { (state.queue, state.queueHead) = ([], 0) }
      }
      return (idle.removeFirst(), state.queue[state.queueHead])
    }
  }

  private func send(_ message: [UInt8], to group: Int) -> Bool {
    do throws(EvaluatorError) {
      try world.transport.send(message, to: world.leader(of: group))
      return true
    } catch {
      fail(error.detail)
      return false
    }
  }

  private func take(_ bytes: [UInt8], from group: Int, _ busy: inout [Int: EvaluationRequest], _ idle: inout [Int]) throws {
    let frame = try Frame(message: bytes)
    guard frame.kind == .done, let request = busy.removeValue(forKey: group), request.id == frame.id else {
      throw WireError("rank \(world.leader(of: group)) answered what it was not asked")
    }
    var result = try MPIMessage.result(frame, spec.outputs)
    result.worker = group
    state.withLock { $0.results.append(result) }
    finished.signal()
    idle.append(group)
  }

  /// Nothing can be evaluated any more, and MPI would wait for ever.
  private func fail(_ why: String) {
    fputs("dmo: MPI failed: \(why); go on with `dmo resume`\n", WorldStreams.standardError)
    world.transport.abort(EXIT_FAILURE)
  }

  // MARK: - Calls that block

  public func vjp(_ request: EvaluationRequest, ybar: [Double]) -> (result: EvaluationResult, xbar: [Double]?) {
    local.vjp(request, ybar: ybar)
  }

  public var composite: (any Composite)? { local.composite }

  public func draw(_ request: EvaluationRequest) throws -> [Artifact] { try local.draw(request) }

  /// Sends the other ranks home and ends MPI.
  public func shutdown() {
    let isFirst = state.withLock { state in
      defer { state.isStopped = true }
      return !state.isStopped
    }
    guard isFirst else { return }
    news.signal()
    ended.wait()
    local.shutdown()
  }
}
