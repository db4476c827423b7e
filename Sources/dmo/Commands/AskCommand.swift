import ArgumentParser
import DMOCore
import DMOHost
import DMOStudy
import DMOWorker
import Foundation

/// `dmo ask`: points to evaluate outside dmo.
struct AskCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ask", abstract: "Points to try next, for a laboratory or another program.",
    discussion: """
      Prints a CSV table: the number of each evaluation and its parameters. The points are recorded as asked for and wait \
      for `dmo tell`, which takes the same table with the outputs filled in. `--open` prints those that wait.

        dmo ask etching-1.dmo -n 4 > points.csv
      """)

  @Argument(help: "The study's file.")
  var study: String
  @Option(name: .shortAndLong, help: "How many points.")
  var number = 1
  @Flag(help: "Instead of new points, those that were asked for and have no result yet.")
  var open = false
  @Option(name: .shortAndLong, help: "Where the table goes, or '-'.")
  var output = "-"
  @OptionGroup var words: ConsoleOptions

  func validate() throws {
    if number < 1 || number > 1_000_000 { throw ValidationError("-n \(number): write a number from 1 to 1000000") }
  }

  func run() throws {
    var console = words.console
    let store = try StudyStore.open(path: study, readOnly: open)
    defer { store.close() }
    let rows = open ? try store.openRows() : try propose(store, &console)
    let sink = try Sink(output)
    let spec = store.description.spec
    if !words.json { sink.write(CSV.line(["evaluation"] + spec.space.labels) + "\n") }
    for row in rows {
      let x = row.request.x
      if words.json {
        let values = zip(spec.space.labels, x).map { ($0, JSON.number($1)) }
        sink.write(
          JSON.object([
            ("type", .string("point")), ("evaluation", .integer(Int(row.request.id))), ("parameters", .object(values)),
          ]).text + "\n")
      } else {
        let cells = x.indices.map { Text.value(x[$0], of: spec.space.parameter(at: $0), full: true) }
        sink.write(CSV.line(["\(row.request.id)"] + cells) + "\n")
      }
    }
    try sink.close()
    if rows.count < number && !open {
      console.warn("the search has \(rows.count) points to offer until more results are told")
    }
  }

  private func propose(_ store: StudyStore, _ console: inout Console) throws -> [StudyRow] {
    let was = store.description
    // A plugin's own gradient or composite may take part in the choice.
    let session = was.isWithoutPlugin ? nil : try Self.session(was, isVerbose: words.verbose)
    defer { session?.evaluator.shutdown() }
    let runner = StudyRunner(
      store: store, evaluator: NoEvaluator(was.spec), strategy: try SearchAssembly.strategy(was, session),
      clock: { Date().timeIntervalSince1970 })
    if let id = try runner.replay() {
      console.warn("this build or machine would have chosen evaluation \(id) otherwise; what was told stands")
    }
    let rows = try runner.propose(number)
    // People may ask for more than they planned; the search keeps to the budget that it was made with.
    let asked = Int(rows.last?.request.id ?? 0)
    if asked > was.budget {
      try store.update { ($0.budget, $0.plannedBudget) = (asked, was.plannedBudget ?? was.budget) }
    }
    return rows
  }

  private static func session(_ was: StudyDescription, isVerbose: Bool) throws -> Session {
    try Session(
      PluginSelection(path: was.plugin.path, problem: was.problem, options: was.options), jobs: 1, timeout: nil,
      inProcess: was.inProcess, limits: was.limits ?? WorkerLimits(), onEvent: Session.reporter(isVerbose: isVerbose))
  }
}
