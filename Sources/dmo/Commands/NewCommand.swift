import ArgumentParser
import DMOCore
import DMOExchange
import DMOSearch
import DMOStudy
import Foundation
import ProblemFile

/// `dmo new`: a study whose points people or other programs answer.
struct NewCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "new", abstract: "Start a study that a laboratory or another program answers.",
    discussion: """
      The problem is described in a TOML or JSON file: parameters with their ranges, outputs with their roles \
      (docs/ask-tell.md). `dmo ask` then proposes points, and `dmo tell` takes the results.

        dmo new etching.toml --search bayes --budget 40
        dmo ask etching-1.dmo -n 4 > points.csv
        dmo tell etching-1.dmo results.csv
      """)

  @Argument(help: "The problem's description.")
  var problem: String
  @OptionGroup var wanted: StudyOptions
  @OptionGroup var words: ConsoleOptions

  func run() throws {
    var console = words.console
    let description = try wanted.describe(.described(by: problem))
    // Refused now rather than at the first `dmo ask`.
    _ = try SearchAssembly.strategy(description, nil)
    let store = try wanted.makeStore(description)
    defer { store.close() }
    if words.json {
      Console.out(JSON.object([("type", .string("study")), ("study", .string(store.path))]).text)
    } else {
      Console.out("study \(store.path)")
    }
    console.note("next: dmo ask \(store.path) -n 4 > points.csv")
  }
}

extension StudyOptions.Source {
  /// What a problem file states, answered by nobody yet. - Throws: `ProblemFileError`.
  static func described(by path: String) throws -> Self {
    let file = try ProblemFile(path: path)
    let stem = URL(fileURLWithPath: path).deletingPathExtension().lastPathComponent
    return Self(plugin: .none, problem: file.problem?.id ?? stem, spec: ProblemSpec(file))
  }
}
