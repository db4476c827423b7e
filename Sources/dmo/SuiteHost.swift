import DMOBench
import DMOCore
import DMOHost
import DMOSearch
import DMOStudy
import Foundation

/// Runs and reads the suite's studies.
struct SuiteHost: Sendable {
  var folder: String
  /// The interpreter for peers; nil: there are none.
  var python: String?
  /// The peers' script.
  var script: String
  /// Seconds of its own processor time that a peer may take to decide in one run: what else the machine does costs it none.
  var peerLimit: Double

  func path(_ job: SuiteJob) -> String { "\(folder)/\(job.fileName)" }

  /// A run so far; nil when it has not begun. - Throws: `UserError` for a study of other settings.
  func curve(_ job: SuiteJob) throws -> SuiteCurve? {
    guard FileManager.default.fileExists(atPath: path(job)) else { return nil }
    let store = try StudyStore.open(path: path(job))
    try check(store, job)
    return try SuiteCurve(store, seed: job.seed, reference: job.problem.reference)
  }

  /// The last value that the search told of itself; nil when it never did.
  func telemetry(_ name: String, _ job: SuiteJob) throws -> Double? {
    guard FileManager.default.fileExists(atPath: path(job)) else { return nil }
    let store = try StudyStore.open(path: path(job))
    return try store.decisions().sorted { $0.id < $1.id }.last { $0.telemetry[name] != nil }?.telemetry[name]
  }

  /// Runs what is missing. - Parameter stages: one after the other, since each file has one writer; a stage names a file once.
  /// - Returns: false when it was stopped.
  func runAll(_ stages: [[SuiteJob]], threads: Int, isQuiet: Bool) throws -> Bool {
    do { try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true) } catch {
      throw UserError(
        "\(folder): cannot be made: \(error.localizedDescription)", hint: "choose another folder with --output",
        exit: Exit.storage)
    }
    BenchHost.installHandlers()
    let total = stages.reduce(0) { $0 + $1.count }
    var before = 0
    for stage in stages {
      let offset = before
      let isComplete = try BenchQueue(stage).run(threads: threads, isStopped: { BenchHost.isStopped }) { job in
        try run(job)
      } onDone: { job, done in
        if !isQuiet { Console.write("\(offset + done)/\(total) \(job.fileName) \(job.budget)\n", to: STDERR_FILENO) }
      }
      guard isComplete, !BenchHost.isStopped else { return false }
      before += stage.count
    }
    return true
  }

  private func check(_ store: StudyStore, _ job: SuiteJob) throws {
    let d = store.description
    try BenchHost.check(
      store,
      isSame: d.search == job.method.search && d.searchOptions == job.method.searchOptions
        && d.trainer == job.method.trainer && d.trainerOptions == job.method.trainerOptions
        && d.options == job.problem.options && (d.plannedBudget ?? d.budget) == job.planned)
  }

  /// Starts a run, goes on with it, or leaves it alone when it has come as far or, for a peer, taken its time.
  func run(_ job: SuiteJob) throws {
    let isPeer = job.method.peer != nil
    // A peer cannot go on later: it comes at once as far as it shall.
    let budget = isPeer ? job.planned : job.budget
    if let known = try curve(job), known.count >= budget || isOver(known, job) { return }
    // A peer's state cannot be rebuilt as quickly as it begins anew.
    if isPeer { for suffix in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path(job) + suffix) } }
    let session = try BenchHost.session(
      plugin: job.problem.plugin, problem: job.problem.id, options: job.problem.options, inProcess: job.problem.isCheap)
    defer { session.evaluator.shutdown() }
    var description = try description(job, session)
    description.budget = budget
    let exists = FileManager.default.fileExists(atPath: path(job))
    let store =
      exists ? try StudyStore.open(path: path(job), readOnly: false) : try StudyStore.create(path: path(job), description)
    defer { store.close() }
    try check(store, job)
    if store.description.budget < budget { try store.update { $0.budget = budget } }
    let peer = try peer(job, store.description, session)
    let strategy: any SearchStrategy = try peer.map { try prepared($0, job, store.description, session) }
      ?? SearchAssembly.strategy(store.description, session)
    let runner = StudyRunner(
      store: store, evaluator: session.evaluator, strategy: TimedStrategy(strategy),
      clock: { Date().timeIntervalSince1970 })
    if exists { try BenchHost.goOn(runner, store, session) }
    _ = try runner.run(request: {
      BenchHost.isStopped || (peer?.processorSeconds ?? 0) > peerLimit ? .finish : .goOn
    })
  }

  private func isOver(_ curve: SuiteCurve, _ job: SuiteJob) -> Bool {
    job.method.peer != nil && (curve.modelProcessorSeconds.last ?? 0) > peerLimit
  }

  private func peer(_ job: SuiteJob, _ description: StudyDescription, _ session: Session) throws -> PeerProcess? {
    guard let peer = job.method.peer else { return nil }
    guard let python else {
      throw UserError(
        "\(job.method.id): no interpreter is named", hint: "--python venv/bin/python, one that has pymoo or botorch")
    }
    return try PeerProcess(
      peer, name: job.method.id, python: python, script: script, spec: session.spec, goals: description.goals,
      reference: job.problem.reference, budget: job.planned, seed: description.seed.derived("peer"))
  }

  /// The peer behind the design that every method begins with.
  private func prepared(
    _ peer: PeerProcess, _ job: SuiteJob, _ description: StudyDescription, _ session: Session
  ) throws -> any SearchStrategy {
    let setup = SearchSetup(
      space: SearchAssembly.space(description), outputs: session.spec.outputs, goals: description.goals,
      seed: description.seed, budget: job.planned)
    return try PreparedStrategy(peer, plan: description.initial ?? InitialPlan(), setup: setup)
  }

  private func description(_ job: SuiteJob, _ session: Session) throws -> StudyDescription {
    let goals = Goals(session.spec.outputs)
    var description = StudyDescription(
      dmoVersion: Version.current, command: CommandLine.arguments, created: Date().ISO8601Format(),
      plugin: session.reference, problem: session.problem.id, options: job.problem.options, spec: session.spec,
      goals: goals, fixed: [:], search: job.method.search, searchOptions: job.method.searchOptions,
      trainer: job.method.trainer, trainerOptions: job.method.trainerOptions, seed: Seed(job.seed), budget: job.budget,
      jobs: 1, inProcess: job.problem.isCheap, evaluationTimeout: nil, storeObserved: .full)
    description.plannedBudget = job.planned
    var design = try StrategyRegistry.make(
      "lhs",
      setup: SearchSetup(
        space: SearchAssembly.space(description), outputs: session.spec.outputs, goals: goals,
        seed: Seed(job.seed).derived("suite-design"), budget: SuitePlan.designSize))
    description.initial = InitialPlan(given: try design.ask(SuitePlan.designSize).map { InitialPlan.Given(x: $0.x) })
    return description
  }
}
