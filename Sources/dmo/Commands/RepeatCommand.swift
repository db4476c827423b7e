import ArgumentParser
import DMOCore
import DMOReport
import DMOStudy

/// `dmo repeat`: evaluations of a study once more.
struct RepeatCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "repeat", abstract: "Evaluate designs of a study once more, as they were asked for.",
    discussion: """
      The same plugin, options, point, seed and fidelity; the study is not changed. Shows what the study holds and what \
      comes now, so that a failure can be looked into, or a result checked.

        dmo repeat opamp-fom-1.dmo 17
      """)

  @Argument(help: "The study's file.")
  var study: String
  @Argument(help: "The evaluations' numbers.")
  var evaluations: [UInt64]
  @Option(help: "Where the plugin is now; default: where it was when the study was made.")
  var plugin: String?
  @OptionGroup var words: ConsoleOptions

  func run() throws {
    let store = try StudyStore.open(path: study)
    let d = store.description
    let rows = try evaluations.map { id in
      guard let row = try store.row(id: id) else {
        throw UserError("\(study): has no evaluation \(id)", hint: "`dmo export \(study)` lists them")
      }
      return row
    }
    let pool = try ReportSources.pool(d, plugin: plugin)
    defer { pool.shutdown() }
    for row in rows {
      pool.submit(row.request)
      guard let result = pool.next(timeout: nil) else { continue }
      if words.json {
        Console.out(StudyText.json(row: Int(row.request.id), x: row.request.x, result, spec: d.spec).text)
        continue
      }
      Console.out(Self.text(row, result, d))
    }
  }

  private static func text(_ row: StudyRow, _ result: EvaluationResult, _ d: StudyDescription) -> String {
    func line(_ r: EvaluationResult) -> String { "\(r.status)" + (r.message.isEmpty ? "" : " (\(r.message))") }
    var text = "evaluation \(row.request.id)\n  parameters\n\(StudyText.parameters(row.request.x, d.spec.space))\n"
    text += "  in the study: \(row.result.map(line) ?? "not answered")\n  now: \(line(result)), \(Text.duration(result.wallSeconds))\n"
    if !result.printed.isEmpty { text += "  the plugin printed: \(result.printed)\n" }
    text += "  outputs\n" + StudyText.outputs(result.y, spec: d.spec, goals: d.goals)
    guard let was = row.result, was.status == result.status else { return text }
    let differ = zip(was.y, result.y).contains { $0 != $1 && !($0.isNaN || $1.isNaN) }
    return text + "\n  " + (differ ? "the outputs differ from the study's" : "the outputs are those of the study")
  }
}
