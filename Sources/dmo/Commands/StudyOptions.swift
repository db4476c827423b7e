import ArgumentParser
import DMOCore
import DMOSearch
import DMOStudy
import DMOSurrogates
import DMOWorker
import Foundation

/// What a new study looks for and how: the same flags wherever one is made.
struct StudyOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "What learns from the answers: \(TrainerRegistry.all.map(\.id).joined(separator: ", ")).", valueName: "id"))
  var trainer: String?
  @Option(help: ArgumentHelp("A trainer's option.", valueName: "key=value"))
  var trainerSet: [String] = []
  @Option(
    help: ArgumentHelp(
      "What decides where to simulate next; default: as the trainer asks, and without one joint for constraints or several "
        + "objectives, else gradient. There are " + StrategyRegistry.all.map(\.id).joined(separator: ", ") + ".",
      valueName: "id"))
  var search: String?
  @Option(help: ArgumentHelp("A search's option.", valueName: "key=value"))
  var searchSet: [String] = []
  @OptionGroup var initial: InitialOptions
  @Option(help: "Evaluations to spend.")
  var budget = 200
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

  func validate() throws {
    if budget < 1 { throw ValidationError("--budget \(budget): a study needs at least one evaluation") }
  }

  /// What answers a study's points.
  struct Source {
    var plugin: PluginReference
    /// The problem's id.
    var problem: String
    /// Plugin options.
    var options: [String: String] = [:]
    var spec: ProblemSpec
    var execution: ExecutionOptions?
  }

  /// Everything that the user asked for, checked against the problem.
  /// - Throws: `UserError`, `SearchError` and what else the flags get wrong.
  func describe(_ source: Source) throws -> StudyDescription {
    var goals = Goals(source.spec.outputs)
    try goals.apply(goals: goal, requirements: require, to: source.spec.outputs)
    guard !goals.objectives.isEmpty || !goals.constraints.isEmpty else {
      throw UserError(
        "problem \(source.problem) only observes: there is nothing to optimise",
        hint: "name an output, such as --goal \(source.spec.outputs.labels.first ?? "y")=min")
    }
    let labels = source.spec.space.labels
    let fixed = try Points.fixed(fix, in: source.spec.space)
    let pair = try StrategyRegistry.pair(
      search: search, trainer: trainer, goals: goals, dimension: source.spec.space.dimension - fixed.count)
    var description = StudyDescription(
      dmoVersion: Version.current, command: CommandLine.arguments, created: Date().ISO8601Format(),
      plugin: source.plugin, problem: source.problem, options: source.options, spec: source.spec, goals: goals,
      fixed: Dictionary(uniqueKeysWithValues: fixed.map { (labels[$0.key], $0.value) }), search: pair.search.id,
      searchOptions: try initial.searchOptions(KeyValue.parse(searchSet, flag: "--search-set")), trainer: pair.trainer,
      trainerOptions: try KeyValue.parse(trainerSet, flag: "--trainer-set"), seed: Seed(seed), budget: budget,
      jobs: source.execution?.jobs ?? 1, inProcess: source.execution?.inProcess ?? false,
      evaluationTimeout: try source.execution?.timeoutSeconds(), storeObserved: storeObserved,
      failures: try policy.policy(), limits: try source.execution?.limits.limits())
    description.initial = try initial.plan(source.spec, budget: budget)
    description.arguments = Invocation.current
    return description
  }

  /// The named file, or the first free `PROBLEM-N.dmo`.
  func makeStore(_ description: StudyDescription) throws -> StudyStore {
    let mode: StorageMode? = safeStorage ? .rollback : nil
    if let study { return try StudyStore.create(path: study, description, mode: mode) }
    for number in 1... {
      do {
        return try StudyStore.create(path: "\(description.problem)-\(number).dmo", description, mode: mode)
      } catch let error as StudyError where error.code == .exists { continue }
    }
    preconditionFailure("the natural numbers ended")
  }
}

extension ObservedStorage: ExpressibleByArgument {}
