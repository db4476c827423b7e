/// Writing CSV (RFC 4180): a cell is quoted when it holds a comma, a quote or a line break.
public enum CSV {
  public static func line(_ cells: [String]) -> String {
    cells.map { cell in
      cell.contains(where: { $0 == "," || $0 == "\"" || $0.isNewline })
        ? "\"" + cell.replacing("\"", with: "\"\"") + "\"" : cell
    }.joined(separator: ",")
  }

  /// The shortest text that reads back to the same number; an empty cell for NaN, which stands for "not known".
  public static func number(_ value: Double) -> String { value.isNaN ? "" : "\(value)" }
}
