import ArgumentParser
import DMOCore
import DMOStudy
import Foundation

/// `dmo list`: the studies of a folder.
struct ListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "The studies of a folder.", discussion: "  dmo list studies")

  @Argument(help: "The folder; default: the current one.")
  var folder = "."
  @OptionGroup var words: ConsoleOptions

  func run() throws {
    var console = words.console
    let names: [String]
    do { names = try FileManager.default.contentsOfDirectory(atPath: folder) } catch {
      throw UserError("\(folder): cannot be listed", hint: "give a folder that you may read", exit: Exit.storage)
    }
    var rows = [["study", "problem", "search", "evaluations", "best", "state"]]
    let studies = names.filter { $0.hasSuffix(".dmo") }
    for name in studies.sorted(by: { $0.compare($1, options: .numeric) == .orderedAscending }) {
      let path = folder == "." ? name : "\(folder)/\(name)"
      do {
        let store = try StudyStore.open(path: path)
        let incumbents = try store.incumbents()
        let d = store.description
        if words.json {
          Console.out(StudyText.json(incumbents, study: path, state: store.state, spec: d.spec).text)
        }
        rows.append([
          path, d.problem, d.trainer ?? d.search, "\(incumbents.total)/\(d.budget)",
          ProgressReport.standing(incumbents), store.state,
        ])
      } catch { console.warn("\(UserError(error).message)") }
    }
    if words.json { return }
    Console.out(rows.count > 1 ? Text.table(rows, indent: 0) : "no studies in \(folder)")
  }
}
