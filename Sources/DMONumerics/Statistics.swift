import DMOCore

/// What tables say of a sample: one number a seed.
public enum Statistics {
  public static func mean(_ v: [Double]) -> Double { v.reduce(0, +) / Double(v.count) }

  /// With n − 1; NaN for fewer than two.
  public static func deviation(_ v: [Double]) -> Double {
    guard v.count > 1 else { return .nan }
    let m = mean(v)
    return (v.reduce(0) { $0 + ($1 - m) * ($1 - m) } / Double(v.count - 1)).squareRoot()
  }

  /// Linear interpolation between order statistics at p (n − 1) (Hyndman & Fan 1996, type 7); NaN for an empty sample.
  public static func quantile(_ v: [Double], _ p: Double) -> Double {
    guard !v.isEmpty else { return .nan }
    let sorted = v.sorted()
    let position = p * Double(sorted.count - 1)
    let low = Int(position.rounded(.down))
    let high = min(low + 1, sorted.count - 1)
    // Two equal infinities have no difference, yet the value between them is clear.
    if sorted[low] == sorted[high] { return sorted[low] }
    let weight = position - Double(low)
    return weight == 0 ? sorted[low] : sorted[low] + weight * (sorted[high] - sorted[low])
  }

  /// 95 % percentile bootstrap interval of the mean, with a fixed stream so that a table can be printed again.
  /// - Complexity: O(draws · n)
  public static func interval(_ v: [Double], draws: Int = 10_000) -> (low: Double, high: Double) {
    guard v.count > 1 else { return (.nan, .nan) }
    var stream = Seed(1).derived("bootstrap").generator
    let means = (0..<draws).map { _ in
      v.indices.reduce(0) { sum, _ in sum + v[stream.index(below: v.count)] } / Double(v.count)
    }
    return (quantile(means, 0.025), quantile(means, 0.975))
  }
}
