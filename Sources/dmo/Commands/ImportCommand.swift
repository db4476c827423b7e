import ArgumentParser
import DMOCore
import DMOExchange
import DMOHost
import DMOStudy
import Foundation

/// `dmo import`: a study that begins with results from elsewhere.
struct ImportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import", abstract: "Start a study with points and results from a table or a dmosopt file.",
    discussion: """
      A warm start: the points become evaluations of a new study, which `dmo resume` (with a plugin) or `dmo ask` goes on \
      with; --budget counts what is spent beyond them. A CSV table needs a problem: --plugin, or --problem-file for \
      studies without one. A dmosopt file states its own.

        dmo import old.csv --plugin opamp --problem opamp-fom --budget 100
        dmo import zdt1.h5 --study zdt1.dmo
      """)

  @Argument(help: "A CSV table, or dmosopt's HDF5 file (.h5, .hdf5).")
  var file: String
  @Option(help: "The simulator that goes on: a path or a name.")
  var plugin: String?
  @Option(help: "The problem's id; default: the plugin's first.")
  var problem: String?
  @Option(name: .customLong("set"), help: ArgumentHelp("A plugin option.", valueName: "key=value"))
  var settings: [String] = []
  @OptionGroup var execution: ExecutionOptions
  @Option(help: ArgumentHelp("A description of the problem, for studies without a plugin.", valueName: "file"))
  var problemFile: String?
  @Option(help: ArgumentHelp("Which study of an HDF5 file that has several.", valueName: "name"))
  var group: String?
  @OptionGroup var wanted: StudyOptions
  @OptionGroup var words: ConsoleOptions

  /// Points that are recorded together.
  private static let blockSize = 2048

  func validate() throws {
    if plugin != nil && problemFile != nil {
      throw ValidationError("--plugin and --problem-file both state the problem: leave one away")
    }
    if plugin == nil && (problem != nil || !settings.isEmpty) {
      throw ValidationError("--problem and --set belong to --plugin")
    }
  }

  func run() throws {
    var console = words.console
    let isHDF5 = [".h5", ".hdf5", ".hdf"].contains { file.lowercased().hasSuffix($0) }
    let reader = isHDF5 ? try DmosoptReader(path: file, study: group, library: HDF5Library()) : nil
    let session = try plugin == nil ? nil : makeSession(console)
    defer { session?.evaluator.shutdown() }
    let source = try makeSource(session, reader)
    var description = try wanted.describe(source)
    _ = try SearchAssembly.strategy(description, session)
    // All rows are read twice: nothing is written before every one is known to fit.
    let count = try visit(reader, source.spec) { _, _ in }
    guard count > 0 else {
      throw UserError(
        "\(file): has no row with a result", hint: "fill in the outputs, or use `dmo run --points \(file)`")
    }
    description.budget += count
    let store = try wanted.makeStore(description)
    defer { store.close() }
    var block: [OutsidePoint] = []
    var epoch = 0
    func flush() throws {
      if !block.isEmpty { try store.adopt(block, source: "import", at: Date().timeIntervalSince1970) }
      block.removeAll(keepingCapacity: true)
    }
    _ = try visit(reader, source.spec) { point, ofEpoch in
      if block.count == Self.blockSize || ofEpoch != epoch { try flush() }
      epoch = ofEpoch
      block.append(point)
    }
    try flush()
    try report(store, count, &console)
  }

  private func report(_ store: StudyStore, _ count: Int, _ console: inout Console) throws {
    let incumbents = try store.incumbents()
    if words.json {
      Console.out(StudyText.json(incumbents, study: store.path, state: store.state, spec: store.description.spec).text)
    } else {
      Console.out(
        "study \(store.path): \(count) evaluations imported (\(Text.counts(incumbents.counts)); "
          + "\(incumbents.feasibleCount) feasible), \(ProgressReport.standing(incumbents))")
    }
    let next =
      store.description.isWithoutPlugin ? "dmo ask \(store.path) -n 4 > points.csv" : "dmo resume \(store.path)"
    console.note("next: \(next)")
  }

  private func makeSession(_ console: Console) throws -> Session {
    let path = try PluginFinder().resolve(plugin ?? "")
    let options = try KeyValue.parse(settings, flag: "--set")
    return try Session(
      PluginSelection(path: path, problem: problem, options: options), jobs: execution.jobs,
      timeout: execution.timeoutSeconds(), inProcess: execution.inProcess, limits: execution.limits.limits(),
      onEvent: Session.reporter(isVerbose: console.isVerbose))
  }

  private func makeSource(_ session: Session?, _ reader: DmosoptReader?) throws -> StudyOptions.Source {
    if let session {
      return StudyOptions.Source(
        plugin: session.reference, problem: session.problem.id, options: session.selection.options, spec: session.spec,
        execution: execution)
    }
    if let problemFile { return try .described(by: problemFile) }
    guard let reader else {
      throw UserError(
        "\(file): a CSV table does not tell the parameters' ranges",
        hint: "name the simulator with --plugin, or describe the problem with --problem-file (docs/ask-tell.md)")
    }
    return StudyOptions.Source(plugin: .none, problem: reader.name, spec: try ProblemSpec(reader, path: file))
  }

  /// - Parameter body: takes a point and dmosopt's epoch of it. - Returns: how many points have a result.
  private func visit(
    _ reader: DmosoptReader?, _ spec: ProblemSpec, _ body: (OutsidePoint, Int) throws -> Void
  ) throws -> Int {
    var count = 0
    if let reader {
      let match = try DmosoptMatch(reader, spec: spec, path: file)
      try reader.forEach { record in
        count += 1
        try body(try match.point(record), record.epoch)
      }
      return count
    }
    let table = try ResultTable(path: file, spec: spec)
    while let row = try table.next() {
      guard let status = row.status else { continue }
      guard let x = row.x else {
        throw UserError(
          "\(file): no column for \(Points.list(spec.space.labels))",
          hint: "the parameters: \(Points.shortNames(spec.space))")
      }
      count += 1
      try body(OutsidePoint(x: x, status: status, y: row.y, message: row.message), 0)
    }
    return count
  }
}
