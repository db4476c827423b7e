import DMOCore
import DMOHost
import DMOReport
import DMOStudy
import DMOWorker
import Foundation

/// What `report`, `compare` and `watch` share: studies opened and read, and what the plugin adds to them.
enum ReportSources {
  /// Opened for reading, in the order given; a folder stands for the studies in it.
  /// - Throws: `StudyError`, `UserError`.
  static func open(_ paths: [String]) throws -> [StudyStore] {
    try expanded(paths).map { try StudyStore.open(path: $0) }
  }

  private static func expanded(_ paths: [String]) throws -> [String] {
    var all: [String] = []
    for path in paths {
      var isFolder: ObjCBool = false
      guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue else {
        all.append(path)
        continue
      }
      let names = try FileManager.default.contentsOfDirectory(atPath: path).filter { $0.hasSuffix(".dmo") }
      if names.isEmpty { throw UserError("\(path): has no studies", hint: "name a study's file", exit: Exit.storage) }
      all += names.sorted { $0.compare($1, options: .numeric) == .orderedAscending }
        .map { path.hasSuffix("/") ? path + $0 : "\(path)/\($0)" }
    }
    return all
  }

  /// Read in full. - Throws: `StudyError`.
  static func digests(_ stores: [StudyStore]) throws -> [StudyDigest] {
    try stores.map { store in
      var digest = StudyDigest(path: store.path, store.description, rows: Report.rows(for: stores.count))
      try digest.read(store)
      return digest
    }
  }

  /// The problem as it was when the study was made, in one worker. - Throws: `PluginError`, `EvaluatorError`, `UserError`.
  static func pool(_ d: StudyDescription, plugin: String?) throws -> WorkerPool {
    let path = try plugin.map { try PluginFinder().resolve($0) } ?? d.plugin.path
    let pool = try WorkerPool(
      PluginSelection(path: path, problem: d.problem, options: d.options),
      settings: WorkerSettings(
        jobs: 1, evaluationTimeout: d.evaluationTimeout ?? 120, limits: d.limits ?? WorkerLimits(), onEvent: nil))
    guard pool.spec == d.spec else {
      pool.shutdown()
      throw UserError(
        "\(path): the problem is no longer the one of this study: its parameters or outputs changed",
        hint: "name the plugin of that time with --plugin", exit: Exit.plugin)
    }
    return pool
  }

  /// The plugin's pictures of designs, and the designs that its author names.
  /// - Parameters:
  ///   - part: what the page shows of the study; gets the pictures, or the reason why there are none.
  ///   - store: the study.
  ///   - plugin: its file; nil: where the study found it.
  ///   - designs: numbers of evaluations.
  static func addPlugin(_ part: inout Report.Part, _ store: StudyStore, plugin: String?, designs: [UInt64]) {
    let d = store.description
    let pool: WorkerPool
    do { pool = try Self.pool(d, plugin: plugin) } catch {
      part.pictures = Pictures(reason: "The plugin is not at hand (\(UserError(error).message)): --plugin says where it is.")
      return
    }
    defer { pool.shutdown() }
    part.references = references(pool, d)
    guard pool.problem.extensions.contains(.artifacts) else {
      part.pictures = Pictures(reason: "The plugin draws no pictures (it lacks dmo.artifact/1).")
      return
    }
    var pictures = Pictures()
    for id in designs {
      do {
        guard let row = try store.row(id: id) else {
          pictures.add(id: id, failure: "the study has no such evaluation")
          continue
        }
        pictures.add(id: id, try pool.draw(row.request))
      } catch { pictures.add(id: id, failure: UserError(error).message) }
    }
    part.pictures = pictures
  }

  /// Baselines and best known designs with their outputs, simulated where the author gives none.
  private static func references(_ pool: WorkerPool, _ d: StudyDescription) -> [(name: String, y: [Double])] {
    let names: [ReferencePoint.Kind: String] = [.baseline: "baseline", .bestKnown: "best known", .optimum: "optimum"]
    let points = (try? pool.referencePoints()) ?? []
    var all: [(String, [Double])] = []
    for (k, point) in points.enumerated() {
      guard let name = names[point.kind], point.fidelity == 0, all.count < 3 else { continue }
      var y = point.y
      if y == nil, let x = point.x {
        pool.submit(EvaluationRequest(id: UInt64(k) + 1, x: d.spec.space.canonical(x), seed: point.seed))
        y = pool.next(timeout: nil)?.y
      }
      if let y { all.append((point.note.isEmpty ? name : "\(name) (\(point.note))", y)) }
    }
    return all
  }

  static func plotly(_ named: String?) throws -> PlotlyLibrary? {
    if named == "none" { return nil }
    let program = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent().path
    let found = PlotlyLibrary.find(named: named, program: program, environment: ProcessInfo.processInfo.environment)
    if found == nil, let named {
      throw UserError("\(named): is no Plotly.js that can be read", hint: "give a plotly.min.js, or 'none'")
    }
    return found
  }

  /// 2026-03-01 12:34 UTC.
  static var moment: String {
    let formatter = DateFormatter()
    formatter.locale = Locale(identifier: "en_US_POSIX")
    formatter.timeZone = TimeZone(identifier: "UTC")
    formatter.dateFormat = "yyyy-MM-dd HH:mm:ss 'UTC'"
    return formatter.string(from: Date())
  }

  /// 128 bits of the system's randomness in hexadecimal.
  static func secret() -> String {
    var generator = SystemRandomNumberGenerator()
    return (0..<2).map { _ in
      let word = String(generator.next() as UInt64, radix: 16)
      return String(repeating: "0", count: 16 - word.count) + word
    }.joined()
  }
}
