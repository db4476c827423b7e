import ArgumentParser
import DMOReport
import DMOStudy

/// `dmo compare`: searches, trainers and seeds on one problem.
struct CompareCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare", abstract: "Compare studies of one problem: ways to search, seed against seed.",
    discussion: """
      Studies with the same search, trainer and options form a group. Reports each group's median and quartiles over its \
      seeds, and for each pair of groups Wilcoxon's signed-rank test and the sign test over the seeds that both have. \
      Several objectives are compared by the hypervolume, from the worst of all the fronts.

        dmo compare runs/*.dmo
      """)

  @Argument(help: "The studies' files, or folders of them.")
  var studies: [String]
  @OptionGroup var words: ConsoleOptions

  func run() throws {
    var console = words.console
    let comparison = try Comparison(try ReportSources.digests(try ReportSources.open(studies)))
    if words.json {
      Console.out(Self.json(comparison).text)
      return
    }
    let n = Text.number
    var rows = [["", "seeds", "median", "lower quartile", "upper quartile", "best", "worst"]]
    for g in comparison.groups {
      rows.append([g.name, "\(g.seeds)"] + [g.median, g.lower, g.upper, g.best, g.worst].map { n($0, false) })
    }
    let direction = comparison.isMaximized ? "larger is better" : "smaller is better"
    Console.out("\(comparison.title)\n\(comparison.measure), \(direction)\n" + Text.table(rows))
    if !comparison.tests.isEmpty {
      var rows = [["paired by seed", "seeds", "median difference", "wins", "losses", "ties", "Wilcoxon p", "sign p"]]
      for t in comparison.tests {
        rows.append([
          t.pair, "\(t.pairs)", n(t.difference, false), "\(t.wins)", "\(t.losses)", "\(t.ties)",
          n(t.wilcoxon ?? .nan, false), n(t.sign ?? .nan, false),
        ])
      }
      Console.out(Text.table(rows))
    }
    for warning in comparison.warnings { console.warn(warning) }
  }

  private static func json(_ c: Comparison) -> JSON {
    func groups(_ g: Comparison.Group) -> JSON {
      .object([
        ("name", .string(g.name)), ("seeds", .integer(g.seeds)), ("median", .number(g.median)), ("lower", .number(g.lower)),
        ("upper", .number(g.upper)), ("best", .number(g.best)), ("worst", .number(g.worst)),
        (
          "finals",
          .array(
            g.finals.map {
              .object([
                ("study", .string($0.study)), ("seed", .string("\($0.seed)")), ("value", $0.value.map(JSON.number) ?? .null),
              ])
            })
        ),
      ])
    }
    func tests(_ t: Comparison.Test) -> JSON {
      .object([
        ("pair", .string(t.pair)), ("pairs", .integer(t.pairs)), ("difference", .number(t.difference)),
        ("wins", .integer(t.wins)), ("losses", .integer(t.losses)), ("ties", .integer(t.ties)),
        ("wilcoxon", t.wilcoxon.map(JSON.number) ?? .null), ("sign", t.sign.map(JSON.number) ?? .null),
      ])
    }
    return .object([
      ("type", .string("comparison")), ("measure", .string(c.measure)), ("maximized", .bool(c.isMaximized)),
      ("groups", .array(c.groups.map(groups))), ("tests", .array(c.tests.map(tests))),
      ("warnings", .array(c.warnings.map(JSON.string))),
    ])
  }
}
