import ArgumentParser
import DMOCore
import DMONumerics
import Foundation

/// `dmo indicator`: how good a set of points is, as one number.
struct IndicatorCommand: ParsableCommand {
  enum Kind: String, CaseIterable, ExpressibleByArgument {
    case hypervolume
    case igdPlus = "igd+"
    case epsilon, spread
  }

  static let configuration = CommandConfiguration(
    commandName: "indicator", abstract: "Measure a set of points: hypervolume, igd+, epsilon or spread.",
    discussion: """
      Every row of the table is a point and every column an objective to minimise; a header is optional. The number is
      printed last. hypervolume takes a reference point, igd+ and epsilon a table of a reference front, spread may.

        dmo indicator hypervolume --input front.csv --reference 1.1,1.1
        dmo indicator igd+ --input front.csv --reference true-front.csv
      """)

  @Argument(help: "hypervolume, igd+, epsilon or spread.")
  var kind: Kind
  @Option(help: "A CSV table of points.")
  var input: String
  @Option(help: ArgumentHelp("A point such as 1.1,1.1, or a CSV table of a front.", valueName: "point|file"))
  var reference: String?
  @Option(help: ArgumentHelp("Use these columns of the tables, such as power,gain; default: all.", valueName: "names"))
  var columns: String?
  @Option(help: ArgumentHelp("Columns to maximise.", valueName: "names"))
  var maximize: String?
  @Option(help: "Estimate the hypervolume with eight scrambled Sobol sequences of so many points; default: exact up to 10 objectives.")
  var samples: Int?
  @OptionGroup var words: ConsoleOptions

  func validate() throws {
    if kind != .spread && reference == nil {
      let example = kind == .hypervolume ? "a point such as 1.1,1.1" : "a CSV table of the front to compare with"
      throw ValidationError("dmo indicator \(kind.rawValue) needs --reference: \(example)")
    }
    if samples != nil && kind != .hypervolume { throw ValidationError("--samples is for hypervolume only: leave it away") }
    if let samples, samples < 1 { throw ValidationError("--samples \(samples): write a number above 0") }
  }

  func run() throws {
    var points = try FrontTable(path: input, columns: names(columns))
    let signs = try points.signs(maximizing: names(maximize) ?? [])
    points.scale(by: signs)
    switch kind {
    case .hypervolume:
      try printHypervolume(points, signs)
    case .igdPlus:
      print(FrontIndicators.igdPlus(points.rows, front: try front(points, signs) ?? []))
    case .epsilon:
      print(FrontIndicators.additiveEpsilon(points.rows, front: try front(points, signs) ?? []))
    case .spread:
      print(FrontIndicators.spread(points.rows, front: try front(points, signs)))
    }
  }

  private func names(_ list: String?) -> [String]? { list?.split(separator: ",").map(String.init) }

  private func printHypervolume(_ points: FrontTable, _ signs: [Double]) throws {
    let text = reference ?? ""
    let numbers = text.split(separator: ",").map { Double($0.trimmingCharacters(in: .whitespaces)) ?? .nan }
    guard numbers.allSatisfy(\.isFinite), numbers.count == points.columns else {
      throw UserError(
        "--reference \(text): not a point of \(points.columns) numbers, one for each column of \(input)",
        hint: "write for example --reference " + [String](repeating: "1.1", count: points.columns).joined(separator: ","))
    }
    let point = zip(numbers, signs).map { $0 * $1 }
    let flat = points.rows.flatMap(\.self)
    if samples == nil && points.columns <= Hypervolume.exactLimit {
      print(Hypervolume.exact(flat, objectives: points.columns, reference: point))
    } else {
      let estimate = Hypervolume.sampled(
        flat, objectives: points.columns, reference: point, samples: samples ?? Hypervolume.defaultSamples)
      var console = words.console
      console.note("estimated, standard error \(estimate.standardError)")
      print(estimate.value)
    }
  }

  private func front(_ points: FrontTable, _ signs: [Double]) throws -> [[Double]]? {
    guard let reference else { return nil }
    var front = try FrontTable(path: reference, columns: names(columns))
    guard front.columns == points.columns else {
      throw UserError(
        "\(reference) has \(front.columns) columns, but \(input) has \(points.columns)",
        hint: "name the same ones in both with --columns")
    }
    guard !front.rows.isEmpty else {
      throw UserError("\(reference): holds no point", hint: "give a table with at least one row of numbers")
    }
    front.scale(by: signs)
    return front.rows
  }

  private func print(_ value: Double) {
    let object = JSON.object([("type", .string("indicator")), ("kind", .string(kind.rawValue)), ("value", .number(value))])
    Console.out(words.json ? object.text : "\(value)")
  }
}
