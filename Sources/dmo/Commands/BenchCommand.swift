import ArgumentParser
import DMOBench
import DMOCore
import DMOHost
import DMOSearch
import DMOStudy
import Foundation
import Synchronization

/// `dmo bench …`
struct BenchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench", abstract: "Run published benchmarks.",
    subcommands: [Paper.self, BenchSuiteCommand.self, BenchJointCommand.self, BenchScalingCommand.self])

  enum Table: String, CaseIterable, ExpressibleByArgument {
    case values = "1"
    case queries = "2"
    case figure2
  }
  enum Part: String, CaseIterable, ExpressibleByArgument { case error, offline }

  struct Paper: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "The tables of the GradPIE paper (arXiv 2501.19161), per iteration and per query.",
      discussion: """
        Every run is a study file in the folder, so an interrupted benchmark goes on where it stopped, and finished runs
        are only read. Table 1: the best value so far; table 2: queries to equal another row; figure2: the surrogate's
        gradient error (--part error), and optimisation offline (--part offline). docs/benchmarks.md says how settings
        were chosen.

          dmo bench paper --table 1 --task cnon --seeds 20 --jobs 2 -o cnon
          dmo bench paper --table figure2 --part error --seeds 10 -o figure2
        """)

    @Option(help: "1, 2 or figure2.")
    var table: Table
    @Option(help: "The problem: \(PaperTask.all.map(\.id).joined(separator: ", ")).")
    var task = "cnon"
    @Option(help: "How many seeds, from --first-seed on.")
    var seeds = 20
    @Option(help: "The first seed.")
    var firstSeed: UInt64 = 1
    @Option(
      help: ArgumentHelp("Iterations after the initial design; local samples cost queries besides.", valueName: "N"))
    var budget = 200
    @Option(
      help: ArgumentHelp(
        "Rows, separated by commas; default: all that the task and this build have.", valueName: "a,b,…"))
    var methods: String?
    @Option(
      help: ArgumentHelp(
        "An option of the search in every row that steps along a gradient, for ablations.", valueName: "key=value"))
    var searchSet: [String] = []
    @Option(help: ArgumentHelp("An option of the trainer in every row that trains a network.", valueName: "key=value"))
    var trainerSet: [String] = []
    @Option(help: "figure2: error or offline.")
    var part: Part = .error
    @Option(help: ArgumentHelp("figure2 offline: sizes of the data set.", valueName: "a,b,…"))
    var sizes = "100,300,1000"
    @Option(help: ArgumentHelp("figure2 error: numbers of oscillators.", valueName: "a,b,…"))
    var dimensions = GradientErrorStudy.dimensions.map(String.init).joined(separator: ",")
    @Option(help: ArgumentHelp("figure2 error: how data are spread.", valueName: "a,b,…"))
    var data = GradientErrorStudy.DataKind.allCases.map(\.rawValue).joined(separator: ",")
    @Option(name: .shortAndLong, help: "Runs at the same time, each on one core.")
    var jobs = 1
    @Option(name: .shortAndLong, help: "The folder for the studies, the CSV file and the plot.")
    var output = "bench"
    @Flag(help: "Only print what is finished in the folder.")
    var report = false
    @OptionGroup var words: ConsoleOptions

    func validate() throws {
      if seeds < 1 || seeds > 10_000 { throw ValidationError("--seeds \(seeds): write a number from 1 to 10000") }
      if jobs < 1 || jobs > 256 { throw ValidationError("--jobs \(jobs): write a number from 1 to 256") }
      if budget < 1 || budget > 100_000 { throw ValidationError("--budget \(budget): write a number from 1 to 100000") }
    }

    /// A table or a line of words; as JSON one line with its text.
    private func say(_ text: String) {
      Console.out(words.json ? JSON.object([("type", .string("table")), ("text", .string(text))]).text : text)
    }

    func run() throws {
      guard let chosen = PaperTask.named(task) else {
        throw UserError(
          "--task \(task): there is no such task",
          hint: "choose among \(PaperTask.all.map(\.id).joined(separator: ", "))")
      }
      do {
        try FileManager.default.createDirectory(atPath: output, withIntermediateDirectories: true)
      } catch {
        throw UserError(
          "\(output): cannot be made: \(error.localizedDescription)", hint: "choose another folder with --output",
          exit: Exit.storage)
      }
      let seedList = (0..<UInt64(seeds)).map { firstSeed + $0 }
      switch (table, part) {
      case (.figure2, .error): try gradientError(chosen, seedList)
      case (.figure2, .offline):
        try runPlan(
          PaperPlan.offline(task: chosen, sizes: try numbers(sizes, "--sizes"), seeds: seedList, steps: budget))
      default: try runPlan(try plan(chosen, seedList))
      }
    }

    private func numbers(_ list: String, _ flag: String) throws -> [Int] {
      try list.split(separator: ",").map { text in
        guard let number = Int(text), (1...100_000).contains(number) else {
          throw UserError("\(flag) \(list): '\(text)' is no number from 1 to 100000", hint: "write \(flag) 20,64")
        }
        return number
      }
    }

    private func kinds() throws -> [GradientErrorStudy.DataKind] {
      try data.split(separator: ",").map { text in
        guard let kind = GradientErrorStudy.DataKind(rawValue: String(text)) else {
          let all = GradientErrorStudy.DataKind.allCases.map(\.rawValue).joined(separator: ", ")
          throw UserError("--data \(data): there is no '\(text)'", hint: "choose among \(all)")
        }
        return kind
      }
    }

    private func plan(_ task: PaperTask, _ seeds: [UInt64]) throws -> PaperPlan {
      let available = PaperMethod.available(for: task)
      let wanted = methods.map { $0.split(separator: ",").map(String.init) } ?? available
      let search = try KeyValue.parse(searchSet, flag: "--search-set")
      let trainer = try KeyValue.parse(trainerSet, flag: "--trainer-set")
      let rows = try wanted.map { id in
        guard let method = PaperMethod.make(id, task: task) else {
          throw UserError(
            "--methods \(id): this build, or the task \(task.id), has no such row",
            hint: "choose among \(available.joined(separator: ", "))")
        }
        return method.search == "gradient"
          ? method.changed(search: search, trainer: method.trainer == "exact" ? [:] : trainer) : method
      }
      return PaperPlan(task: task, methods: rows, seeds: seeds, iterations: budget)
    }

    // MARK: - Runs

    private func runPlan(_ plan: PaperPlan) throws {
      var console = words.console
      if !report {
        let folder = output
        let total = plan.jobs.count
        let queue = BenchQueue(plan.jobs)
        let isQuiet = words.quiet
        BenchHost.installHandlers()
        let isComplete = try queue.run(threads: jobs, isStopped: { BenchHost.isStopped }) { job in
          try BenchHost.run(job, folder: folder)
        } onDone: { job, done in
          if !isQuiet { Console.write("\(done)/\(total) \(job.fileName)\n", to: STDERR_FILENO) }
        }
        if !isComplete {
          console.note("stopped; the same command goes on")
          throw ExitCode(Exit.interrupted)
        }
      }
      try publish(plan, &console)
    }

    /// Prints the tables of the seeds that every method has finished; writes CSV and plot.
    private func publish(_ plan: PaperPlan, _ console: inout Console) throws {
      var runs: [String: [RunCurve]] = [:]
      var missing = 0
      for seed in plan.seeds {
        let curves = try plan.jobs.filter { $0.seed == seed }.compactMap { try BenchHost.curve($0, folder: output) }
        guard curves.count == plan.methods.count else {
          missing += 1
          continue
        }
        for curve in curves { runs[curve.method, default: []].append(curve) }
      }
      if missing > 0 {
        console.warn("\(missing) of \(plan.seeds.count) seeds are not finished by every method and are left out")
      }
      let curves = plan.methods.compactMap { m in runs[m.id].map { (method: m.id, runs: $0) } }
      guard !curves.isEmpty else {
        throw UserError("no seed is finished by every method", hint: "leave --report away", exit: Exit.failed)
      }
      let paper = PaperTable(task: plan.task, curves: curves, checkpoints: plan.checkpoints)
      say(plan.settings)
      if table == .queries {
        say("Queries to equal another row, seed by seed: median (quartiles), seeds that get there\n")
        say(paper.queriesToEqual("mae", at: [plan.iterations]))
        say(paper.queriesToEqual("exact", at: plan.checkpoints))
      } else {
        let base = curves.contains { $0.method == "mae" } ? "mae" : curves[0].method
        let axes: [PaperTable.Axis] = table == .figure2 ? [.iteration] : [.query, .iteration]
        for axis in axes {
          say("\(plan.task.objective), best so far per \(axis.rawValue): mean ± sd; median (quartiles)\n")
          say(paper.values(axis))
          say("Paired differences on the same seeds: mean [95 % bootstrap interval], seeds won\n")
          say(paper.differences(axis, to: base))
        }
      }
      let stem = "\(output)/\(plan.task.id)\(table == .figure2 ? "-offline" : "")"
      try BenchHost.write(paper.csv, to: stem + ".csv")
      try BenchHost.write(CurvePlot(plan.task, curves: curves).svg, to: stem + ".svg")
      console.note("wrote \(stem).csv and \(stem).svg")
    }

    // MARK: - Figure 2, a–e

    private func gradientError(_ task: PaperTask, _ seeds: [UInt64]) throws {
      guard task.id == "cnon" else {
        throw UserError(
          "--part error needs a problem of two sizes with an exact Jacobian: that is cnon", hint: "--task cnon")
      }
      var console = words.console
      let path = "\(output)/figure2-error.csv"
      let known = ((try? String(contentsOfFile: path, encoding: .utf8)) ?? "")
        .split(separator: "\n").compactMap { GradientErrorStudy.Row(csv: $0) }
      let cases = GradientErrorStudy.cases(
        seeds: seeds, dimensions: try numbers(dimensions, "--dimensions"), kinds: try kinds())
      let finished = Set(known.map(\.item))
      let rows = Mutex(known)
      if !report {
        let open = cases.filter { !finished.contains($0) }
        BenchHost.installHandlers()
        let isQuiet = words.quiet
        let isComplete = try BenchQueue(open).run(threads: jobs, isStopped: { BenchHost.isStopped }) { item in
          let new = try BenchHost.gradientError(item, task: task)
          try rows.withLock { rows in
            rows += new
            let text = ([GradientErrorStudy.csvHeader] + rows.map(\.csv)).joined(separator: "\n") + "\n"
            try BenchHost.write(text, to: path)
          }
        } onDone: { item, done in
          if isQuiet { return }
          Console.write(
            "\(done)/\(open.count) n=\(item.dimension) \(item.data.rawValue) seed \(item.seed)\n", to: STDERR_FILENO)
        }
        if !isComplete {
          console.note("stopped; the same command goes on")
          throw ExitCode(Exit.interrupted)
        }
      }
      let wanted = Set(cases)
      say(GradientErrorStudy.table(rows.withLock { $0 }.filter { wanted.contains($0.item) }))
      console.note("wrote \(path)")
    }
  }
}
