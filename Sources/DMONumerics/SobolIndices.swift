import DMOCore

/// Variance-based sensitivities from a Saltelli design: how much of a response's variance each input explains alone
/// (S1),
/// in pairs (S2), and with all its interactions (ST).
///
/// Estimators: S1 = mean(f_B (f_AB − f_A)) / V (Saltelli et al. 2010, table 2 (b)), ST = mean((f_A − f_AB)²) / 2V
/// (Jansen 1999), S2 from mean(f_BA f_AB − f_A f_B) (Saltelli 2002), V the variance of f_A and f_B together, responses
/// standardised first. These are SALib's, in SALib's order of rows.
public struct SobolIndices: Sendable, Equatable {
  /// Shape (dimension) each; NaN where the response is constant.
  public let first: [Double]
  public let total: [Double]
  /// Row major, shape (dimension, dimension), the upper triangle; empty without second order.
  public let second: [Double]

  /// Rows of a design for each of its base points.
  public static func rowsPerPoint(dimension: Int, secondOrder: Bool) -> Int {
    (secondOrder ? 2 * dimension : dimension) + 2
  }

  /// Points of the unit cube: for each base point A, then A with each coordinate from B (then B with each from A),
  /// then B.
  /// A and B are halves of a scrambled Sobol sequence, of uniform numbers beyond its dimensions.
  /// - Returns: row major, shape (count · rowsPerPoint, dimension).
  public static func design(count: Int, dimension d: Int, secondOrder: Bool, seed: Seed) -> [Double] {
    var result: [Double] = []
    result.reserveCapacity(count * rowsPerPoint(dimension: d, secondOrder: secondOrder) * d)
    let sobol = Sobol(dimension: 2 * d, scrambling: seed)
    var random = seed.generator
    for i in 0..<count {
      let u = sobol?.point(i) ?? (0..<2 * d).map { _ in random.uniform() }
      let (a, b) = (u[..<d], Array(u[d...]))
      result += a
      for j in 0..<d { for k in 0..<d { result.append(k == j ? b[k] : a[k]) } }
      if secondOrder { for j in 0..<d { for k in 0..<d { result.append(k == j ? a[k] : b[k]) } } }
      result += b
    }
    return result
  }

  /// - Parameters:
  ///   - responses: in the design's order of rows.
  ///   - d: how many inputs the design has.
  ///   - secondOrder: whether the design has the rows that pairs of inputs need.
  /// - Precondition: a whole number of base points. - Complexity: O(responses · dimension)
  public init(responses: [Double], dimension d: Int, secondOrder: Bool) {
    let step = Self.rowsPerPoint(dimension: d, secondOrder: secondOrder)
    precondition(responses.count % step == 0)
    let (n, count) = (responses.count / step, Double(responses.count))
    let mean = responses.reduce(0, +) / count
    let sd = (responses.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count).squareRoot()
    let f = responses.map { sd > 0 ? ($0 - mean) / sd : .nan }
    func average(_ term: (Int) -> Double) -> Double { (0..<n).reduce(0) { $0 + term($1 * step) } / Double(n) }
    let b = step - 1
    let centre = average { (f[$0] + f[$0 + b]) / 2 }
    let variance = average {
      ((f[$0] - centre) * (f[$0] - centre) + (f[$0 + b] - centre) * (f[$0 + b] - centre)) / 2
    }
    first = (1...d).map { j in average { f[$0 + b] * (f[$0 + j] - f[$0]) } / variance }
    total = (1...d).map { j in average { (f[$0] - f[$0 + j]) * (f[$0] - f[$0 + j]) } / (2 * variance) }
    guard secondOrder else {
      second = []
      return
    }
    var pairs = [Double](repeating: .nan, count: d * d)
    for j in 0..<d {
      for k in j + 1..<max(d, j + 1) {
        let joint = average { f[$0 + 1 + d + j] * f[$0 + 1 + k] - f[$0] * f[$0 + b] } / variance
        pairs[j * d + k] = joint - first[j] - first[k]
      }
    }
    second = pairs
  }
}
