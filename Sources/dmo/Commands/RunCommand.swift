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
      """)

  @OptionGroup var problem: ProblemOptions
  @OptionGroup var executor: ExecutorOptions
  @Option(
    help: ArgumentHelp(
      "What learns from the answers: \(TrainerRegistry.all.map(\.id).joined(separator: ", ")).", valueName: "id"))
  var trainer: String?
  @Option(help: ArgumentHelp("A trainer's option.", valueName: "key=value"))
  var trainerSet: [String] = []
  @Option(
    help: ArgumentHelp(
      "What decides where to simulate next, by default as the trainer asks: "
        + StrategyRegistry.all.map(\.id).joined(separator: ", ") + ".",
      valueName: "id"))
  var search: String?
  @Option(help: ArgumentHelp("A search's option.", valueName: "key=value"))
  var searchSet: [String] = []
  @OptionGroup var initial: InitialOptions
  @Option(help: "Evaluations to spend.")
  var budget = 200
  @OptionGroup var stopping: StopOptions
  @Option(
    help: "The same seed gives the same study, with one worker; with several, the same for the same order of answers.")
  var seed: UInt64 = 1
  @Option(help: "The study's file; default: PROBLEM-1.dmo, or the next free number.")
  var study: String?
  @Option(
    help: ArgumentHelp(
      "Minimise or maximise an output instead of what the problem names.", valueName: "output=min|max|observe"))
  var goal: [String] = []
  @Option(
    help: ArgumentHelp("A bound in the output's unit; may be two-sided: '0.8<=vcm<=1.0'.", valueName: "output>=number"))
  var require: [String] = []
  @Option(help: ArgumentHelp("Pin a parameter.", valueName: "parameter=value"))
  var fix: [String] = []
  @Option(help: "Observed blocks too large for columns: full, float32 or none.")
  var storeObserved: ObservedStorage = .full
  @OptionGroup var policy: PolicyOptions
  @Flag(help: "Keep the file with a rollback journal, as on network file systems, which dmo recognises by itself.")
  var safeStorage = false
  @Flag(help: "Load, check every option, evaluate one point, estimate the duration; run nothing else.")
  var check = false
  @Flag(help: "Exit with 1 when no feasible point was found.")
  var requireFeasible = false
  @OptionGroup var words: ConsoleOptions

  func validate() throws {
    if budget < 1 { throw ValidationError("--budget \(budget): a study needs at least one evaluation") }
  }

  func run() throws {
    var console = words.console
    let pair = try StrategyRegistry.pair(search: search, trainer: trainer)
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
    var description = try describe(session, pair.search.id, pair.trainer)
    description.initial = try initial.plan(session.spec, budget: budget)
    guard !description.goals.objectives.isEmpty || !description.goals.constraints.isEmpty else {
      throw UserError(
        "problem \(description.problem) only observes: there is nothing to optimise",
        hint: "name an output, such as --goal \(session.spec.outputs.labels.first ?? "y")=min")
    }
    let strategy = try SearchAssembly.strategy(description, session)
    if check { return try preview(description, strategy, session, &console) }
    let store = try makeStore(description)
    defer { store.close() }
    console.note("study \(store.path)")
    let runner = StudyRunner(
      store: store, evaluator: session.evaluator, strategy: strategy, clock: { Date().timeIntervalSince1970 })
    try StudyDriver(runner: runner, session: session, isFeasibleRequired: requireFeasible, stopping: stopping)
      .run(&console)
  }

  private func describe(_ session: Session, _ search: String, _ trainer: String?) throws -> StudyDescription {
    var goals = Goals(session.spec.outputs)
    try goals.apply(goals: goal, requirements: require, to: session.spec.outputs)
    let labels = session.spec.space.labels
    let fixed = try session.fixed(fix)
    return StudyDescription(
      dmoVersion: Version.current, command: CommandLine.arguments, created: Date().ISO8601Format(),
      plugin: session.reference, problem: session.problem.id, options: session.selection.options, spec: session.spec,
      goals: goals, fixed: Dictionary(uniqueKeysWithValues: fixed.map { (labels[$0.key], $0.value) }), search: search,
      searchOptions: try initial.searchOptions(KeyValue.parse(searchSet, flag: "--search-set")), trainer: trainer,
      trainerOptions: try KeyValue.parse(trainerSet, flag: "--trainer-set"), seed: Seed(seed), budget: budget,
      jobs: session.evaluator.capacity, inProcess: problem.execution.inProcess,
      evaluationTimeout: try problem.execution.timeoutSeconds(), storeObserved: storeObserved,
      failures: try policy.policy(), limits: try problem.execution.limits.limits())
  }

  /// The named file, or the first free `PROBLEM-N.dmo`.
  private func makeStore(_ description: StudyDescription) throws -> StudyStore {
    let mode: StorageMode? = safeStorage ? .rollback : nil
    if let study { return try StudyStore.create(path: study, description, mode: mode) }
    for number in 1... {
      do {
        return try StudyStore.create(path: "\(description.problem)-\(number).dmo", description, mode: mode)
      } catch let error as StudyError where error.code == .exists { continue }
    }
    preconditionFailure("the natural numbers ended")
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
      search \(description.search)\(description.trainer.map { ", trainer \($0)" } ?? ""), budget \(budget)
      one evaluation: \(result.status)\(result.message.isEmpty ? "" : " (\(result.message))") in \
      \(Text.duration(result.wallSeconds))
      \(StudyText.outputs(result.y, spec: session.spec, goals: description.goals))
      estimate: \(Text.duration(result.wallSeconds * Double(budget) / Double(description.jobs))) of simulation \
      with \(Text.count(description.jobs, "worker"))
      """)
    if !result.status.hasOutputs {
      throw UserError(
        "the first point ended \(result.status)", hint: "try `dmo eval` on a point that you know", exit: Exit.failed)
    }
  }
}

extension ObservedStorage: ExpressibleByArgument {}
