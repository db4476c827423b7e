import ArgumentParser
import DMOCore
import DMOSearch
import DMOStudy
import DMOSurrogates
import Foundation

/// `dmo run`: a new study.
struct RunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Optimise a problem; makes a new study.",
    discussion: """
        dmo run --plugin libopamp.so --problem opamp-spec --trainer gradpie --budget 200 --jobs 2
        dmo run --plugin opamp --goal power=min --require 'gain>=1000' --require '0<=vos_abs<=2e-3' --fix ratio=2
        dmo run --plugin opamp --check
        dmo run study.toml --seed 2
      """)

  @Argument(help: "A TOML file with any of these flags as keys; flags on the command line win (docs/config.md).")
  var config: String?
  @OptionGroup var problem: ProblemOptions
  @OptionGroup var executor: ExecutorOptions
  @OptionGroup var wanted: StudyOptions
  @OptionGroup var stopping: StopOptions
  @Flag(help: "Load, check every option, evaluate one point, estimate the duration; run nothing else.")
  var check = false
  @Flag(help: "Exit with 1 when no feasible point was found.")
  var requireFeasible = false
  @OptionGroup var words: ConsoleOptions

  func run() throws {
    var console = words.console
    // A pair that makes no sense is refused before anything is loaded; the default depends on the goals.
    _ = try StrategyRegistry.pair(search: wanted.search, trainer: wanted.trainer)
    try executor.check(
      jobs: problem.execution.jobs, inProcess: problem.execution.inProcess,
      timeout: problem.execution.timeoutSeconds(), limits: problem.execution.limits.limits())
    let world = try executor.world(&console)
    defer { world?.dismiss() }
    let session = try Session(problem, world: world, console: console)
    defer { session.evaluator.shutdown() }
    if problem.problem == nil && session.plugin.problems.count > 1 {
      let others = session.plugin.problems.map(\.id).filter { $0 != session.problem.id }
      console.note("problem \(session.problem.id) (--problem chooses another: \(others.joined(separator: ", ")))")
    }
    var description = try wanted.describe(
      StudyOptions.Source(
        plugin: session.reference, problem: session.problem.id, options: session.selection.options, spec: session.spec,
        execution: problem.execution))
    description.stop = try stopping.rules()
    description.jobs = session.evaluator.capacity
    let strategy = try SearchAssembly.strategy(description, session)
    if check { return try preview(description, strategy, session, &console) }
    let store = try wanted.makeStore(description)
    defer { store.close() }
    console.note("study \(store.path)")
    let runner = StudyRunner(
      store: store, evaluator: session.evaluator, strategy: strategy, clock: { Date().timeIntervalSince1970 })
    try StudyDriver(runner: runner, session: session, isFeasibleRequired: requireFeasible, seconds: stopping.seconds())
      .run(&console)
  }

  /// One evaluation and an estimate; leaves no file.
  private func preview(
    _ description: StudyDescription, _ strategy: any SearchStrategy, _ session: Session, _ console: inout Console
  ) throws {
    var strategy = strategy
    guard let proposal = try strategy.ask(1).first else {
      throw UserError("the search has no point to offer", hint: "check --fix and the parameters' ranges")
    }
    let seed = description.seed.derived("evaluation", 1).value
    session.evaluator.submit(EvaluationRequest(id: 1, x: proposal.x, seed: seed))
    guard let result = session.evaluator.next(timeout: nil) else {
      throw UserError("the evaluation gave no answer", exit: Exit.plugin)
    }
    let free = SearchAssembly.space(description).dimension
    Console.out(
      """
      \(session.plugin.name) \(session.plugin.version), problem \(session.problem.id): \(free) of \
      \(session.spec.space.dimension) parameters free, \(Text.count(description.goals.objectives.count, "objective")), \
      \(Text.count(description.goals.constraints.count, "constraint"))
      search \(description.search)\(description.trainer.map { ", trainer \($0)" } ?? ""), budget \(description.budget)
      one evaluation: \(result.status)\(result.message.isEmpty ? "" : " (\(result.message))") in \
      \(Text.duration(result.wallSeconds))
      \(StudyText.outputs(result.y, spec: session.spec, goals: description.goals))
      estimate: \(Text.duration(result.wallSeconds * Double(description.budget) / Double(description.jobs))) of simulation \
      with \(Text.count(description.jobs, "worker"))
      """)
    if !result.status.hasOutputs {
      throw UserError(
        "the first point ended \(result.status)", hint: "try `dmo eval` on a point that you know", exit: Exit.failed)
    }
  }
}
