extension ProblemFile {
  /// The rules of `dmo.h` for tables, as far as a description can break them.
  func check(_ name: String) throws {
    func fail(_ what: String, _ hint: String) -> ProblemFileError { ProblemFileError("\(name): \(what)", hint: hint) }
    if parameter.isEmpty { throw fail("names no parameter", "add a [[parameter]] with id, min and max") }
    if output.isEmpty { throw fail("names no output", "add an [[output]] with id and role") }
    var seen: Set<String> = []
    for id in parameter.map(\.id) + output.map(\.id) {
      guard Self.isIdentifier(id) else {
        throw fail("'\(id)' is no id", "an id has letters, digits and '_', and starts with a small letter")
      }
      guard seen.insert(id.lowercased()).inserted else {
        throw fail("the id '\(id)' stands twice", "give each parameter and output its own, whatever the case")
      }
    }
    for p in parameter { if let why = Self.objection(p) { throw fail("parameter \(p.id): \(why.what)", why.hint) } }
    for o in output { if let why = Self.objection(o) { throw fail("output \(o.id): \(why.what)", why.hint) } }
  }

  static func isIdentifier(_ text: String) -> Bool {
    guard let first = text.unicodeScalars.first, ("a"..."z").contains(first), text.utf8.count <= 120 else {
      return false
    }
    return text.unicodeScalars.allSatisfy {
      ("a"..."z").contains($0) || ("A"..."Z").contains($0) || ("0"..."9").contains($0) || $0 == "_"
    }
  }

  private typealias Objection = (what: String, hint: String)

  private static func objection(_ p: Parameter) -> Objection? {
    if let why = shape(p.count, p.columns) { return why }
    let kind = p.kind ?? .real
    switch kind {
    case .categorical:
      guard let choices = p.choices, choices.count >= 2, Set(choices).count == choices.count else {
        return ("needs at least two different choices", "write choices = [\"a\", \"b\"]")
      }
      return p.count == nil ? range(p, 0, Double(choices.count - 1)) : ("a block has no choices", "leave count away")
    case .boolean: return range(p, 0, 1)
    case .real, .integer: break
    }
    guard let low = p.min, let high = p.max else { return ("needs min and max", "write min = … and max = …") }
    guard low.isFinite, high.isFinite, low <= high, (high - low).isFinite else {
      return ("min \(low) and max \(high) are no range", "write min below max, both finite")
    }
    if p.scale == .log && low <= 0 {
      return ("a logarithmic scale needs min above 0", "raise min, or leave scale away")
    }
    if let step = p.step {
      guard kind == .real, step > 0, step.isFinite, (high - low) / step <= 0x1p53 else {
        return ("step \(step) is no grid", "write a number above 0, for real parameters only")
      }
    }
    let isWhole = low == low.rounded() && high == high.rounded() && max(abs(low), abs(high)) <= 0x1p53
    if kind == .integer && !isWhole { return ("min and max must be whole numbers", "write them without a fraction") }
    return range(p, low, high)
  }

  private static func range(_ p: Parameter, _ low: Double, _ high: Double) -> Objection? {
    guard let initial = p.initial, !(initial >= low && initial <= high) else { return nil }
    return ("initial \(initial) is outside \(low) … \(high)", "move it inside, or leave it away")
  }

  private static func objection(_ o: Output) -> Objection? {
    if let why = shape(o.count, o.columns) { return why }
    let role = o.role ?? .observe
    if (role == .atMost || role == .atLeast) != (o.bound != nil) {
      return (
        "role \(role.rawValue) \(o.bound == nil ? "needs a bound" : "has no bound")",
        "a bound goes with the roles at-most and at-least, and only with them"
      )
    }
    if let bound = o.bound, !bound.isFinite { return ("its bound is not finite", "write a number") }
    if o.count != nil && role != .observe { return ("a block is observed only", "write role = \"observe\"") }
    if o.mayBeNaN == true && role != .observe { return ("only an observed output may be NaN", "leave may-be-nan away") }
    if let scale = o.scale, !(scale >= 0 && scale.isFinite) {
      return ("its scale is no magnitude", "write a number above 0")
    }
    return nil
  }

  private static func shape(_ count: Int?, _ columns: Int?) -> Objection? {
    if let count, !(1...1_000_000 ~= count) {
      return ("count \(count) is no block", "write a number from 1 to 1000000")
    }
    if let columns, columns < 1 || (count ?? 0) % columns != 0 || count == nil {
      return ("columns \(columns) do not divide its count", "write the length of a row")
    }
    return nil
  }
}
