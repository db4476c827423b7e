import DMOCore
import DMOHost

/// What rank 0 says to the others, in the frames that dmo and its workers use. An empty message sends a rank home.
enum MPIMessage {
  static func open(_ selection: PluginSelection, _ settings: WorkerSettings) -> [UInt8] {
    var frame = WireWriter(.open)
    frame.put(
      OpenRequest(
        path: selection.path, selection: .init(problem: selection.problem, options: selection.options),
        scratchFolder: "", threads: settings.threadsPerWorker, limits: settings.limits))
    frame.put(settings.evaluationTimeout) { $0.put($1) }
    frame.put(settings.startTimeout)
    return frame.finished()
  }

  static func opened(_ problem: ProblemInfo) -> [UInt8] {
    var frame = WireWriter(.done)
    frame.put(problem)
    return frame.finished()
  }

  static func refused(_ error: PluginError) -> [UInt8] {
    var frame = WireWriter(.refused)
    frame.put(error)
    return frame.finished()
  }

  static func evaluate(_ request: EvaluationRequest) -> [UInt8] {
    var frame = WireWriter(.evaluate, id: request.id)
    frame.put(request)
    return frame.finished()
  }

  static func answer(_ result: EvaluationResult) -> [UInt8] {
    var frame = WireWriter(.done, id: result.id)
    frame.put(result)
    frame.put(result.wallSeconds)
    frame.put(result.printed)
    return frame.finished()
  }

  /// Reads `answer`. A rank's own pool may tell of crashes and time limits, which a plugin cannot.
  static func result(_ frame: Frame, _ outputs: OutputSpace) throws(WireError) -> EvaluationResult {
    var reader = WireReader(frame.payload)
    var result = try reader.evaluationResult(frame.id, outputs, isHosts: true)
    (result.wallSeconds, result.printed) = (try reader.double(), TableChecks.readable(try reader.text()))
    try reader.finish()
    return result
  }
}

/// A rank that evaluates alone, in a worker process of its own: a plugin that crashes costs an evaluation, not the job.
struct MPIRank {
  let transport: MPITransport
  let settings: WorkerSettings

  /// Returns when rank 0 sends this rank home. - Throws: `EvaluatorError`: MPI failed, or rank 0 broke the protocol.
  func serve() throws(EvaluatorError) {
    var pool: WorkerPool?
    defer { pool?.shutdown() }
    var patience = MPIPatience()
    var isBusy = false
    while true {
      if let (_, bytes) = try transport.receive() {
        if bytes.isEmpty { return }
        patience.reset()
        do {
          let frame = try Frame(message: bytes)
          if let pool, frame.kind == .evaluate {
            var reader = WireReader(frame.payload)
            pool.submit(try reader.evaluationRequest())
            isBusy = true
          } else {
            pool = try open(frame)
          }
        } catch let error as EvaluatorError { throw error } catch {
          throw EvaluatorError(.protocolViolation, "rank 0 broke the protocol: \(error)")
        }
      }
      if isBusy, let pool {
        // A word from rank 0 in the meantime can only be the end.
        guard let result = pool.next(timeout: 0.02) else { continue }
        isBusy = false
        try transport.send(MPIMessage.answer(result), to: 0)
      } else {
        patience.pause()
      }
    }
  }

  /// Starts the worker and tells rank 0 how that went. - Returns: nil when the plugin refused.
  private func open(_ frame: Frame) throws -> WorkerPool? {
    var reader = WireReader(frame.payload)
    guard frame.kind == .open else { throw WireError("a frame of kind \(frame.kind) before the plugin was opened") }
    let request = try reader.openRequest()
    var settings = settings
    (settings.jobs, settings.threadsPerWorker, settings.limits) = (1, request.threads, request.limits)
    settings.evaluationTimeout = try reader.optional { r throws(WireError) in try r.double() }
    settings.startTimeout = try reader.double()
    let selection = PluginSelection(
      path: request.path, problem: request.selection?.problem, options: request.selection?.options ?? [:])
    do {
      let pool = try WorkerPool(selection, settings: settings)
      try transport.send(MPIMessage.opened(pool.problem), to: 0)
      return pool
    } catch let error as PluginError {
      try transport.send(MPIMessage.refused(error), to: 0)
    } catch let error as EvaluatorError {
      try transport.send(
        MPIMessage.refused(PluginError(.died, path: request.path, detail: error.detail)), to: 0)
    }
    return nil
  }
}
