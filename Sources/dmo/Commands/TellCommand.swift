import ArgumentParser
import DMOCore
import DMOStudy
import Foundation

/// `dmo tell`: results of points that were evaluated outside dmo.
struct TellCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tell", abstract: "Take the results of points that were evaluated elsewhere.",
    discussion: """
      The table is what `dmo ask` printed with the outputs filled in, and perhaps `status` (ok, infeasible, failed, …) and \
      `message`. Rows without a result go on waiting. Rows without a number in `evaluation` are points of your own. \
      All rows are checked before the first is recorded.

        dmo tell etching-1.dmo results.csv
      """)

  @Argument(help: "The study's file.")
  var study: String
  @Argument(help: "A CSV table of results, or '-'.")
  var results: String
  @OptionGroup var words: ConsoleOptions

  func run() throws {
    var console = words.console
    let store = try StudyStore.open(path: study, readOnly: false)
    defer { store.close() }
    let (answers, own, waiting) = try read(store)
    let now = Date().timeIntervalSince1970
    if !answers.isEmpty { try store.answer(answers, at: now) }
    if !own.isEmpty { try store.adopt(own, source: "told", at: now) }
    let incumbents = try store.incumbents()
    if words.json {
      Console.out(StudyText.json(incumbents, study: study, state: store.state, spec: store.description.spec).text)
    } else {
      Console.out(
        "\(Text.count(answers.count, "result")) of points that were asked for, \(own.count) of others; "
          + ProgressReport.standing(incumbents))
    }
    let still = try store.openRows().count
    if still > 0 { console.note("\(Text.count(still, "point")) still waiting: dmo ask \(study) --open") }
    if waiting > 0 { console.note("\(Text.count(waiting, "row")) without a result passed over") }
  }

  private func read(_ store: StudyStore) throws -> (answers: [EvaluationResult], own: [OutsidePoint], waiting: Int) {
    let spec = store.description.spec
    let table = try ResultTable(path: results, spec: spec)
    var open = Dictionary(uniqueKeysWithValues: try store.openRows().map { ($0.request.id, $0.request.x) })
    var answers: [EvaluationResult] = []
    var own: [OutsidePoint] = []
    var waiting = 0
    while let row = try table.next() {
      guard let status = row.status else {
        waiting += 1
        continue
      }
      guard let id = row.evaluation else {
        guard let x = row.x else {
          throw UserError(
            "\(row.place): says neither which evaluation nor which point", hint: "keep the columns of `dmo ask`")
        }
        own.append(OutsidePoint(x: x, status: status, y: row.y, message: row.message))
        continue
      }
      guard let asked = open.removeValue(forKey: id) else {
        throw UserError(
          "\(row.place): evaluation \(id) waits for no result",
          hint: "`dmo ask \(study) --open` lists those that do; a point of your own has an empty evaluation cell")
      }
      if let x = row.x, !Self.isSame(x, asked) {
        throw UserError(
          "\(row.place): evaluation \(id) was asked for at another point",
          hint: "restore its parameters, or empty its evaluation cell if you tried another point")
      }
      answers.append(EvaluationResult(id: id, status: status, y: row.y, message: row.message))
    }
    return (answers, own, waiting)
  }

  /// Whether both are one point: a spreadsheet may have rounded to six digits or so.
  private static func isSame(_ a: [Double], _ b: [Double]) -> Bool {
    zip(a, b).allSatisfy { abs($0 - $1) <= 1e-5 * max(abs($0), abs($1)) }
  }
}
