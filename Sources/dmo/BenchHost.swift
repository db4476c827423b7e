import DMOBench
import DMOCore
import DMOHost
import DMOSearch
import DMOStudy
import Foundation
import Synchronization

/// Ctrl-C was pressed. Written by the signal handler, which may only touch an atomic.
private let stopRequested = Atomic<Bool>(false)

/// What a benchmark needs of the program: plugins, studies, files.
enum BenchHost {
  static var isStopped: Bool { stopRequested.load(ordering: .relaxed) }

  /// The first Ctrl-C finishes the evaluations that run; what is committed is gone on with.
  static func installHandlers() {
    for number in [SIGINT, SIGTERM] { signal(number) { _ in stopRequested.store(true, ordering: .relaxed) } }
  }

  static func path(_ job: BenchJob, _ folder: String) -> String { "\(folder)/\(job.fileName)" }

  /// Starts a run, goes on with it, or leaves a finished one alone. - Throws: what plugins, studies and trainers throw.
  static func run(_ job: BenchJob, folder: String) throws {
    let path = path(job, folder)
    let exists = FileManager.default.fileExists(atPath: path)
    if exists, try curve(job, folder: folder) != nil { return }
    let session = try session(job.task, options: job.pluginOptions, inProcess: false)
    defer { session.evaluator.shutdown() }
    let wanted = description(job, session)
    let store = exists ? try StudyStore.open(path: path, readOnly: false) : try StudyStore.create(path: path, wanted)
    defer { store.close() }
    try check(store, against: job)
    let strategy = try SearchAssembly.strategy(store.description, session)
    let runner = StudyRunner(
      store: store, evaluator: session.evaluator, strategy: strategy, clock: { Date().timeIntervalSince1970 })
    if exists { try goOn(runner, store, session) }
    _ = try runner.run(request: { isStopped ? .finish : .goOn })
  }

  /// Rebuilds the search of a run that was interrupted, and says so when the rest will not be of one piece with it.
  static func goOn(_ runner: StudyRunner, _ store: StudyStore, _ session: Session) throws {
    func warn(_ text: String) { Console.write("warning: \(store.path): \(text)\n", to: STDERR_FILENO) }
    if session.reference.fingerprint != store.description.plugin.fingerprint {
      warn("the plugin was rebuilt since this run began; delete the file to run it anew")
    }
    if let id = try runner.replay() {
      warn("this build or machine would have chosen evaluation \(id) otherwise; delete the file to run it anew")
    }
  }

  /// A finished run's curve; nil when it is missing or not finished.
  static func curve(_ job: BenchJob, folder: String) throws -> RunCurve? {
    let path = path(job, folder)
    guard FileManager.default.fileExists(atPath: path) else { return nil }
    let store = try StudyStore.open(path: path)
    try check(store, against: job)
    let curve = try RunCurve(job, store: store)
    return curve.perQuery.count >= job.queries ? curve : nil
  }

  private static func check(_ store: StudyStore, against job: BenchJob) throws {
    let d = store.description
    try check(
      store,
      isSame: d.search == job.method.search && d.searchOptions == job.method.searchOptions
        && d.trainer == job.method.trainer && d.trainerOptions == job.method.trainerOptions
        && d.options == job.pluginOptions && d.budget == job.queries)
  }

  /// A folder holds runs of one setting only. - Throws: `UserError`
  static func check(_ store: StudyStore, isSame: Bool) throws {
    guard !isSame else { return }
    throw UserError(
      "\(store.path): was run with other settings than those asked for now", hint: "choose another folder with --output",
      exit: Exit.storage)
  }

  private static func session(_ task: PaperTask, options: [String: String], inProcess: Bool) throws -> Session {
    try session(plugin: task.plugin, problem: task.problem, options: options, inProcess: inProcess)
  }

  /// One worker, or the instance in this process.
  static func session(plugin: String, problem: String, options: [String: String], inProcess: Bool) throws -> Session {
    let selection = PluginSelection(path: try PluginFinder().resolve(plugin), problem: problem, options: options)
    return try Session(
      selection, jobs: 1, timeout: nil, inProcess: inProcess, onEvent: Session.reporter(isVerbose: false))
  }

  private static func description(_ job: BenchJob, _ session: Session) -> StudyDescription {
    StudyDescription(
      dmoVersion: Version.current, command: CommandLine.arguments, created: Date().ISO8601Format(),
      plugin: session.reference, problem: session.problem.id, options: job.pluginOptions, spec: session.spec,
      goals: Goals(session.spec.outputs), fixed: [:], search: job.method.search,
      searchOptions: job.method.searchOptions, trainer: job.method.trainer, trainerOptions: job.method.trainerOptions,
      seed: Seed(job.seed), budget: job.queries, jobs: 1, inProcess: false, evaluationTimeout: nil, storeObserved: .full
    )
  }

  /// One sampling of Figure 2 a–e, on the network that the seed draws.
  static func gradientError(_ item: GradientErrorStudy.Case, task: PaperTask) throws -> [GradientErrorStudy.Row] {
    var options = task.options
    options["n"] = "\(item.dimension)"
    if let key = task.seedOption { options[key] = "\(item.seed)" }
    let session = try session(task, options: options, inProcess: true)
    defer { session.evaluator.shutdown() }
    guard let exact = session.exact, let block = session.spec.outputs.outputs.firstIndex(where: { $0.role == .observe })
    else {
      throw UserError(
        "\(task.plugin): offers no gradient of observed outputs", hint: "rebuild the plugin", exit: Exit.plugin)
    }
    let first = session.spec.outputs.offsets[block]
    return try GradientErrorStudy.run(
      item, space: session.spec.space, outputs: session.spec.outputs,
      learnt: Array(first..<first + session.spec.outputs.outputs[block].width), source: exact)
  }

  /// Replaces a file as a whole. - Throws: `UserError`
  static func write(_ text: String, to path: String) throws {
    do { try Data(text.utf8).write(to: URL(fileURLWithPath: path), options: .atomic) } catch {
      throw UserError(
        "\(path): cannot be written: \(error.localizedDescription)", hint: "check the disk", exit: Exit.storage)
    }
  }
}
