import ArgumentParser
import DMOBench
import DMOCore
import Foundation

/// `dmo bench suite`
struct BenchSuiteCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "suite", abstract: "Constrained and multi-objective searches side by side, at equal budgets.",
    discussion: """
      Every method begins with the same Latin hypercube of 20 points for a seed. Each run is a study file in the folder, so
      an interrupted benchmark goes on where it stopped, and a finished run is only read; --report prints what there is.
      Peers (pymoo-nsga2, pymoo-age-moea, botorch) run in the Python of --python. docs/benchmarks.md explains the tables.

        dmo bench suite --against nsga2 --seeds 10 -o suite
        dmo bench suite --against nsga2,pymoo-nsga2,botorch --budgets 100,200 --python venv/bin/python -o suite
        dmo bench suite --quick -o quick
      """)

  @Option(help: ArgumentHelp("The rows beside joint: searches, search+trainer pairs, peers.", valueName: "a,b,…"))
  var against = "nsga2"
  @Option(help: ArgumentHelp("The row that the others are compared with.", valueName: "id"))
  var method = "joint"
  @Option(help: ArgumentHelp("An option of that row's search.", valueName: "key=value"))
  var searchSet: [String] = []
  @Option(help: ArgumentHelp("An option of that row's trainer.", valueName: "key=value"))
  var trainerSet: [String] = []
  @Option(
    help: ArgumentHelp("The problems; default: \(SuiteProblem.all.map(\.id).joined(separator: ",")).", valueName: "a,b,…"))
  var problems: String?
  @Option(help: ArgumentHelp("Numbers of evaluations at which runs are read; default 100,200,500.", valueName: "a,b,…"))
  var budgets: String?
  @Option(help: "How many seeds, from --first-seed on; default 10.")
  var seeds: Int?
  @Option(help: "The first seed.")
  var firstSeed: UInt64 = 1
  @Flag(help: "100 evaluations, 3 seeds: a first impression in less than twenty minutes on two cores.")
  var quick = false
  @Option(help: "The interpreter that peers run in.")
  var python: String?
  @Option(help: "The peers' script.")
  var peerScript = "Tests/Benchmarks/suite_peer.py"
  @Option(help: ArgumentHelp("Processor time that a peer may take to decide in one run.", valueName: "time"))
  var peerTime = "15m"
  @Option(help: ArgumentHelp("dmosopt's recorded runs (JSON lines), shown beside.", valueName: "file"))
  var dmosopt: String?
  @Option(name: .shortAndLong, help: "Runs at the same time, each on one core.")
  var jobs = 1
  @Option(name: .shortAndLong, help: "The folder for the studies and the CSV file.")
  var output = "suite"
  @Flag(help: "Only print what there is in the folder.")
  var report = false
  @OptionGroup var words: ConsoleOptions

  func validate() throws {
    if let seeds, seeds < 1 || seeds > 10_000 { throw ValidationError("--seeds \(seeds): write a number from 1 to 10000") }
    if jobs < 1 || jobs > 256 { throw ValidationError("--jobs \(jobs): write a number from 1 to 256") }
    _ = try Quantity.seconds(peerTime, option: "--peer-time")
  }

  func run() throws {
    var console = words.console
    let plan = try plan()
    let host = SuiteHost(
      folder: output, python: python, script: peerScript,
      peerLimit: try Quantity.seconds(peerTime, option: "--peer-time"))
    if !report, try !host.runAll(plan.stages, threads: jobs, isQuiet: words.quiet) {
      console.note("stopped; the same command goes on, --report prints what there is")
      throw ExitCode(Exit.interrupted)
    }
    try publish(plan, host, &console)
  }

  private func list(_ text: String) -> [String] { text.split(separator: ",").map(String.init) }

  private func plan() throws -> SuitePlan {
    let chosen = try problems.map(list)?.map { id in
      guard let problem = SuiteProblem.all.first(where: { $0.id == id }) else {
        throw UserError(
          "--problems: there is no '\(id)' in the suite",
          hint: "choose among \(SuiteProblem.all.map(\.id).joined(separator: ", "))")
      }
      return problem
    }
    try checkNamedOnce((chosen ?? []).map(\.id), flag: "--problems", hint: "name it once")
    let numbers = try list(budgets ?? (quick ? "100" : "100,200,500")).map { text in
      guard let number = Int(text), (SuitePlan.designSize + 1...100_000).contains(number) else {
        throw UserError("--budgets: '\(text)' is no number above \(SuitePlan.designSize)", hint: "--budgets 100,200,500")
      }
      return number
    }
    let own = try SuiteMethod.named(
      method, searchOptions: KeyValue.parse(searchSet, flag: "--search-set"),
      trainerOptions: KeyValue.parse(trainerSet, flag: "--trainer-set"))
    let others = try list(against).map { id throws in try SuiteMethod.named(id) }
    try checkNamedOnce(
      [own.id] + others.map(\.id), flag: "--against",
      hint: "name it once; the same method with other options needs a folder of its own, --output")
    let count = UInt64(seeds ?? (quick ? 3 : 10))
    return SuitePlan(
      problems: chosen ?? SuiteProblem.all, methods: [own] + others, seeds: (0..<count).map { firstSeed + $0 },
      budgets: numbers)
  }

  /// - Throws: `UserError`: two runs would be one file.
  private func checkNamedOnce(_ names: [String], flag: String, hint: String) throws {
    guard let twice = Dictionary(grouping: names, by: \.self).first(where: { $0.value.count > 1 })?.key else { return }
    throw UserError("\(flag): '\(twice)' is there twice", hint: hint)
  }

  private func publish(_ plan: SuitePlan, _ host: SuiteHost, _ console: inout Console) throws {
    var curves: [String: SuiteCurve] = [:]
    for job in plan.jobs where curves[job.fileName] == nil { curves[job.fileName] = try host.curve(job) }
    guard !curves.isEmpty else { throw UserError("\(output): holds no run", hint: "leave --report away", exit: Exit.failed) }
    let table = SuiteTable(plan, recorded: try recorded()) { curves[$0.fileName] }
    let seedText = "seeds \(plan.seeds.first ?? 0) … \(plan.seeds.last ?? 0)"
    Console.out("Hypervolume over the best known, \(seedText): median (quartiles) [finished of all]; paired Wilcoxon\n")
    Console.out(table.hypervolumes)
    Console.out(table.verdicts)
    Console.out("The course of the runs: medians (quartiles); in how many of the finished runs a point was feasible\n")
    Console.out(table.courses)
    try BenchHost.write(table.csv, to: "\(output)/suite.csv")
    console.note("wrote \(output)/suite.csv")
  }

  private struct Record: Decodable {
    var problem: String
    var hv: [String: Double]
  }

  /// The recorded runs, where there are any.
  private func recorded() throws -> [SuiteTable.Recorded] {
    guard let dmosopt else { return [] }
    guard let text = try? String(contentsOfFile: dmosopt, encoding: .utf8) else {
      throw UserError("\(dmosopt): cannot be read", hint: "leave --dmosopt away")
    }
    var values: [String: [Int: [Double]]] = [:]
    for (number, line) in text.split(whereSeparator: \.isNewline).enumerated() {
      guard let record = try? JSONDecoder().decode(Record.self, from: Data(line.utf8)) else {
        throw UserError("\(dmosopt), line \(number + 1): is no record of a run", hint: "leave --dmosopt away")
      }
      for (budget, volume) in record.hv {
        if let budget = Int(budget) { values[record.problem, default: [:]][budget, default: []].append(volume) }
      }
    }
    return values.flatMap { problem, byBudget in
      byBudget.map { SuiteTable.Recorded(problem: problem, budget: $0.key, hypervolumes: $0.value) }
    }
  }
}
