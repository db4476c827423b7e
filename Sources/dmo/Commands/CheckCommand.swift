import ArgumentParser
import DMOStudy
import Foundation

/// `dmo check`: whether a study's file is whole.
struct CheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check", abstract: "Whether a study's file is whole; changes nothing.",
    discussion: """
      Looks at every page and every evaluation: numbers without gaps, values within their ranges, answers in one order.
      The exit status is 0 when all is well, 1 when something is not, 5 when the file cannot be opened as a study.

        dmo check opamp-fom-1.dmo
      """)

  @Argument(help: "The study's file.")
  var study: String
  @OptionGroup var words: ConsoleOptions

  func run() throws {
    let store = try StudyStore.open(path: study)
    let report = try store.check()
    if words.json {
      Console.out(
        JSON.object([
          ("type", .string("check")), ("study", .string(study)), ("evaluations", .integer(report.evaluations)),
          ("answers", .integer(report.answers)), ("inFlight", .integer(report.evaluations - report.answers)),
          ("faults", .array(report.faults.map { .string($0) })),
        ]).text)
    } else {
      for fault in report.faults { Console.out("fault: \(fault)") }
      let verdict = report.faults.isEmpty ? "whole" : "damaged"
      Console.out(
        "\(study): \(verdict); \(report.evaluations) evaluations, \(report.answers) answered, \(store.state)")
    }
    if !report.faults.isEmpty { throw ExitCode(Exit.failed) }
  }
}
