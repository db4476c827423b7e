import ArgumentParser
import DMOCore
import DMOHost
import DMOStudy
import DMOWorker
import Foundation

/// Which problem of which plugin, and how its evaluations run.
struct ProblemOptions: ParsableArguments {
  @Option(help: "The simulator: a path, or a name such as opamp or libopamp.so looked for in the plugin folders.")
  var plugin: String
  @Option(help: "The problem's id; default: the plugin's first.")
  var problem: String?
  @Option(
    name: .customLong("set"), help: ArgumentHelp("A plugin option; see `dmo plugin show`.", valueName: "key=value"))
  var settings: [String] = []
  @OptionGroup var execution: ExecutionOptions

  /// The option texts by key. - Throws: `UserError` when there is no '='.
  func selection() throws -> PluginSelection {
    PluginSelection(
      path: try PluginFinder().resolve(plugin), problem: problem,
      options: try KeyValue.parse(settings, flag: "--set"))
  }
}

/// How evaluations run.
struct ExecutionOptions: ParsableArguments {
  @Option(name: .shortAndLong, help: "Evaluations at the same time, each in its own worker process.")
  var jobs = 1
  @Option(help: ArgumentHelp("Kill an evaluation after this time: 90, 90s, 2m or 1h.", valueName: "time"))
  var evalTimeout: String?
  @Flag(help: "Call the plugin inside dmo, for a debugger. A crash then ends dmo.")
  var inProcess = false
  @OptionGroup var limits: LimitOptions

  func validate() throws {
    if jobs < 1 || jobs > 4096 { throw ValidationError("--jobs \(jobs): write a number from 1 to 4096") }
    if inProcess && jobs > 1 { throw ValidationError("--in-process runs one evaluation at a time: leave --jobs away") }
    if inProcess && evalTimeout != nil {
      throw ValidationError("--eval-timeout kills worker processes, and --in-process has none: leave one away")
    }
    if inProcess && limits.areGiven {
      throw ValidationError("--worker-memory, --eval-cpu and --sandbox bind worker processes, and --in-process has none")
    }
    _ = try timeoutSeconds()
  }

  /// - Returns: seconds; nil for no limit.
  func timeoutSeconds() throws -> Double? {
    try evalTimeout.map { try Quantity.seconds($0, option: "--eval-timeout") }
  }
}
