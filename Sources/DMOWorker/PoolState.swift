import CDMOHost
import DMOCore
import DMOHost

/// The queue, the workers and the results of a `WorkerPool`; touched under its lock only. Nothing here waits, but
/// for `stop`.
struct PoolState {
  enum OwnThread: Equatable {
    case running
    /// Waits for work to be submitted.
    case idle
    /// Callers serve the connections; it looks again soon.
    case leavesItToOthers
    /// Watches the workers as they were at a version of `workersVersion`.
    case polls(until: Double, version: Int)
  }

  struct Slot {
    enum Phase {
      /// No process; none is started before that time.
      case empty(notBefore: Double)
      case starting(WorkerProcess, deadline: Double)
      case idle(WorkerProcess)
      case busy(WorkerProcess, EvaluationRequest, start: Double, deadline: Double)
    }
    var phase = Phase.empty(notBefore: 0)
    /// Deaths since the last answer.
    var deaths = 0
    /// Whether the last answer came soon.
    var wasShort = false
  }

  let session: WorkerSession
  let problem: ProblemInfo
  let spec: ProblemSpec
  var slots: [Slot]
  /// Workers on their way out; what is said of them was said already, unless `explains` asks for how they end.
  var ending: [(worker: WorkerProcess, explains: Lost?)] = []
  var queue: [EvaluationRequest] = []
  var queueHead = 0
  var results: [EvaluationResult] = []
  private var resultsHead = 0
  private var started = 1
  /// Starts that failed one after the other, over all slots.
  var failedStarts = 0

  /// Callers that wait in `next`.
  var waiting = 0
  var ownThread = OwnThread.running
  /// Whether callers served the connections lately.
  var wasBusy = false
  var isStopped = false
  /// Of those that wait in `next`.
  var gate = SpinGate()
  /// Whether a processor is left for each worker and for the caller: only then may any of them wait without sleeping.
  private let hasSpareProcessor: Bool
  /// Counts the workers that were started.
  private(set) var workersVersion = 0

  /// An evaluation whose worker went away: answered as soon as it is known how.
  struct Lost {
    var request: EvaluationRequest
    var start: Double
    var slot: Int
  }

  /// After so many failed starts in a row, queued requests are answered instead of tried.
  static let patience = 3

  init(session: WorkerSession, problem: ProblemInfo, spec: ProblemSpec, first: WorkerProcess) {
    (self.session, self.problem, self.spec) = (session, problem, spec)
    slots = Array(repeating: Slot(), count: max(1, session.settings.jobs))
    hasSpareProcessor = slots.count < Int(dmo_processors())
    first.setSpinning(hasSpareProcessor)
    slots[0].phase = .idle(first)
  }

  // MARK: - Questions

  var queued: Int { queue.count - queueHead }
  var hasResult: Bool { resultsHead < results.count }

  /// Whether a request has no result yet.
  var hasWork: Bool {
    queued > 0 || ending.contains { $0.explains != nil }
      || slots.contains { if case .busy = $0.phase { true } else { false } }
  }

  var hasEndings: Bool { !ending.isEmpty }

  /// When something must happen though no descriptor becomes ready; nil: never.
  var nextEvent: Double? {
    var first: Double?
    func consider(_ time: Double) { if time < first ?? .infinity { first = time } }
    for slot in slots {
      switch slot.phase {
      case .empty(let notBefore): if queued > 0 { consider(notBefore) }
      case .starting(_, let deadline), .busy(_, _, _, let deadline): consider(deadline)
      case .idle: break
      }
    }
    for (worker, _) in ending { worker.nextSignal.map(consider) }
    return first
  }

  /// Whether the pool's own thread waits for the wrong things since the last change.
  var ownThreadMustLook: Bool {
    switch ownThread {
    case .running, .leavesItToOthers: return false
    case .idle: return true
    case .polls(let until, let version): return version != workersVersion || nextEvent ?? .infinity < until
    }
  }

  /// Whether an answer is expected so soon that sleeping would take longer.
  mutating func expectsSoon() -> Bool {
    hasSpareProcessor && slots.contains { slot in
      if case .busy = slot.phase { slot.wasShort } else { false }
    } && gate.opens()
  }

  func pollSet() -> PollSet {
    var set = PollSet()
    for slot in slots {
      switch slot.phase {
      case .empty: continue
      case .starting(let worker, _), .idle(let worker), .busy(let worker, _, _, _):
        // The output after the connection: whatever was printed before an answer is seen in the same look as the
        // answer.
        set.add(worker.control, write: worker.hasOutbox)
        set.add(worker.output)
        set.add(worker.pidfd)
      }
    }
    for (worker, _) in ending {
      set.add(worker.pidfd)
      set.add(worker.output)
    }
    return set
  }

  // MARK: - Requests and results

  mutating func enqueue(_ request: EvaluationRequest, now: Double) {
    if isStopped {
      answer(request, .cancelled, "the workers were stopped")
      return
    }
    queue.append(request)
    dispatch(now: now)
  }

  mutating func takeResult() -> EvaluationResult? {
    guard hasResult else { return nil }
    defer {
      resultsHead += 1
      if resultsHead == results.count { (results, resultsHead) = ([], 0) }
    }
    wasBusy = true
    return results[resultsHead]
  }

  mutating func cancel(_ id: UInt64) {
    if let k = queue[queueHead...].firstIndex(where: { $0.id == id }) {
      answer(queue.remove(at: k), .cancelled, "cancelled before it started")
      return
    }
    for slot in slots {
      if case .busy(let worker, let request, _, _) = slot.phase, request.id == id { worker.setCancelled(true) }
    }
  }

  mutating func answer(
    _ request: EvaluationRequest, _ status: EvaluationStatus, _ message: String, worker: Int = -1, seconds: Double = 0,
    printed: String = ""
  ) {
    results.append(
      EvaluationResult(
        id: request.id, status: status, y: Array(repeating: .nan, count: spec.outputs.dimension), message: message,
        wallSeconds: seconds, worker: worker, printed: printed))
  }

  /// Hands queued requests to idle workers, and starts workers for the rest.
  mutating func dispatch(now: Double) {
    var starting = 0
    for k in slots.indices where queued > 0 {
      switch slots[k].phase {
      case .idle(let worker):
        let request = queue[queueHead]
        queueHead += 1
        if queueHead == queue.count { (queue, queueHead) = ([], 0) }
        var frame = WireWriter(.evaluate, id: request.id)
        frame.put(request)
        worker.setCancelled(false)
        _ = worker.takePrinted()
        worker.send(frame.finished())
        let limit = session.settings.evaluationTimeout ?? .infinity
        slots[k].phase = .busy(worker, request, start: now, deadline: now + limit)
      case .starting: starting += 1
      case .empty, .busy: break
      }
    }
    for k in slots.indices where queued > starting {
      guard case .empty(let notBefore) = slots[k].phase, now >= notBefore else { continue }
      start(k, now: now)
      starting += 1
    }
  }

  private mutating func start(_ k: Int, now: Double) {
    do throws(EvaluatorError) {
      let worker = try WorkerProcess(session.settings, number: started)
      started += 1
      worker.setSpinning(hasSpareProcessor)
      worker.send(session.opening(worker))
      slots[k].phase = .starting(worker, deadline: now + session.settings.startTimeout)
      workersVersion += 1
    } catch {
      failedStart(k, error.detail, now: now)
    }
  }

  mutating func failedStart(_ k: Int, _ reason: String, now: Double) {
    failedStarts += 1
    slots[k].deaths += 1
    slots[k].phase = .empty(notBefore: now + pause(slots[k].deaths))
    guard failedStarts >= Self.patience else { return }
    failedStarts = 0
    for request in queue[queueHead...] { answer(request, .crashed, "no worker can be started: \(reason)") }
    (queue, queueHead) = ([], 0)
  }

  /// How long to wait before the next start, in seconds: nothing after two deaths, then from 20 ms, doubling, to 1 s.
  func pause(_ deaths: Int) -> Double { deaths <= 2 ? 0 : min(0.02 * Double(1 << min(deaths - 3, 8)), 1) }
}
