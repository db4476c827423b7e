import DMOCore
import Foundation
import SwiftCSV

/// Points that users write: tables with a header, or `name=value` texts.
enum Points {
  /// The parameters' names, blocks as `id[0…n−1]`.
  static func shortNames(_ space: ParameterSpace) -> String {
    space.parameters.map { $0.count == 0 ? $0.id : "\($0.id)[0…\($0.count - 1)]" }.joined(separator: ", ")
  }

  /// A number or a category's label, checked against the parameter and made canonical (periodic values wrapped).
  static func value(_ text: String, at i: Int, in space: ParameterSpace, what: String) throws -> Double {
    let parameter = space.parameter(at: i)
    var value = Double(text)
    switch parameter.kind {
    case .categorical(let labels):
      if let k = labels.firstIndex(of: text) { value = Double(k) }
    case .boolean:
      if text == "true" { value = 1 } else if text == "false" { value = 0 }
    default: break
    }
    guard let value else {
      throw UserError(
        "\(what): \(space.labels[i]) = '\(text)' is not a number", hint: "`dmo plugin show` lists the ranges")
    }
    if let objection = space.objection(to: value, at: i) {
      throw UserError("\(what): \(objection)", hint: "`dmo plugin show` lists the ranges")
    }
    return space.canonical(value, at: i)
  }

  /// One point from `name=value` texts. - Throws: `UserError` when a parameter is missing, unknown or out of range.
  static func point(_ texts: [String], in space: ParameterSpace) throws -> [Double] {
    let values = try KeyValue.parse(texts, flag: "--at")
    let labels = space.labels
    if let unknown = values.keys.sorted().first(where: { space.coordinate($0) == nil }) {
      throw UserError(
        "--at \(unknown): the problem has no parameter '\(unknown)'", hint: "its parameters: \(shortNames(space))")
    }
    let missing = labels.filter { values[$0] == nil }
    guard missing.isEmpty else {
      throw UserError(
        "--at: no value for \(list(missing))", hint: "give --at \(missing[0])=VALUE and so on for each parameter")
    }
    return try labels.enumerated().map { i, label in
      try value(values[label] ?? "", at: i, in: space, what: "--at")
    }
  }

  /// Pinned coordinates from `--fix name=value` texts; a block's name pins all its numbers.
  static func fixed(_ texts: [String], in space: ParameterSpace) throws -> [Int: Double] {
    var result: [Int: Double] = [:]
    for (key, text) in try KeyValue.parse(texts, flag: "--fix") {
      let coordinates: [Int]
      if let one = space.coordinate(key) {
        coordinates = [one]
      } else if let range = space.range(of: key) {
        coordinates = Array(range)
      } else {
        throw UserError(
          "--fix \(key)=\(text): the problem has no parameter '\(key)'", hint: "its parameters: \(shortNames(space))")
      }
      for i in coordinates { result[i] = try value(text, at: i, in: space, what: "--fix") }
    }
    return result
  }

  /// `a, b, c and 12 more`
  static func list(_ names: [String]) -> String {
    names.count <= 4
      ? names.joined(separator: ", ") : names.prefix(3).joined(separator: ", ") + " and \(names.count - 3) more"
  }

  /// The points of a CSV table, in the order of its rows, all checked before the first is returned.
  ///
  /// The header names the parameters in any order. Columns that name outputs, `status` or `message` are passed over, so
  /// that what `dmo eval` wrote can be read again.
  /// - Parameters:
  ///   - text: the table as CSV.
  ///   - name: the file's name for messages.
  ///   - spec: whose parameters the columns name.
  static func table(_ text: String, name: String, spec: ProblemSpec) throws -> [[Double]] {
    let space = spec.space
    let (titles, rows) = try cells(text, name: name)
    let header = titles.map { $0.trimmingCharacters(in: .whitespaces) }
    guard !header.isEmpty, header != [""] else {
      throw UserError("\(name): is empty", hint: "the first line names the parameters: \(shortNames(space))")
    }
    let known = Set(spec.outputs.labels + ["status", "message"])
    var column = [Int?](repeating: nil, count: space.dimension)
    for (c, label) in header.enumerated() {
      if let i = space.coordinate(label) {
        guard column[i] == nil else { throw UserError("\(name): the column \(label) stands twice", hint: "remove one") }
        column[i] = c
      } else if !known.contains(label) {
        throw UserError(
          "\(name): the column '\(label)' is neither a parameter nor an output",
          hint: "the parameters: \(shortNames(space))")
      }
    }
    let missing = space.labels.enumerated().filter { column[$0.offset] == nil }.map(\.element)
    guard missing.isEmpty else {
      throw UserError("\(name): no column for \(list(missing))", hint: "the parameters: \(shortNames(space))")
    }
    return try rows.enumerated().map { r, cells in
      // The header is line 1.
      let what = "\(name), line \(r + 2)"
      guard cells != [""] else { throw UserError("\(what): is empty", hint: "remove the line") }
      guard cells.count == header.count else {
        throw UserError("\(what): \(cells.count) cells, but the header has \(header.count)", hint: "complete the line")
      }
      return try column.enumerated().map { i, c in
        let cell = cells[c ?? 0].trimmingCharacters(in: .whitespaces)
        return try value(cell, at: i, in: space, what: what)
      }
    }
  }

  /// The header and the rows as they stand, without empty lines at the end.
  private static func cells(_ text: String, name: String) throws -> (header: [String], rows: [[String]]) {
    do {
      // `rows` of SwiftCSV are padded to the longest, which hides short ones; only the header is taken from there.
      let csv = try EnumeratedCSV(string: text, delimiter: .comma, loadColumns: false, rowLimit: 1)
      var rows: [[String]] = []
      try csv.enumerateAsArray(startAt: 1, rowLimit: nil) { rows.append($0) }
      while rows.last == [""] { rows.removeLast() }
      return (csv.header, rows)
    } catch {
      throw UserError(
        "\(name): not a CSV table: \(error)", hint: "separate cells by commas and quote cells that hold one")
    }
  }
}
