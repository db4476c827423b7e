import ArgumentParser
import DMOCore
import DMOStudy
import Foundation

/// `dmo show`: what a study asked for and found. Needs no plugin.
struct ShowCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "What a study asked for and found; also while it runs.",
    discussion: """
        dmo show opamp-fom-1.dmo
        dmo show opamp-fom-1.dmo --config > study.toml && dmo run study.toml
      """)

  @Argument(help: "The study's file.")
  var study: String
  @Flag(help: "Instead, the configuration file that repeats the study: `dmo run FILE`.")
  var config = false
  @OptionGroup var words: ConsoleOptions

  func run() throws {
    let store = try StudyStore.open(path: study)
    let d = store.description
    if config { return Console.write(try StudyConfig.text(d, study: study), to: STDOUT_FILENO) }
    let incumbents = try store.incumbents()
    if words.json {
      Console.out(StudyText.json(incumbents, study: study, state: store.state, spec: d.spec).text)
      return
    }
    var rows = [
      ["problem", d.isWithoutPlugin ? d.problem : "\(d.problem) of \(d.plugin.name) \(d.plugin.version)"],
      ["plugin", d.isWithoutPlugin ? "none: `dmo ask` and `dmo tell`" : d.plugin.path],
      ["search", d.search + settings(d.searchOptions)],
    ]
    if let trainer = d.trainer { rows.append(["trainer", trainer + settings(d.trainerOptions)]) }
    if !d.options.isEmpty { rows.append(["options", settings(d.options).trimmingCharacters(in: .whitespaces)]) }
    if !d.fixed.isEmpty {
      let pinned = d.fixed.sorted { $0.key < $1.key }.map { "\($0.key)=\(Text.number($0.value))" }
      rows.append(["pinned", pinned.joined(separator: ", ")])
    }
    rows += [
      ["seed", "\(d.seed.value)"], ["workers", try workers(store, answered: incumbents.total)], ["made", "\(d.created) by dmo \(d.dmoVersion)"],
      ["state", "\(store.state), \(incumbents.total) of \(d.budget) evaluations (\(Text.counts(incumbents.counts)))"],
      ["feasible", "\(incumbents.feasibleCount)"],
    ]
    Console.out("study \(study)\n" + Text.table(rows) + "\n" + StudyText.result(incumbents, spec: d.spec))
    let telemetry = try store.telemetrySummary()
    if !telemetry.isEmpty {
      let rows = telemetry.map { [$0.name, Text.number($0.last), Text.number($0.median), "\($0.count)"] }
      Console.out("the surrogate's gradient\n" + Text.table([["", "last", "median", "iterations"]] + rows))
    }
    let failures = incumbents.failures.sorted
    if !failures.isEmpty {
      let shown = failures.prefix(10).map {
        ["\($0.count) ×", $0.status.description, $0.message, "first #\($0.first)"]
      }
      Console.out("failures\n" + Text.table(shown))
    }
  }

  /// How many there are, and, where not too many rows must be read for it, how much of their time they compute.
  private func workers(_ store: StudyStore, answered: Int) throws -> String {
    let jobs = store.description.jobs
    guard answered <= 20_000, let share = Occupancy.share(try store.rows(), workers: jobs) else { return "\(jobs)" }
    return "\(jobs), computing \(String(format: "%.1f", 100 * share)) % of the time"
  }

  private func settings(_ options: [String: String]) -> String {
    options.isEmpty
      ? "" : " " + options.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
  }
}
