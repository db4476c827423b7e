import DMOCore
import DMOSearch
import Foundation
import SwiftCSV

/// Reads the points that a search begins with.
enum InitialTable {
  /// The rows of a CSV table as `dmo eval` writes it, or `dmo export --columns` with parameters, outputs and the status.
  ///
  /// A row has a result when its `status` says so, or, without such a column, when it holds every output's number.
  /// - Throws: `UserError` naming the line.
  static func read(path: String, spec: ProblemSpec) throws -> [InitialPlan.Given] {
    guard let data = try? Data(contentsOf: URL(fileURLWithPath: path)) else {
      throw UserError("\(path): cannot be read", hint: "give a CSV table that you may read", exit: Exit.storage)
    }
    let text = String(decoding: data, as: UTF8.self)
    let points = try Points.table(text, name: path, spec: spec)
    let csv = try EnumeratedCSV(string: text, delimiter: .comma, loadColumns: false)
    let header = csv.header.map { $0.trimmingCharacters(in: .whitespaces) }
    let columns = spec.outputs.labels.map { header.firstIndex(of: $0) }
    let statusColumn = header.firstIndex(of: "status")
    return try zip(points, csv.rows).enumerated().map { r, row in
      let (x, cells) = row
      let y = columns.map { c in c.flatMap { Double(cells[$0].trimmingCharacters(in: .whitespaces)) } }
      let word = statusColumn.map { cells[$0].trimmingCharacters(in: .whitespaces) } ?? ""
      if word.isEmpty {
        let isWhole = y.allSatisfy { $0?.isFinite == true }
        return InitialPlan.Given(x: x, status: isWhole ? .ok : nil, y: isWhole ? y : [])
      }
      guard let status = EvaluationStatus(word: word) else {
        throw UserError(
          "\(path), line \(r + 2): '\(word)' is no status", hint: "write ok, infeasible, failed, … or leave the cell empty")
      }
      return InitialPlan.Given(x: x, status: status, y: y)
    }
  }

  /// The points of a table, whatever results stand beside them. - Throws: `UserError` naming the line.
  static func points(path: String, spec: ProblemSpec) throws -> [InitialPlan.Given] {
    let table = try ResultTable(path: path, spec: spec)
    guard table.hasPoints else {
      throw UserError("\(path): has no column of a parameter", hint: "the parameters: \(Points.shortNames(spec.space))")
    }
    var given: [InitialPlan.Given] = []
    while let row = try table.next() { if let x = row.x { given.append(InitialPlan.Given(x: x)) } }
    return given
  }
}
