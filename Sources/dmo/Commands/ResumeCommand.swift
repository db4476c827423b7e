import ArgumentParser
import DMOCore
import DMOHost
import DMOStudy
import DMOWorker
import Foundation

/// `dmo resume`: goes on with a study.
struct ResumeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "resume", abstract: "Go on with a study that was stopped, or spend more on a finished one.",
    discussion: """
      The search goes on from its stored state, or is rebuilt by replaying the recorded answers; points that were in
      flight are asked again with the same seeds. What a run may and may not do is as before, but for what is given here.

        dmo resume opamp-fom-1.dmo --budget +100
        dmo resume opamp-fom-1.dmo --retry-failed
      """)

  @Argument(help: "The study's file.")
  var study: String
  @Option(help: ArgumentHelp("A new total, or so many more.", valueName: "N|+N"))
  var budget: String?
  @OptionGroup var executor: ExecutorOptions
  @OptionGroup var stopping: StopOptions
  @Option(name: .shortAndLong, help: "Evaluations at the same time; default: as before.")
  var jobs: Int?
  @Flag(help: "Evaluate again what failed, crashed, was too slow or broke the rules.")
  var retryFailed = false
  @Option(help: ArgumentHelp("Kill an evaluation after this time: 90, 90s, 2m or 1h.", valueName: "time"))
  var evalTimeout: String?
  @OptionGroup var limits: LimitOptions
  @OptionGroup var policy: PolicyOptions
  @Flag(help: "Keep the file with a rollback journal, as on network file systems, which dmo recognises by itself.")
  var safeStorage = false
  @Flag(help: "Go on though the plugin was rebuilt since, or declares other ranges, roles or bounds.")
  var acceptChangedPlugin = false
  @Flag(help: "Exit with 1 when no feasible point was found.")
  var requireFeasible = false
  @OptionGroup var words: ConsoleOptions

  func validate() throws {
    if let jobs, jobs < 1 || jobs > 4096 { throw ValidationError("--jobs \(jobs): write a number from 1 to 4096") }
    if let evalTimeout { _ = try Quantity.seconds(evalTimeout, option: "--eval-timeout") }
  }

  func run() throws {
    var console = words.console
    // On other ranks this does not return: the study belongs to the first.
    let world = try executor.world(&console)
    defer { world?.dismiss() }
    let store = try StudyStore.open(path: study, readOnly: false, mode: safeStorage ? .rollback : nil)
    defer { store.close() }
    var wanted = store.description
    let was = wanted
    guard !was.isWithoutPlugin else {
      throw UserError("\(study): has no plugin that could answer", hint: "`dmo ask \(study)` proposes points, `dmo tell` takes results")
    }
    wanted.budget = try newBudget(was.budget)
    // The strategy knows the budget it was made with, and its decisions so far depend on it.
    if wanted.budget != was.budget { wanted.plannedBudget = was.plannedBudget ?? was.budget }
    wanted.jobs = world?.groups ?? jobs ?? was.jobs
    if wanted.jobs != was.jobs { wanted.plannedJobs = was.plannedJobs ?? was.jobs }
    wanted.stop = try stopping.rules(was.stop)
    wanted.failures = try policy.policy(was.failures)
    wanted.limits = try limits.limits(was.limits)
    if let evalTimeout { wanted.evaluationTimeout = try Quantity.seconds(evalTimeout, option: "--eval-timeout") }
    try executor.check(
      jobs: jobs ?? 1, inProcess: was.inProcess, timeout: wanted.evaluationTimeout,
      limits: wanted.limits ?? WorkerLimits())
    let session = try Session(
      PluginSelection(path: was.plugin.path, problem: was.problem, options: was.options), jobs: wanted.jobs,
      timeout: wanted.evaluationTimeout, inProcess: was.inProcess, limits: wanted.limits ?? WorkerLimits(),
      world: world, onEvent: Session.reporter(isVerbose: console.isVerbose))
    defer { session.evaluator.shutdown() }
    let change = try accepted(session, was, store)
    let spent = try store.incumbents().total
    guard budget == nil || wanted.budget >= spent else {
      throw UserError(
        "--budget \(wanted.budget): the study has \(spent) evaluations already",
        hint: "write a larger total, or +N for N more")
    }
    if !change.words.isEmpty { wanted.plugin = session.reference }
    if change.isOtherSpec {
      (wanted.spec, wanted.goals) = (session.spec, Goals(session.spec.outputs))
      console.warn(
        "\(change.words.joined(separator: "; ")): the search begins anew, with what was evaluated so far as known points")
      try store.restart { $0 = wanted }
    } else if wanted != was {
      try store.update { $0 = wanted }
    }
    console.note("study \(store.path)")
    if retryFailed { console.note("\(try store.reopenFailures()) evaluations that failed are tried again") }
    let strategy = try SearchAssembly.strategy(wanted, session)
    let runner = StudyRunner(
      store: store, evaluator: session.evaluator, strategy: strategy, clock: { Date().timeIntervalSince1970 })
    if let id = try runner.replay() {
      console.warn(
        "this build or machine would have chosen evaluation \(id) otherwise: what was simulated stands, "
          + "but the study is no longer the one an uninterrupted run would give")
    }
    try StudyDriver(runner: runner, session: session, isFeasibleRequired: requireFeasible, seconds: stopping.seconds())
      .run(&console)
  }

  private func newBudget(_ old: Int) throws -> Int {
    guard let budget else { return old }
    let isMore = budget.hasPrefix("+")
    guard let number = Int(isMore ? budget.dropFirst() : budget[...]), number > 0 else {
      throw UserError("--budget \(budget): not a whole number above 0", hint: "write a total such as 300, or +100")
    }
    return isMore ? old + number : number
  }

  /// Stops when the plugin is no longer the one that answered so far, saying what differs, unless that was accepted
  /// and the evaluations so far mean something to it. - Returns: what changed.
  private func accepted(_ session: Session, _ was: StudyDescription, _ store: StudyStore) throws -> PluginChange {
    let change = try PluginChange(from: was, to: session, store: store)
    let words = change.words.joined(separator: "; ")
    if let obstacle = change.obstacle {
      throw UserError(
        "\(session.selection.path): the problem is not the one of this study: \(words); \(obstacle)",
        hint: "start a new study with `dmo run`", exit: Exit.plugin)
    }
    if !change.words.isEmpty && !acceptChangedPlugin {
      let otherwise = change.isOtherSpec ? "if what was evaluated still holds" : "if its answers are still the same"
      throw UserError(
        "\(session.selection.path): the plugin changed since: \(words)", hint: "\(otherwise), say --accept-changed-plugin",
        exit: Exit.plugin)
    }
    return change
  }
}
