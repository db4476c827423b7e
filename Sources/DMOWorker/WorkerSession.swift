import DMOCore
import DMOHost

/// What dmo says to a worker and what it makes of the answers, apart from when.
struct WorkerSession: Sendable {
  let selection: PluginSelection
  let settings: WorkerSettings

  /// The request that a new worker gets first.
  func opening(_ worker: WorkerProcess, instance: Bool = true) -> [UInt8] {
    var frame = WireWriter(.open)
    frame.put(
      OpenRequest(
        path: selection.path,
        selection: instance ? .init(problem: selection.problem, options: selection.options) : nil,
        scratchFolder: worker.scratch.path, threads: settings.threadsPerWorker, limits: settings.limits))
    return frame.finished()
  }

  /// The largest answer to the opening request.
  static let openingLimit = 1 << 28

  /// Reads the answer to `opening`. - Throws: `PluginError`
  func opened(_ frame: Frame, instance: Bool = true) throws(PluginError) -> (PluginInfo, ProblemInfo?) {
    let answer: Result<(PluginInfo, ProblemInfo?), PluginError>
    do throws(WireError) { answer = try read(frame, instance) } catch { throw violation(error) }
    let (plugin, problem) = try answer.get()
    let checks = TableChecks(path: selection.path)
    try checks.check(plugin)
    if let problem { try checks.check(problem) }
    return (plugin, problem)
  }

  private func read(
    _ frame: Frame, _ instance: Bool
  ) throws(WireError) -> Result<(PluginInfo, ProblemInfo?), PluginError> {
    var reader = WireReader(frame.payload)
    if frame.kind == .refused { return .failure(try reader.pluginError()) }
    guard frame.kind == .done else { throw WireError("an answer of kind \(frame.kind) to the opening request") }
    let plugin = try reader.pluginInfo()
    var problem: ProblemInfo?
    if instance {
      problem = try reader.problemInfo()
      guard problem?.spec != nil else { throw WireError("an instance without a spec") }
    }
    try reader.finish()
    return .success((plugin, problem))
  }

  /// Why no worker came up, once its process has ended or was given up.
  func died(_ reason: String, printed: String) -> PluginError {
    let tail = printed.isEmpty ? "" : "\nit printed: \(TableChecks.readable(printed))"
    return PluginError(
      .died, path: selection.path, detail: "loading the plugin failed: \(reason)\(tail)",
      hint: "run it under a debugger with --in-process")
  }

  func tooSlow(printed: String) -> PluginError {
    PluginError(
      .timedOut, path: selection.path,
      detail: "loading the plugin took more than \(settings.startTimeout) s"
        + (printed.isEmpty ? "" : "\nit printed: \(TableChecks.readable(printed))"),
      hint: "run it under a debugger with --in-process")
  }

  private func violation(_ error: WireError) -> PluginError {
    PluginError(.died, path: selection.path, detail: "its worker broke the protocol: \(error.detail)")
  }
}
