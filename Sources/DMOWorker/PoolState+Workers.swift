import DMOCore
import DMOHost

extension PoolState {
  /// Takes in what the workers sent, ends those that are due, starts what can start.
  mutating func service(_ ready: PollSet, now: Double) {
    for k in slots.indices { service(k, ready, now) }
    if !ending.isEmpty { reap(now) }
    if queued > 0 { dispatch(now: now) }
  }

  /// One look at the workers that evaluate, without waiting. - Returns: whether there was something to see.
  mutating func look() -> Bool {
    var found = hasResult
    for k in slots.indices {
      guard case .busy(let worker, _, _, _) = slots[k].phase else { continue }
      guard worker.receive() else { return true }
      guard worker.hasInput else { continue }
      found = true
      // Whatever was printed before an answer belongs to it.
      worker.drainOutput()
      take(framesOf: k, worker, Clock.now)
    }
    if found && queued > 0 { dispatch(now: Clock.now) }
    return found
  }

  /// Takes in the frames that came whole. - Returns: false when the worker broke the protocol and was given up.
  @discardableResult
  private mutating func take(framesOf k: Int, _ worker: WorkerProcess, _ now: Double) -> Bool {
    do throws(WireError) {
      while let frame = try worker.nextFrame(limit: frameLimit(k)) { try take(frame, k, worker, now) }
      return true
    } catch {
      lose(k, worker, now, .protocolViolation(error.detail))
      return false
    }
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
      guard take(framesOf: k, worker, now) else { return }
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
      slots[k].wasShort = result.wallSeconds < SpinGate.short
      slots[k].phase = .idle(worker)
      if result.status == .fatal {
        retire(k, worker, now, "the plugin answered FATAL: \(result.message)")
      } else if worker.isNearlyFull {
        retire(k, worker, now, "its memory has nearly reached the limit, so that another takes over")
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
    reap(now)
    if case .starting = phase {
      let printed = worker.takePrinted()
      let reason: PluginError
      switch loss {
      case .gone: reason = session.died(worker.ending ?? "the plugin's process is gone", printed: printed)
      case .tooSlow: reason = session.tooSlow(printed: printed)
      case .protocolViolation(let detail): reason = session.died("it broke the protocol: \(detail)", printed: printed)
      }
      failedStart(k, reason.description, now: now)
    } else {
      slots[k].deaths += 1
      slots[k].phase = .empty(notBefore: now + pause(slots[k].deaths))
    }
  }

  private mutating func retire(_ k: Int, _ worker: WorkerProcess, _ now: Double, _ reason: String? = nil) {
    if let reason { session.settings.onEvent?(.workerEnded(worker: k, reason: reason)) }
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
      var reason = worker.ending ?? "the plugin's process is gone"
      let isLate = worker.usedUpTime
      if isLate { reason = "more than \(session.settings.limits.cpuSeconds ?? 0) s of processor time; it was killed" }
      answer(
        lost.request, isLate ? .timedOut : .crashed, reason, worker: lost.slot, seconds: now - lost.start, printed: worker.takePrinted())
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
