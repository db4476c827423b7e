import DMOCore
import DMOSearch
import DMOWorker

/// Which observed blocks a study keeps.
public enum ObservedStorage: String, Codable, Sendable, CaseIterable { case full, float32, none }

/// Where the simulator came from when the study was made.
public struct PluginReference: Codable, Equatable, Sendable {
  public var path: String
  public var id: String
  public var name: String
  public var version: String
  /// FNV-1a over the library's bytes: tells a rebuilt plugin, guards against nothing else.
  public var fingerprint: String
  public init(path: String, id: String, name: String, version: String, fingerprint: String) {
    self.path = path
    self.id = id
    self.name = name
    self.version = version
    self.fingerprint = fingerprint
  }
}

extension PluginReference {
  /// Of studies whose answers come from people or other programs, by `dmo ask` and `dmo tell`.
  public static let none = PluginReference(path: "", id: "", name: "", version: "", fingerprint: "")
}

/// Everything that was asked for: with the evaluations, all that `resume` needs.
public struct StudyDescription: Codable, Equatable, Sendable {
  public var dmoVersion: String
  /// The command line as typed.
  public var command: [String]
  /// ISO 8601, UTC.
  public var created: String
  public var plugin: PluginReference
  public var problem: String
  /// Plugin options as the user gave them.
  public var options: [String: String]
  public var spec: ProblemSpec
  public var goals: Goals
  /// Pinned coordinates by label, in the parameters' units.
  public var fixed: [String: Double]
  public var search: String
  public var searchOptions: [String: String]
  /// Nil for strategies that learn nothing.
  public var trainer: String?
  public var trainerOptions: [String: String]
  public var seed: Seed
  /// Evaluations to spend in all.
  public var budget: Int
  /// Evaluations at the same time: part of what decides the proposals.
  public var jobs: Int
  public var inProcess: Bool
  /// Seconds an evaluation may take; nil: for ever.
  public var evaluationTimeout: Double?
  public var storeObserved: ObservedStorage
  /// Nil in studies of schema 1: no retries, no limit of failures.
  public var failures: FailurePolicy?
  /// What worker processes may use; nil: no limits.
  public var limits: WorkerLimits?
  /// The budget that the search was made with, when it was changed since: its decisions may depend on it.
  public var plannedBudget: Int?
  /// Likewise the number of evaluations at the same time.
  public var plannedJobs: Int?
  /// What comes before the search's own first points; nil: nothing.
  public var initial: InitialPlan?
  /// What ends the study before its budget; nil: nothing does.
  public var stop: StopRules?
  /// The flags of the command that made the study, those of a configuration file among them; nil in older studies.
  public var arguments: [String]?

  /// Whether there is no plugin that could answer.
  public var isWithoutPlugin: Bool { plugin == .none }

  public init(
    dmoVersion: String, command: [String], created: String, plugin: PluginReference, problem: String,
    options: [String: String], spec: ProblemSpec, goals: Goals, fixed: [String: Double], search: String,
    searchOptions: [String: String], trainer: String?, trainerOptions: [String: String], seed: Seed, budget: Int,
    jobs: Int, inProcess: Bool, evaluationTimeout: Double?, storeObserved: ObservedStorage,
    failures: FailurePolicy? = nil, limits: WorkerLimits? = nil
  ) {
    self.dmoVersion = dmoVersion
    self.command = command
    self.created = created
    self.plugin = plugin
    self.problem = problem
    self.options = options
    self.spec = spec
    self.goals = goals
    self.fixed = fixed
    self.search = search
    self.searchOptions = searchOptions
    self.trainer = trainer
    self.trainerOptions = trainerOptions
    self.seed = seed
    self.budget = budget
    self.jobs = jobs
    self.inProcess = inProcess
    self.evaluationTimeout = evaluationTimeout
    self.storeObserved = storeObserved
    self.failures = failures
    self.limits = limits
  }
}

/// One call of the strategy's `ask`, with what the search said of itself.
public struct Decision: Equatable, Sendable {
  /// Counted from 1.
  public var id: Int64
  /// Answers told before it.
  public var after: Int
  public var requested: Int
  public var proposed: Int
  public var telemetry: [String: Double]
}

/// One evaluation as the study keeps it.
public struct StudyRow: Sendable {
  public var request: EvaluationRequest
  /// What proposed the point: `initial`, `gradient`, …
  public var source: String
  public var decision: Int64
  /// In which order the answer was learnt from, counted from 1; nil while there is none.
  public var answer: Int?
  /// Nil while in flight.
  public var result: EvaluationResult?
  /// Seconds since 1970, when it was asked and answered.
  public var askedAt: Double
  public var answeredAt: Double?
  /// Earlier tries that failed and were not learnt from.
  public var tries = 0
}

/// A try of an evaluation that was followed by another one.
struct Attempt {
  var id: UInt64
  /// The number of its answer when the search had learnt of it before `--retry-failed`; else nil.
  var answer: Int?
  var result: EvaluationResult
}
