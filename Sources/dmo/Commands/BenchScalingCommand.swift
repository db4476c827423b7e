import ArgumentParser
import DMOBench
import DMOCore
import DMOHost
import DMOSearch
import DMOStudy
import DMOSurrogates
import DMOWorker
import Foundation

/// `dmo bench scaling`: how many workers one dmo keeps busy.
struct BenchScalingCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "scaling", abstract: "How many workers rank 0 keeps busy, in simulated time.",
    discussion: """
      The real search and the real study file run against simulated workers: evaluations take a lognormal time on a
      simulated clock, and every proposal, fit and commit is charged to that clock as measured, on one core that the
      search shares with what it computes ahead. docs/hpc.md has the curves.

        dmo bench scaling --workers 64,256,1024 --seconds 10,60
      """)

  @Option(help: ArgumentHelp("Numbers of workers, separated by commas.", valueName: "a,b,…"))
  var workers = "1,4,16,64,256,1024,4096"
  @Option(help: ArgumentHelp("Median seconds of an evaluation, separated by commas.", valueName: "a,b,…"))
  var seconds = "1,10,60,600"
  @Option(help: "Standard deviation of the logarithm of an evaluation's time.")
  var spread = 0.5
  @Option(help: ArgumentHelp("Evaluations; default: 8 for each worker, 1000 to 8000.", valueName: "N"))
  var budget: Int?
  @Option(help: "The search.")
  var search = "joint"
  @Option(help: "The problem's plugin.")
  var plugin = "testproblems"
  @Option(help: "The problem.")
  var problem = "tnk"
  @Option(help: "The seed.")
  var seed: UInt64 = 1
  @OptionGroup var words: ConsoleOptions

  func validate() throws {
    _ = try Self.numbers(workers, "--workers", 1...1_000_000)
    _ = try Self.numbers(seconds, "--seconds", 1e-3...1e6)
    if !(0...3 ~= spread) { throw ValidationError("--spread \(spread): write a number from 0 to 3") }
    if let budget, budget < 10 { throw ValidationError("--budget \(budget): write a number of at least 10") }
  }

  private static func numbers(_ text: String, _ option: String, _ range: ClosedRange<Double>) throws -> [Double] {
    try text.split(separator: ",").map {
      guard let value = Double($0), range.contains(value) else {
        throw ValidationError("\(option) \(text): write numbers from \(range.lowerBound) to \(range.upperBound)")
      }
      return value
    }
  }

  func run() throws {
    let console = words.console
    let folder = FileManager.default.temporaryDirectory.appending(path: "dmo-scaling-\(ProcessInfo.processInfo.processIdentifier)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
    defer { try? FileManager.default.removeItem(at: folder) }
    BenchHost.installHandlers()
    if !console.isJSON {
      Console.out(
        "| workers | evaluation, s | evaluations | utilisation | proposals a second | rank 0 without fits, "
          + "ms an evaluation | fits, ms an evaluation | fits | longest fit, s | core busy | memory, MiB |\n"
          + "|---|---|---|---|---|---|---|---|---|---|---|")
    }
    for count in try Self.numbers(workers, "--workers", 1...1_000_000).map({ Int($0) }) {
      for median in try Self.numbers(seconds, "--seconds", 1e-3...1e6) where !BenchHost.isStopped {
        let path = folder.appending(path: "\(count)-\(median).dmo").path
        try report(try measure(count, median, path), count, median, console)
      }
    }
  }

  private struct Measured {
    var cluster: SimulatedCluster
    var tally: TimedTrainer.Tally
    var budget: Int
  }

  private func measure(_ count: Int, _ median: Double, _ path: String) throws -> Measured {
    let session = try Session(
      PluginSelection(path: try PluginFinder().resolve(plugin), problem: problem, options: [:]), jobs: 1, timeout: nil,
      inProcess: true, onEvent: Session.reporter(isVerbose: false))
    defer { session.evaluator.shutdown() }
    let budget = budget ?? min(max(8 * count, 1000), 8000)
    // From the moment that every worker has a point, but for the design, to the last submission.
    let cluster = SimulatedCluster(
      source: session.evaluator, workers: count, median: median, spread: spread,
      measured: min(count + 100, budget / 2)..<budget)
    let pair = try StrategyRegistry.pair(search: search, trainer: nil)
    let description = StudyDescription(
      dmoVersion: Version.current, command: CommandLine.arguments, created: Date().ISO8601Format(),
      plugin: session.reference, problem: session.problem.id, options: [:], spec: session.spec,
      goals: Goals(session.spec.outputs), fixed: [:], search: search, searchOptions: [:], trainer: pair.trainer,
      trainerOptions: [:], seed: Seed(seed), budget: budget, jobs: count, inProcess: true, evaluationTimeout: nil,
      storeObserved: .full)
    let store = try StudyStore.create(path: path, description)
    defer { store.close() }
    let tally = TimedTrainer.Tally()
    let strategy = try SearchAssembly.strategy(description, session, background: cluster.background) {
      TimedTrainer($0, tally: tally)
    }
    let runner = StudyRunner(store: store, evaluator: cluster, strategy: strategy, clock: { cluster.now })
    _ = try runner.run(request: { BenchHost.isStopped ? .abandon : .goOn })
    return Measured(cluster: cluster, tally: tally, budget: budget)
  }

  private func report(_ measured: Measured, _ count: Int, _ median: Double, _ console: Console) throws {
    let (cluster, tally) = (measured.cluster, measured.tally)
    guard let utilisation = cluster.utilisation, let window = cluster.windowSeconds else { return }
    let perEvaluation = 1e3 / Double(measured.budget)
    let values: [(String, Double)] = [
      ("utilisation", utilisation),
      ("proposals_per_second", Double(measured.budget - min(count + 100, measured.budget / 2)) / window),
      ("rank0_ms_without_fits", (cluster.coreSeconds - tally.seconds) * perEvaluation),
      ("fits_ms", tally.seconds * perEvaluation), ("fits", Double(tally.count)), ("longest_fit_s", tally.longest),
      ("core_busy", cluster.coreShare), ("waited_s", cluster.waitedSeconds),
      ("memory_mib", Self.residentMiB),
    ]
    if console.isJSON {
      let head: [(String, JSON)] = [
        ("type", .string("scaling")), ("workers", .number(Double(count))), ("seconds", .number(median)),
        ("evaluations", .number(Double(measured.budget))),
      ]
      Console.out(JSON.object(head + values.map { ($0.0, .number($0.1)) }).text)
    } else {
      let cells =
        [Double(count), median, Double(measured.budget)].map { Text.number($0) }
        + values.filter { $0.0 != "waited_s" }.map { name, value in
          let isShare = name == "utilisation" || name == "core_busy"
          return isShare
            ? String(format: "%.1f %%", 100 * value) : String(format: value >= 100 ? "%.0f" : "%.3g", value)
        }
      Console.out("| " + cells.joined(separator: " | ") + " |")
    }
  }

  private static var residentMiB: Double {
    let words = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8))?.split(separator: " ") ?? []
    return words.count > 1 ? (Double(words[1]) ?? 0) * Double(sysconf(Int32(_SC_PAGESIZE))) / 1_048_576 : .nan
  }
}
