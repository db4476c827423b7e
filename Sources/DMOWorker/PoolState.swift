import DMOCore
import DMOHost

/// The queue, the workers and the results of a `WorkerPool`; touched under its lock only. Nothing here waits, but for
/// `stop`.
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

  private struct Slot {
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
  }

  let session: WorkerSession
  let problem: ProblemInfo
  let spec: ProblemSpec
  private var slots: [Slot]
  /// Workers on their way out; what is said of them was said already, unless `explains` asks for how they end.
  private var ending: [(worker: WorkerProcess, explains: Lost?)] = []
  private var queue: [EvaluationRequest] = []
  private var queueHead = 0
  private var results: [EvaluationResult] = []
  private var resultsHead = 0
  private var started = 1
  /// Starts that failed one after the other, over all slots.
  private var failedStarts = 0

  /// Callers that wait in `next`.
  var waiting = 0
  var ownThread = OwnThread.running
  /// Whether callers served the connections lately.
  var wasBusy = false
  private(set) var isStopped = false
  /// Counts the workers that were started.
  private(set) var workersVersion = 0

  /// An evaluation whose worker went away: answered as soon as it is known how.
  private struct Lost {
    var request: EvaluationRequest
    var start: Double
    var slot: Int
  }

  /// After so many failed starts in a row, queued requests are answered instead of tried.
  private static let patience = 3

  init(session: WorkerSession, problem: ProblemInfo, spec: ProblemSpec, first: WorkerProcess) {
    (self.session, self.problem, self.spec) = (session, problem, spec)
    slots = Array(repeating: Slot(), count: session.settings.jobs)
    slots[0].phase = .idle(first)
  }

  // MARK: - Questions

  private var queued: Int { queue.count - queueHead }
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

  func pollSet() -> PollSet {
    var set = PollSet()
    for slot in slots {
      switch slot.phase {
      case .empty: continue
      case .starting(let worker, _), .idle(let worker), .busy(let worker, _, _, _):
        // The output after the connection: whatever was printed before an answer is seen in the same look as the answer.
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

  private mutating func answer(
    _ request: EvaluationRequest, _ status: EvaluationStatus, _ message: String, worker: Int = -1, seconds: Double = 0,
    printed: String = ""
  ) {
    results.append(
      EvaluationResult(
        id: request.id, status: status, y: Array(repeating: .nan, count: spec.outputs.dimension), message: message,
        wallSeconds: seconds, worker: worker, printed: printed))
  }

  /// Hands queued requests to idle workers, and starts workers for the rest.
  private mutating func dispatch(now: Double) {
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
      worker.send(session.opening(worker))
      slots[k].phase = .starting(worker, deadline: now + session.settings.startTimeout)
      workersVersion += 1
    } catch {
      failedStart(k, error.detail, now: now)
    }
  }

  private mutating func failedStart(_ k: Int, _ reason: String, now: Double) {
    failedStarts += 1
    slots[k].deaths += 1
    slots[k].phase = .empty(notBefore: now + pause(slots[k].deaths))
    guard failedStarts >= Self.patience else { return }
    failedStarts = 0
    for request in queue[queueHead...] { answer(request, .crashed, "no worker can be started: \(reason)") }
    (queue, queueHead) = ([], 0)
  }

  /// How long to wait before the next start, in seconds: nothing after two deaths, then from 20 ms, doubling, to 1 s.
  private func pause(_ deaths: Int) -> Double { deaths <= 2 ? 0 : min(0.02 * Double(1 << min(deaths - 3, 8)), 1) }

  // MARK: - Workers

  /// Takes in what the workers sent, ends those that are due, starts what can start.
  mutating func service(_ ready: PollSet, now: Double) {
    for k in slots.indices { service(k, ready, now) }
    if !ending.isEmpty { reap(now) }
    if queued > 0 { dispatch(now: now) }
  }

  private mutating func service(_ k: Int, _ ready: PollSet, _ now: Double) {
    let worker: WorkerProcess
    switch slots[k].phase {
    case .empty: return
    case .idle(let w), .starting(let w, _), .busy(let w, _, _, _): worker = w
    }
    if ready.isReady(worker.output) { worker.drainOutput() }
    let ended = ready.isReady(worker.pidfd)
    if ended || ready.isReady(worker.control) {
      worker.flush()
      let open = worker.receive()
      do throws(WireError) {
        while let frame = try worker.nextFrame(limit: frameLimit(k)) { try take(frame, k, worker, now) }
      } catch {
        lose(k, worker, now, .protocolViolation(error.detail))
        return
      }
      if !open || ended {
        lose(k, worker, now, .gone)
        return
      }
    }
    // An answer that came just in time moved the slot on.
    switch slots[k].phase {
    case .starting(_, let deadline) where now >= deadline: lose(k, worker, now, .tooSlow)
    case .busy(_, _, _, let deadline) where now >= deadline: lose(k, worker, now, .tooSlow)
    default: break
    }
  }

  private func frameLimit(_ k: Int) -> Int {
    if case .starting = slots[k].phase { return WorkerSession.openingLimit }
    return spec.outputs.dimension * 8 + (1 << 21)
  }

  private mutating func take(_ frame: Frame, _ k: Int, _ worker: WorkerProcess, _ now: Double) throws(WireError) {
    if frame.kind == .log { return try session.passOn(frame, worker) }
    switch slots[k].phase {
    case .starting:
      let problem: ProblemInfo?
      do throws(PluginError) { problem = try session.opened(frame).1 } catch {
        // It answered; that it refuses now what it took before is no crash, but as useless.
        retire(k, worker, now)
        failedStart(k, error.description, now: now)
        return
      }
      guard problem == self.problem else { throw WireError("the plugin's tables changed since the study began") }
      failedStarts = 0
      slots[k].phase = .idle(worker)
    case .busy(_, let request, let start, _):
      var reader = WireReader(frame.payload)
      guard frame.id == request.id else { throw WireError("an answer to request \(frame.id) instead of \(request.id)") }
      if frame.kind == .progress {
        let fraction = try reader.double()
        session.settings.onEvent?(.progress(id: request.id, fraction: fraction.isNaN ? 0 : min(max(fraction, 0), 1)))
        return
      }
      guard frame.kind == .done else { throw WireError("an answer of kind \(frame.kind)") }
      var result = try reader.evaluationResult(request.id, spec.outputs)
      try reader.finish()
      (result.wallSeconds, result.worker, result.printed) = (now - start, k, worker.takePrinted())
      results.append(result)
      slots[k].deaths = 0
      slots[k].phase = .idle(worker)
      if result.status == .fatal {
        retire(k, worker, now)
        session.settings.onEvent?(.workerEnded(worker: k, reason: "the plugin answered FATAL: \(result.message)"))
      }
    case .idle, .empty: throw WireError("an answer of kind \(frame.kind) that nobody asked for")
    }
  }

  private enum Loss {
    case gone
    case tooSlow
    case protocolViolation(String)
  }

  /// Ends a worker that cannot go on, and answers its request.
  private mutating func lose(_ k: Int, _ worker: WorkerProcess, _ now: Double, _ loss: Loss) {
    let phase = slots[k].phase
    let grace = session.settings.killGrace
    worker.drainOutput()
    var explains: Lost?
    switch (loss, phase) {
    case (.gone, .busy(_, let request, let start, _)):
      explains = Lost(request: request, start: start, slot: k)
    case (.tooSlow, .busy(_, let request, let start, _)):
      let limit = session.settings.evaluationTimeout ?? 0
      answer(
        request, .timedOut, "no answer within \(limit) s; its process was killed", worker: k, seconds: now - start,
        printed: worker.takePrinted())
    case (.protocolViolation(let detail), .busy(_, let request, let start, _)):
      answer(
        request, .crashed, "its worker broke the protocol: \(detail)", worker: k, seconds: now - start,
        printed: worker.takePrinted())
    default: break
    }
    // A process that is gone needs a moment until the system can tell how.
    if case .gone = loss { worker.retire(at: now, grace: 0.2) } else { worker.terminate(at: now, grace: grace) }
    ending.append((worker, explains))
    if case .starting = phase {
      let printed = worker.takePrinted()
      let reason: PluginError
      switch loss {
      case .gone: reason = session.died("its process ended", printed: printed)
      case .tooSlow: reason = session.tooSlow(printed: printed)
      case .protocolViolation(let detail): reason = session.died("it broke the protocol: \(detail)", printed: printed)
      }
      failedStart(k, reason.description, now: now)
    } else {
      slots[k].deaths += 1
      slots[k].phase = .empty(notBefore: now + pause(slots[k].deaths))
    }
    reap(now)
  }

  private mutating func retire(_ k: Int, _ worker: WorkerProcess, _ now: Double) {
    worker.retire(at: now, grace: session.settings.killGrace)
    ending.append((worker, nil))
    slots[k].phase = .empty(notBefore: now)
  }

  /// Takes leave of the workers that have ended.
  private mutating func reap(_ now: Double) {
    var left: [(worker: WorkerProcess, explains: Lost?)] = []
    for (worker, lost) in ending {
      guard worker.reap(at: now, grace: session.settings.killGrace) else {
        left.append((worker, lost))
        continue
      }
      guard let lost else { continue }
      let reason = worker.ending ?? "the plugin's process is gone"
      answer(
        lost.request, .crashed, reason, worker: lost.slot, seconds: now - lost.start, printed: worker.takePrinted())
      session.settings.onEvent?(.workerEnded(worker: lost.slot, reason: reason))
    }
    ending = left
  }

  /// Ends all workers and waits for that, at most about three grace times.
  mutating func stop(now: Double) {
    if isStopped { return }
    isStopped = true
    for k in slots.indices {
      switch slots[k].phase {
      case .empty: continue
      case .idle(let worker):
        worker.retire(at: now, grace: session.settings.killGrace)
        ending.append((worker, nil))
      case .starting(let worker, _):
        worker.terminate(at: now, grace: session.settings.killGrace)
        ending.append((worker, nil))
      case .busy(let worker, let request, let start, _):
        worker.setCancelled(true)
        worker.terminate(at: now, grace: session.settings.killGrace)
        ending.append((worker, nil))
        answer(request, .cancelled, "the workers were stopped", worker: k, seconds: now - start)
      }
      slots[k].phase = .empty(notBefore: .infinity)
    }
    for request in queue[queueHead...] { answer(request, .cancelled, "the workers were stopped") }
    (queue, queueHead) = ([], 0)
    while !ending.isEmpty {
      reap(Clock.now)
      guard let next = nextEvent else { continue }
      var set = PollSet()
      for (worker, _) in ending { set.add(worker.pidfd) }
      set.wait(min(next - Clock.now, 0.05))
    }
  }
}
