import Foundation
import SwiftCSV

/// A CSV table of numbers: a point a row, an objective a column.
struct FrontTable {
  /// Shape (n, columns).
  private(set) var rows: [[Double]] = []
  /// The header's names; `f0`, `f1`, … when the table has none.
  private(set) var names: [String] = []
  var columns: Int { names.count }

  /// - Parameters:
  ///   - path: a CSV table with a header.
  ///   - wanted: the names to keep, in this order; nil for all.
  /// - Throws: `UserError` naming the file, the line and the cell.
  init(path: String, columns wanted: [String]?) throws {
    guard let data = try? Data(contentsOf: URL(fileURLWithPath: path)) else {
      throw UserError("\(path): cannot be read", hint: "give a CSV table that you may read", exit: Exit.storage)
    }
    let csv: EnumeratedCSV
    do { csv = try EnumeratedCSV(string: String(decoding: data, as: UTF8.self), delimiter: .comma, loadColumns: false) } catch {
      throw UserError("\(path): not a CSV table: \(error)", hint: "separate cells by commas and quote cells that hold one")
    }
    let first = csv.header.map { $0.trimmingCharacters(in: .whitespaces) }
    guard !first.isEmpty, first != [""] else { throw UserError("\(path): is empty", hint: "write a point on each line") }
    let hasHeader = first.contains { Double($0) == nil }
    let lines = (hasHeader ? [] : [first]) + csv.rows
    let all = hasHeader ? first : first.indices.map { "f\($0)" }
    names = wanted ?? all
    let positions = try names.map { name in
      guard let k = all.firstIndex(of: name) else {
        throw UserError("\(path): no column '\(name)'", hint: "its columns: \(all.joined(separator: ", "))")
      }
      return k
    }
    for (r, cells) in lines.enumerated() {
      // The header, if there is one, is line 1.
      let what = "\(path), line \(r + (hasHeader ? 2 : 1))"
      guard cells.count == all.count else {
        throw UserError("\(what): \(cells.count) cells, but the first line has \(all.count)", hint: "complete the line")
      }
      rows.append(
        try positions.map { k in
          let cell = cells[k].trimmingCharacters(in: .whitespaces)
          guard let value = Double(cell), !value.isNaN else {
            throw UserError(
              "\(what): '\(cell)' in column \(all[k]) is not a number",
              hint: "choose the objectives with --columns, such as --columns \(all.prefix(2).joined(separator: ","))")
          }
          return value
        })
    }
  }

  /// −1 for the columns to maximise, else 1; shape (columns).
  func signs(maximizing maximized: [String]) throws -> [Double] {
    if let unknown = maximized.first(where: { !names.contains($0) }) {
      throw UserError("--maximize \(unknown): no such column", hint: "the columns: \(names.joined(separator: ", "))")
    }
    return names.map { maximized.contains($0) ? -1 : 1 }
  }

  /// Multiplies each column.
  mutating func scale(by factors: [Double]) { rows = rows.map { row in zip(row, factors).map { $0 * $1 } } }
}
