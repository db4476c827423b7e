import DMOCore
import DMOHost
import Synchronization

/// Evaluations in worker processes, one plugin instance in each.
///
/// Whoever waits in `next` serves the workers' connections; while nobody does, a thread of the pool's own serves them,
/// so that deadlines hold and queued requests start. A worker that dies or is killed is replaced when the next request
/// needs it, later and later when it dies again and again. All methods may be called from any thread.
public final class WorkerPool: Evaluator, Sendable {
  public let plugin: PluginInfo
  public let problem: ProblemInfo
  public let spec: ProblemSpec
  public var capacity: Int { settings.jobs }

  let settings: WorkerSettings
  private let state: Mutex<PoolState>
  /// Wakes the pool's own thread; others that wait in `next`; ends all waiting.
  private let wake: WakeEvent
  private let news: WakeEvent
  private let stop: WakeEvent
  private let helper: WorkerClient

  /// How long the pool's own thread leaves the connections to callers that keep coming back, in seconds.
  private static let patience = 0.005

  /// Starts the first worker and creates the problem's instance in it; the other workers start when they are needed.
  /// - Throws: `PluginError` when the plugin cannot be loaded or refuses its options, `EvaluatorError` when no worker
  ///   can be started.
  public init(_ selection: PluginSelection, settings: WorkerSettings = WorkerSettings()) throws {
    let session = WorkerSession(selection: selection, settings: settings)
    self.settings = settings
    (wake, news, stop) = (try WakeEvent(), try WakeEvent(), try WakeEvent())
    let first = WorkerClient(session, instance: true, expected: nil, stop: stop)
    let (worker, described) = try first.startForPool()
    guard let problem = described.1, let spec = problem.spec else {
      throw EvaluatorError(.protocolViolation, "the worker described no problem")
    }
    (plugin, self.problem, self.spec) = (described.0, problem, spec)
    helper = WorkerClient(session, instance: true, expected: problem, stop: stop)
    state = Mutex(PoolState(session: session, problem: problem, spec: spec, first: worker))
    let (state, wake, news) = (Unowned(self), wake, news)
    Thread.start { WorkerPool.serve(state, wake, news) }
  }

  deinit { shutdown() }

  // MARK: - Evaluations

  public func submit(_ request: EvaluationRequest) {
    precondition(request.x.count == spec.space.dimension, "x has the wrong length")
    let (mustWake, othersWait) = state.withLock { state in
      state.enqueue(request, now: Clock.now)
      return (state.ownThreadMustLook, state.waiting > 0)
    }
    if mustWake { wake.signal() }
    if othersWait { news.signal() }
  }

  public func next(timeout seconds: Double?) -> EvaluationResult? {
    let end = seconds.map { Clock.now + $0 }
    var hasLooked = false
    if seconds != 0 { spin() }
    while true {
      enum Step {
        case answer(EvaluationResult?)
        case wait(PollSet, Double?)
      }
      let looked = hasLooked
      let step: Step = state.withLock { state in
        if let result = state.takeResult() { return .answer(result) }
        let now = Clock.now
        if !state.hasWork || state.isStopped || (looked && end.map { now >= $0 } ?? false) { return .answer(nil) }
        state.waiting += 1
        var set = state.pollSet()
        set.add(news.fd)
        set.add(stop.fd)
        let until = [end, state.nextEvent].compactMap { $0 }.min()
        return .wait(set, until.map { $0 - now })
      }
      guard case .wait(var set, let seconds) = step else {
        if case .answer(let result) = step { return result }
        return nil
      }
      set.wait(seconds)
      hasLooked = true
      if set.isReady(news.fd) { news.clear() }
      let (mustWake, othersWait) = state.withLock { state in
        state.waiting -= 1
        state.service(set, now: Clock.now)
        return (state.ownThreadMustLook, state.waiting > 0 && state.hasResult)
      }
      if mustWake { wake.signal() }
      if othersWait { news.signal() }
    }
  }

  /// Where answers take microseconds, waits for one without sleeping, for a few tens of microseconds at most.
  private func spin() {
    guard var gate = state.withLock({ state in !state.hasResult && state.expectsSoon() ? state.gate : nil }) else {
      return
    }
    _ = gate.look { state.withLock { $0.look() } }
    state.withLock { $0.gate = gate }
  }

  /// Asks the plugin to stop an evaluation (its `cancelled()` answers 1); one that still waits is answered at once. It
  /// is answered in any case.
  public func cancel(_ id: UInt64) {
    state.withLock { $0.cancel(id) }
    news.signal()
  }

  /// The pool's own thread.
  private static func serve(_ pool: Unowned, _ wake: WakeEvent, _ news: WakeEvent) {
    while let (set, seconds, polls) = pool.with({ $0.ownWait() }) {
      var set = set
      set.wait(seconds)
      if set.isReady(wake.fd) { wake.clear() }
      let tellOthers = pool.with { pool in
        pool.state.withLock { state in
          state.ownThread = .running
          if polls { state.service(set, now: Clock.now) }
          return state.waiting > 0 && state.hasResult
        }
      }
      if tellOthers ?? false { news.signal() }
    }
  }

  /// What the own thread waits for next; nil when it shall end.
  private func ownWait() -> (PollSet, Double?, Bool)? {
    state.withLock { state in
      if state.isStopped { return nil }
      var set = PollSet()
      if state.waiting == 0 { set = state.pollSet() }
      set.add(wake.fd)
      set.add(stop.fd)
      let now = Clock.now
      if state.waiting > 0 {
        state.ownThread = .leavesItToOthers
        return (set, Self.patience, false)
      }
      if !state.hasWork && !state.hasEndings && !state.wasBusy {
        state.ownThread = .idle
        return (set, nil, true)
      }
      // A caller that comes and goes quickly keeps serving; this thread looks again after a while only.
      if state.wasBusy {
        state.wasBusy = false
        state.ownThread = .leavesItToOthers
        var brief = PollSet()
        brief.add(wake.fd)
        brief.add(stop.fd)
        return (brief, Self.patience, false)
      }
      state.ownThread = .polls(until: state.nextEvent ?? .infinity, version: state.workersVersion)
      return (set, state.nextEvent.map { $0 - now }, true)
    }
  }

  // MARK: - Calls that block

  public func vjp(_ request: EvaluationRequest, ybar: [Double]) -> (result: EvaluationResult, xbar: [Double]?) {
    helper.derivative(.vjp, request, ybar, spec, answers: spec.space.dimension)
  }

  /// J(x) ẋ by the plugin's own exact derivative, with y. Blocks. Nil ẏ unless the status is OK.
  public func jvp(_ request: EvaluationRequest, xdot: [Double]) -> (result: EvaluationResult, ydot: [Double]?) {
    let (result, ydot) = helper.derivative(.jvp, request, xdot, spec, answers: spec.outputs.dimension)
    return (result, ydot)
  }

  /// Evaluates points of one fidelity in one call, through `dmo.batch/1` where the plugin has it. Blocks.
  /// - Throws: `EvaluatorError`: the worker died or was too slow, so that none was answered.
  public func evaluateBatch(_ requests: [EvaluationRequest]) throws -> [EvaluationResult] {
    try helper.batch(requests, spec)
  }

  public var composite: (any Composite)? {
    problem.extensions.contains(.compose) ? WorkerComposite(client: helper, spec: spec) : nil
  }

  public func draw(_ request: EvaluationRequest) throws -> [Artifact] { try helper.draw(request) }

  /// The points that the plugin's author vouches for; empty without `dmo.reference/1`. Blocks. - Throws:
  /// `EvaluatorError`
  public func referencePoints() throws -> [ReferencePoint] { try helper.referencePoints(spec) }

  public func shutdown() {
    stop.signal()
    wake.signal()
    state.withLock { $0.stop(now: Clock.now) }
    helper.shutdown()
  }
}

/// A reference that the pool's thread does not keep the pool alive by.
private final class Unowned: Sendable {
  // A weak reference is read and cleared atomically by the runtime.
  nonisolated(unsafe) private weak var pool: WorkerPool?
  init(_ pool: WorkerPool) { self.pool = pool }

  /// Nil when the pool is gone.
  func with<T>(_ body: (WorkerPool) -> T?) -> T? { pool.flatMap(body) }
}
