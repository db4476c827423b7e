import ArgumentParser
import DMOBench
import Foundation

/// `dmo bench joint`
struct BenchJointCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "joint", abstract: "The joint surrogate's ablation on neuron problems.",
    discussion: """
      Rows: c+o, o, c (what the network learns), goals (c+o from goals, not from what is observed), gp (a Gaussian process for each output, by NSGA-II), none (NSGA-II alone),
      no-gradient, fast, dgsm, no-sensitivity, bayes-mo, pymoo-nsga2 (with --python). Every row begins with the same 20
      points for a seed. Each run is a study file in the folder; the same command goes on where it was interrupted.

        dmo bench joint --problem motoneuron --seeds 10 -o ablation
        dmo bench joint --problem motoneuron --rows c+o,gp:1000,none,pymoo-nsga2 --python venv/bin/python -o ablation
      """)

  @Option(help: "The problem: \(JointAblation.problems.map(\.id).joined(separator: ", ")).")
  var problem = "hh-cell"
  @Option(help: ArgumentHelp("The rows, the first compared with; row:N has its own budget.", valueName: "a,b,…"))
  var rows = JointAblation.rows.filter { $0.peer == nil }.map(\.id).joined(separator: ",")
  @Option(help: "Evaluations of a run.")
  var budget = 500
  @Option(help: "How many seeds, from --first-seed on.")
  var seeds = 10
  @Option(help: "The first seed.")
  var firstSeed: UInt64 = 1
  @Option(help: "The interpreter that peers run in.")
  var python: String?
  @Option(help: "The peers' script.")
  var peerScript = "Tests/Benchmarks/suite_peer.py"
  @Option(name: .shortAndLong, help: "Runs at the same time, each on one core.")
  var jobs = 1
  @Option(name: .shortAndLong, help: "The folder for the studies and the CSV file.")
  var output = "ablation"
  @Flag(help: "Only print what there is in the folder.")
  var report = false
  @OptionGroup var words: ConsoleOptions

  func validate() throws {
    if seeds < 1 || seeds > 10_000 { throw ValidationError("--seeds \(seeds): write a number from 1 to 10000") }
    if jobs < 1 || jobs > 256 { throw ValidationError("--jobs \(jobs): write a number from 1 to 256") }
    if budget <= SuitePlan.designSize || budget > 100_000 {
      throw ValidationError("--budget \(budget): write a number above \(SuitePlan.designSize)")
    }
  }

  func run() throws {
    var console = words.console
    guard let chosen = JointAblation.problems.first(where: { $0.id == problem }) else {
      throw UserError(
        "--problem \(problem): there is no such ablation",
        hint: "choose among \(JointAblation.problems.map(\.id).joined(separator: ", "))")
    }
    let list = try rows.split(separator: ",").map { text in
      guard let row = JointAblation.row(String(text), budget: budget) else {
        throw UserError(
          "--rows \(text): there is no such row",
          hint: "choose among \(JointAblation.rows.map(\.id).joined(separator: ", ")), with a budget as in gp:1000")
      }
      return row
    }
    if let twice = list.first(where: { row in list.count { $0.method.id == row.method.id && $0.budget == row.budget } > 1 }) {
      throw UserError("--rows: '\(twice.method.id)' with \(twice.budget) evaluations is there twice", hint: "name it once")
    }
    let seedList = (0..<UInt64(seeds)).map { firstSeed + $0 }
    func job(_ row: JointAblation.Row, _ seed: UInt64) -> SuiteJob {
      SuiteJob(problem: chosen, method: row.method, seed: seed, planned: row.budget, budget: row.budget)
    }
    let host = SuiteHost(folder: output, python: python, script: peerScript, peerLimit: .infinity)
    let all = seedList.flatMap { seed in list.map { job($0, seed) } }
    if !report, try !host.runAll([all], threads: jobs, isQuiet: words.quiet) {
      console.note("stopped; the same command goes on, --report prints what there is")
      throw ExitCode(Exit.interrupted)
    }
    let runs = try list.map { row in
      (
        row: row,
        runs: try seedList.compactMap { seed -> AblationRun? in
          let job = job(row, seed)
          return try host.curve(job).map { AblationRun(curve: $0, nrmse: try host.telemetry("prediction_nrmse", job)) }
        }
      )
    }
    guard runs.contains(where: { !$0.runs.isEmpty }) else {
      throw UserError("\(output): holds no run", hint: "leave --report away", exit: Exit.failed)
    }
    let table = AblationTable(runs)
    Console.out("\(problem), seeds \(firstSeed) … \(seedList.last ?? 0), against the front of all runs: medians (quartiles)\n")
    Console.out(table.markdown)
    try BenchHost.write(table.csv, to: "\(output)/\(problem).csv")
    console.note("wrote \(output)/\(problem).csv")
  }
}
