/// Numbers as tables print them.
enum BenchText {
  /// Fixed decimals, rounded half away from zero; "–" for NaN.
  static func number(_ value: Double, digits: Int) -> String {
    if value.isNaN { return "–" }
    if value.isInfinite { return value > 0 ? "∞" : "-∞" }
    var unit = 1.0
    for _ in 0..<digits { unit *= 10 }
    let scaled = (abs(value) * unit).rounded()
    // Beyond, a double holds no decimals, and Int no number.
    guard scaled < 9e15 else { return "\(value)" }
    let whole = Int(scaled)
    let divisor = Int(unit)
    let sign = value < 0 && whole > 0 ? "-" : ""
    if digits == 0 { return "\(sign)\(whole)" }
    let decimals = "\(whole % divisor)"
    return "\(sign)\(whole / divisor)." + String(repeating: "0", count: digits - decimals.count) + decimals
  }
}
