import DMOCore
import DMOStudy
import Foundation

/// A CSV table of points, perhaps with results, read row by row: what laboratories and other programs hand over.
///
/// The header names the parameters and outputs in any order, and perhaps `evaluation`, `status` and `message`; other
/// columns that `dmo export` writes are passed over, and so is its line of units. A row has a result when its status
/// says so or, without one, when every output that can have a number has one.
final class ResultTable {
  struct Row {
    /// The number that `dmo ask` gave; nil when there is none.
    var evaluation: UInt64?
    /// Shape (space.dimension); nil when the table has no parameters.
    var x: [Double]?
    /// Nil: it has no result.
    var status: EvaluationStatus?
    /// Shape (outputs.dimension); NaN where nothing is known.
    var y: [Double]
    var message: String
    /// For messages: the file and the line.
    var place: String
  }
  /// What `dmo export` writes besides.
  private static let passedOver: Set<String> = ["source", "answer", "seed", "cost", "wall", "worker", "printed"]

  private let name: String
  private let reader: CSVReader
  private let spec: ProblemSpec
  private let header: [String]
  /// Where each coordinate and output stands; nil where the table has no such column.
  private let x: [Int?], y: [Int?]
  private let evaluation: Int?, status: Int?, message: Int?
  /// Whether the table has all parameters; otherwise it has none.
  let hasPoints: Bool

  /// - Parameters:
  ///   - path: '-' for standard input.
  ///   - spec: whose parameters and outputs the columns name.
  /// - Throws: `UserError` for unknown columns and half a point, `StudyError` when it cannot be read.
  init(path: String, spec: ProblemSpec) throws {
    reader = try CSVReader(path: path)
    self.spec = spec
    name = path == "-" ? "standard input" : path
    guard let titles = try reader.next(), titles != [""] else {
      throw UserError(
        "\(name): is empty", hint: "the first line names the parameters: \(Points.shortNames(spec.space))")
    }
    header = titles.map { $0.trimmingCharacters(in: .whitespaces) }
    var place: [String: Int] = [:]
    let outputs = spec.outputs.labels
    let known = Set(spec.space.labels + outputs + ["evaluation", "status", "message"])
    for (c, title) in header.enumerated() where !Self.passedOver.contains(title) {
      guard known.contains(title) else {
        throw UserError(
          "\(name): the column '\(title)' is neither a parameter nor an output",
          hint: "the parameters: \(Points.shortNames(spec.space)); the outputs: \(Points.list(outputs))")
      }
      guard place.updateValue(c, forKey: title) == nil else {
        throw UserError("\(name): the column \(title) stands twice", hint: "remove one")
      }
    }
    x = spec.space.labels.map { place[$0] }
    y = outputs.map { place[$0] }
    (evaluation, status, message) = (place["evaluation"], place["status"], place["message"])
    let missing = zip(spec.space.labels, x).filter { $1 == nil }.map(\.0)
    hasPoints = missing.isEmpty
    guard hasPoints || missing.count == x.count else {
      throw UserError(
        "\(name): no column for \(Points.list(missing))", hint: "the parameters: \(Points.shortNames(spec.space))")
    }
  }

  /// The next row; nil at the end. - Throws: `UserError` naming the line and the cell.
  func next() throws -> Row? {
    guard var cells = try reader.next() else { return nil }
    // Editors leave an empty line at the end.
    if cells == [""] {
      guard let more = try reader.next() else { return nil }
      guard more == [""] else { throw UserError("\(name), line \(reader.line - 1): is empty", hint: "remove the line") }
      return try next()
    }
    let place = "\(name), line \(reader.line)"
    guard cells.count == header.count else {
      throw UserError("\(place): \(cells.count) cells, but the header has \(header.count)", hint: "complete the line")
    }
    for c in cells.indices { cells[c] = cells[c].trimmingCharacters(in: .whitespaces) }
    if reader.line == 2 && isUnits(cells) { return try next() }
    var row = Row(y: [], message: message.map { cells[$0] } ?? "", place: place)
    if let evaluation {
      guard let number = UInt64(cells[evaluation]) else {
        guard cells[evaluation].isEmpty else {
          throw UserError(
            "\(place): '\(cells[evaluation])' is no evaluation's number", hint: "leave it as `dmo ask` wrote it")
        }
        return try fill(&row, cells)
      }
      row.evaluation = number
    }
    return try fill(&row, cells)
  }

  private func fill(_ row: inout Row, _ cells: [String]) throws -> Row {
    if hasPoints {
      row.x = try x.enumerated().map { i, c in
        try Points.value(cells[c ?? 0], at: i, in: spec.space, what: row.place)
      }
    }
    row.y = try zip(y, spec.outputs.labels).map { c, label in
      guard let c, !cells[c].isEmpty else { return .nan }
      guard let value = Double(cells[c]) else {
        throw UserError(
          "\(row.place): \(label) = '\(cells[c])' is not a number", hint: "leave the cell empty where nothing is known")
      }
      return value.isFinite ? value : .nan
    }
    row.status = try statusOf(row, word: status.map { cells[$0] } ?? "")
    return row
  }

  private func statusOf(_ row: Row, word: String) throws -> EvaluationStatus? {
    let missing = missingOutputs(row.y)
    // `running` is what an export calls a point without an answer.
    if word.isEmpty || word == "running" { return missing.isEmpty ? .ok : nil }
    guard let status = EvaluationStatus(word: word) else {
      throw UserError(
        "\(row.place): '\(word)' is no status", hint: "write ok, infeasible, failed, … or leave the cell empty")
    }
    guard status != .ok || missing.isEmpty else {
      throw UserError(
        "\(row.place): is ok, but has no number for \(Points.list(missing))",
        hint: "fill it in, or write infeasible (the point has no answer) or failed (this try went wrong)")
    }
    return status
  }

  /// The outputs that need a number and have none.
  private func missingOutputs(_ values: [Double]) -> [String] {
    zip(spec.outputs.outputs, spec.outputs.offsets).filter { !$0.0.mayBeNaN }.flatMap { output, start in
      (0..<output.width).filter { values[start + $0].isNaN }.map { output.label($0) }
    }
  }

  /// Whether this is the line of units that `dmo export --units` writes.
  private func isUnits(_ cells: [String]) -> Bool {
    guard x.contains(where: { $0 != nil }) || y.contains(where: { $0 != nil }) else { return false }
    let outputUnits = spec.outputs.outputs.flatMap { o in Array(repeating: o.unit, count: o.width) }
    let inputs = x.enumerated().allSatisfy { i, c in c.map { cells[$0] == spec.space.parameter(at: i).unit } ?? true }
    let outputs = zip(y, outputUnits).allSatisfy { c, unit in c.map { cells[$0] == unit } ?? true }
    return inputs && outputs && evaluation.map { cells[$0].isEmpty } ?? true
  }
}
