import DMOCore
import Foundation

/// Numbers and tables as people read them.
enum Text {
  /// Six significant digits, without trailing zeros; `full` gives the shortest text that reads back to the same number.
  static func number(_ value: Double, full: Bool = false) -> String {
    if value.isNaN { return "–" }
    return full ? "\(value)" : String(format: "%.6g", value)
  }

  /// A value of a parameter: a label for categories, whole numbers without a point.
  static func value(_ value: Double, of parameter: Parameter, full: Bool = false) -> String {
    switch parameter.kind {
    case .categorical(let labels) where labels.indices.contains(Int(exactly: value) ?? -1): return labels[Int(value)]
    case .integer, .boolean: return Int64(exactly: value).map(String.init) ?? number(value, full: full)
    default: return number(value, full: full)
    }
  }

  /// A unit as people read it; "1" says that there is none.
  static func unit(_ unit: String) -> String { unit == "1" ? "" : unit }

  /// Columns padded to their widest cell, separated by two spaces; no trailing blanks.
  static func table(_ rows: [[String]], indent: Int = 2) -> String {
    let columns = rows.map(\.count).max() ?? 0
    let widths = (0..<columns).map { c in rows.map { $0.indices.contains(c) ? $0[c].count : 0 }.max() ?? 0 }
    return rows.map { row in
      var line = String(repeating: " ", count: indent)
      for (c, cell) in row.enumerated() {
        line += cell + String(repeating: " ", count: widths[c] - cell.count + 2)
      }
      while line.last == " " { line.removeLast() }
      return line
    }.joined(separator: "\n")
  }

  /// 1 worker, 2 workers.
  static func count(_ n: Int, _ noun: String) -> String { "\(n) \(noun)\(n == 1 ? "" : "s")" }

  /// 0.12 ms, 0.8 s, 12 s, 3 min 20 s, 2 h 05 min.
  static func duration(_ seconds: Double) -> String {
    if !seconds.isFinite { return "?" }
    if seconds < 0.1 { return String(format: "%.2g ms", seconds * 1e3) }
    if seconds < 10 { return String(format: "%.1f s", seconds) }
    let s = Int(seconds.rounded())
    if s < 60 { return "\(s) s" }
    if s < 3600 { return String(format: "%d min %02d s", s / 60, s % 60) }
    return String(format: "%d h %02d min", s / 3600, s % 3600 / 60)
  }

  /// The limits of a constraint with its unit, such as `≥ 60 deg` or `0.8 … 1 V`.
  static func limits(_ constraint: Goals.Constraint, unit: String) -> String {
    let u = Self.unit(unit).isEmpty ? "" : " " + unit
    switch (constraint.lower, constraint.upper) {
    case (let l?, let h?): return "\(number(l)) … \(number(h))\(u)"
    case (let l?, nil): return "≥ \(number(l))\(u)"
    case (nil, let h?): return "≤ \(number(h))\(u)"
    case (nil, nil): return ""
    }
  }

  /// `3 ok, 1 infeasible`, in a fixed order.
  static func counts(_ counts: [EvaluationStatus: Int]) -> String {
    counts.sorted { $0.key.rawValue < $1.key.rawValue }.map { "\($0.value) \($0.key)" }.joined(separator: ", ")
  }
}
