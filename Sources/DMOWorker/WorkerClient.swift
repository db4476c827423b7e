import DMOCore
import DMOHost
import Synchronization

/// A worker for calls that block: derivatives, goals, pictures, descriptions. Started by the first call, replaced by the
/// first call after its death.
final class WorkerClient: Sendable {
  let session: WorkerSession
  /// Whether the worker holds an instance, or only the plugin's tables.
  let hasInstance: Bool
  /// What the instance must be; nil: whatever it says.
  private let expected: ProblemInfo?
  private let stop: WakeEvent
  private let state = Mutex(State())

  private struct State {
    var worker: WorkerProcess?
    var started = 0
    var requests: UInt64 = 0
    var stopped = false
  }

  init(_ session: WorkerSession, instance: Bool, expected: ProblemInfo?, stop: WakeEvent) {
    (self.session, hasInstance, self.expected, self.stop) = (session, instance, expected, stop)
  }

  /// Ends the worker; a call in progress throws, later ones do, too. Idempotent.
  func shutdown() {
    stop.signal()
    state.withLock { state in
      state.stopped = true
      if let worker = state.worker { end(worker, politely: true) }
      state.worker = nil
    }
  }

  /// Opens the plugin and says what it is. - Throws: `PluginError`, `EvaluatorError`
  func describe() throws -> (PluginInfo, ProblemInfo?) {
    try state.withLock { state in
      if let worker = state.worker { end(worker, politely: true) }
      state.worker = nil
      return try start(&state)
    }
  }

  /// Starts a worker that the caller takes over. - Throws: `PluginError`, `EvaluatorError`
  func startForPool() throws -> (WorkerProcess, (PluginInfo, ProblemInfo?)) {
    try state.withLock { state in
      let described = try start(&state)
      guard let worker = state.worker else { throw EvaluatorError(.crashed, "there is no worker") }
      state.worker = nil
      return (worker, described)
    }
  }

  /// Sends one request and waits for its answer.
  /// - Parameters:
  ///   - limit: the largest payload that the answer may have.
  ///   - fill: writes the request's payload.
  ///   - read: reads the answer's payload; what it throws ends the worker.
  /// - Throws: `EvaluatorError`, `PluginError`, `PluginCallError`
  func call<T: Sendable>(
    _ kind: Frame.Kind, limit: Int, _ fill: (inout WireWriter) -> Void,
    _ read: (inout WireReader) throws(WireError) -> T
  ) throws -> (value: T, printed: String, seconds: Double) {
    try state.withLock { state in
      if state.stopped { throw EvaluatorError(.stopped, "the workers were stopped") }
      if state.worker == nil { _ = try start(&state) }
      guard let worker = state.worker else { throw EvaluatorError(.crashed, "there is no worker") }
      state.requests += 1
      var request = WireWriter(kind, id: state.requests)
      fill(&request)
      let begin = Clock.now
      worker.send(request.finished())
      do {
        let frame = try answer(worker, state.requests, limit, session.settings.evaluationTimeout)
        var reader = WireReader(frame.payload)
        switch frame.kind {
        case .done:
          let value = try read(&reader)
          try reader.finish()
          return (value, worker.takePrinted(), Clock.now - begin)
        case .failed:
          throw PluginCallError(
            EvaluationStatus(rawValue: try reader.integer(Int32.self)), TableChecks.readable(try reader.text()))
        case .refused: throw try reader.pluginError()
        default: throw WireError("an answer of kind \(frame.kind)")
        }
      } catch let error as PluginCallError where error.status != .fatal {
        throw error
      } catch {
        let seconds = session.settings.evaluationTimeout ?? 0
        let why = end(worker, politely: false)
        state.worker = nil
        switch error {
        case let violation as WireError:
          throw EvaluatorError(.protocolViolation, "the worker broke the protocol: \(violation.detail)")
        case is Lost: throw EvaluatorError(.crashed, why)
        case is TimedOut: throw EvaluatorError(.timedOut, "no answer within \(seconds) s")
        default: throw error
        }
      }
    }
  }

  private struct Lost: Error {}
  private struct TimedOut: Error {}

  private func start(_ state: inout State) throws -> (PluginInfo, ProblemInfo?) {
    let worker = try WorkerProcess(session.settings, number: state.started)
    state.started += 1
    worker.send(session.opening(worker, instance: hasInstance))
    do {
      let frame = try answer(worker, 0, WorkerSession.openingLimit, session.settings.startTimeout)
      let described = try session.opened(frame, instance: hasInstance)
      if let expected, described.1 != expected {
        throw PluginError(.badTable, path: session.selection.path, detail: "the plugin's tables changed meanwhile")
      }
      state.worker = worker
      return described
    } catch {
      let why = end(worker, politely: false)
      let printed = worker.takePrinted()
      switch error {
      case let violation as WireError: throw session.died("it broke the protocol: \(violation.detail)", printed: printed)
      case is Lost: throw session.died(why, printed: printed)
      case is TimedOut: throw session.tooSlow(printed: printed)
      default: throw error
      }
    }
  }

  /// The frame that answers a request; log lines on the way are passed on.
  private func answer(_ worker: WorkerProcess, _ id: UInt64, _ limit: Int, _ timeout: Double?) throws -> Frame {
    let end = timeout.map { Clock.now + $0 }
    while true {
      let open = worker.receive()
      worker.drainOutput()
      while let frame = try worker.nextFrame(limit: limit) {
        switch frame.kind {
        case .progress: continue
        case .log: try session.passOn(frame, worker)
        default:
          guard frame.id == id else { throw WireError("an answer to request \(frame.id) instead of \(id)") }
          worker.drainOutput()
          return frame
        }
      }
      if !open { throw Lost() }
      if let end, Clock.now >= end { throw TimedOut() }
      var set = PollSet()
      set.add(worker.control, write: worker.hasOutbox)
      set.add(worker.output)
      set.add(stop.fd)
      set.wait(end.map { $0 - Clock.now })
      if set.isReady(stop.fd) { throw EvaluatorError(.stopped, "the workers were stopped") }
      worker.flush()
    }
  }

  /// Ends the process and waits for that.
  /// - Returns: how it ended, in words.
  @discardableResult
  private func end(_ worker: WorkerProcess, politely: Bool) -> String {
    let grace = session.settings.killGrace
    let begin = Clock.now
    worker.retire(at: begin, grace: politely ? grace : 0.2)
    while !worker.reap(at: Clock.now, grace: grace) {
      var set = PollSet()
      set.add(worker.pidfd)
      set.wait(worker.pidfd < 0 ? 0.01 : (worker.nextSignal ?? Clock.now) - Clock.now)
    }
    return worker.ending ?? "the plugin's process is gone"
  }
}

extension WorkerSession {
  /// Hands a log line to whoever listens. - Throws: `WireError`
  func passOn(_ frame: Frame, _ worker: WorkerProcess) throws(WireError) {
    var reader = WireReader(frame.payload)
    let (level, text) = (try reader.integer(Int32.self), try reader.text())
    settings.onEvent?(.log(worker: worker.number, level: level, text: TableChecks.readable(text)))
  }
}
