import ArgumentParser
import DMOReport
import DMOStudy
import Foundation

/// `dmo report`: studies as one page.
struct ReportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report", abstract: "One self-contained HTML page about a study, or several side by side.",
    discussion: """
      Results, insights and diagnostics with plots, each with its data as a table and as CSV; needs neither a server nor \
      a network to be looked at. Works while the study runs. Pictures are drawn by the plugin when it is at hand.

        dmo report opamp-spec-1.dmo
        dmo report runs/*.dmo -o seeds.html
      """)

  @Argument(help: "The studies' files, or folders of them.")
  var studies: [String]
  @Option(name: .shortAndLong, help: ArgumentHelp("The page; default: the first study's name with .html, here.", valueName: "file"))
  var output: String?
  @Option(name: .customLong("design"), help: ArgumentHelp("Draws the pictures of this evaluation, too; may be repeated.", valueName: "N"))
  var designs: [UInt64] = []
  @Option(help: "Where the plugin is now; default: where it was when the study was made.")
  var plugin: String?
  @Flag(name: .customLong("no-pictures"), help: "Calls no plugin.")
  var isWithoutPictures = false
  @Flag(name: .customLong("no-insights"), help: "Learns no surrogate: no sensitivities, slices, contours and parity.")
  var isWithoutInsights = false
  @Option(help: ArgumentHelp("A plotly.min.js, or 'none' for tables alone; see docs/report.md.", valueName: "file"))
  var plotly: String?
  @OptionGroup var words: ConsoleOptions

  func run() throws {
    var console = words.console
    let library = try ReportSources.plotly(plotly)
    let stores = try ReportSources.open(studies)
    let digests = try ReportSources.digests(stores)
    var report = Report(digests.map(Report.Part.init))
    if digests.count > 1 {
      do { report.comparison = try Comparison(digests) } catch {
        console.note("no comparison: \(UserError(error).message)")
      }
    }
    for (k, store) in stores.enumerated() {
      if !isWithoutInsights {
        do { report.parts[k].insights = try InsightMaker(digests[k]).make(store) } catch {
          console.warn("\(store.path): no insights: \(UserError(error).message)")
        }
      }
      if !isWithoutPictures {
        var wanted = designs
        if let chosen = digests[k].chosen?.id, !wanted.contains(chosen) { wanted.insert(chosen, at: 0) }
        for id in digests[k].otherDesigns where wanted.count < 3 && !wanted.contains(id) { wanted.append(id) }
        ReportSources.addPlugin(&report.parts[k], store, plugin: plugin, designs: wanted)
      }
    }
    let path = output ?? Self.page(of: digests[0].path)
    let sink = try Sink(path)
    sink.write(
      try report.html(plotly: library, moment: ReportSources.moment, nonce: ReportSources.secret()))
    try sink.close()
    if library == nil && plotly != "none" { console.warn(PlotlyLibrary.hint) }
    guard path != "-" else { return }
    if words.json {
      Console.out(JSON.object([("type", .string("report")), ("page", .string(path))]).text)
    } else {
      console.note("page \(path)")
    }
  }

  private static func page(of study: String) -> String {
    let name = study.split(separator: "/").last.map(String.init) ?? "report"
    return (name.hasSuffix(".dmo") ? String(name.dropLast(4)) : name) + ".html"
  }
}
