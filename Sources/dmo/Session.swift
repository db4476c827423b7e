import DMOCore
import DMOHost
import DMOStudy
import DMOWorker
import Foundation

/// A loaded problem: its evaluator and what it tells of itself.
struct Session {
  let evaluator: any Evaluator
  let plugin: PluginInfo
  let problem: ProblemInfo
  let selection: PluginSelection
  /// The plugin's own derivative; nil where it offers none.
  let exact: (any ExactGradient)?
  var spec: ProblemSpec { evaluator.spec }

  /// Starts the workers (or the instance in this process, or the other ranks' workers).
  /// - Throws: `PluginError`, `EvaluatorError`.
  init(
    _ selection: PluginSelection, jobs: Int, timeout: Double?, inProcess: Bool,
    limits: WorkerLimits = WorkerLimits(), world: MPIWorld? = nil,
    onEvent: (@Sendable (WorkerSettings.Event) -> Void)?
  ) throws {
    self.selection = selection
    if let world {
      let settings = WorkerSettings(evaluationTimeout: timeout, limits: limits, onEvent: onEvent)
      let ranks = try MPIEvaluator(world, selection, settings: settings)
      (evaluator, plugin, problem) = (ranks, ranks.local.plugin, ranks.local.problem)
      exact = ranks.local.problem.extensions.contains(.vjp) ? EvaluatorGradient(ranks) : nil
    } else if inProcess {
      let local = try InProcessEvaluator(selection)
      (evaluator, plugin, problem) = (local, local.plugin, local.problem)
      exact = local.problem.extensions.contains(.vjp) ? EvaluatorGradient(local) : nil
    } else {
      let settings = WorkerSettings(jobs: jobs, evaluationTimeout: timeout, limits: limits, onEvent: onEvent)
      let pool = try WorkerPool(selection, settings: settings)
      (evaluator, plugin, problem) = (pool, pool.plugin, pool.problem)
      exact = pool.problem.extensions.contains(.vjp) ? EvaluatorGradient(pool) : nil
    }
  }

  init(_ options: ProblemOptions, world: MPIWorld? = nil, console: Console) throws {
    try self.init(
      try options.selection(), jobs: options.execution.jobs, timeout: try options.execution.timeoutSeconds(),
      inProcess: options.execution.inProcess, limits: try options.execution.limits.limits(), world: world,
      onEvent: Session.reporter(isVerbose: console.isVerbose))
  }

  /// Tells on standard error what plugins log: warnings and errors, with `-v` everything.
  static func reporter(isVerbose: Bool) -> @Sendable (WorkerSettings.Event) -> Void {
    { event in
      switch event {
      case .log(let worker, let level, let text) where isVerbose || level >= 2:
        Console.write("plugin (worker \(worker)): \(text)\n", to: STDERR_FILENO)
      case .workerEnded(let worker, let reason) where isVerbose:
        Console.write("worker \(worker): \(reason)\n", to: STDERR_FILENO)
      default: break
      }
    }
  }

  /// What a study keeps of the plugin.
  var reference: PluginReference {
    PluginReference(
      path: selection.path, id: plugin.id, name: plugin.name, version: plugin.version,
      fingerprint: Self.fingerprint(of: selection.path))
  }

  /// FNV-1a, 64 bit, of the file's bytes, in hexadecimal; empty when it cannot be read.
  static func fingerprint(of path: String) -> String {
    guard let data = try? Data(contentsOf: URL(fileURLWithPath: path), options: .mappedIfSafe) else { return "" }
    let hash = data.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
    return String(hash, radix: 16)
  }
}
