/// Minimises a smooth function in a box: limited-memory BFGS on the coordinates that are free to move, with a
/// backtracking search along the projected path.
///
/// Coordinates at a bound that the gradient pushes against are held (Bertsekas 1982, SIAM J. Control Optim. 20, 221);
/// the others take the two-loop direction (Nocedal & Wright 2006, algorithm 7.4). A step is accepted when it satisfies
/// Armijo's condition, so that the value never rises. Curvature pairs that are not positive are left out.
public struct BoxMinimizer: Sendable {
  /// Steps at most.
  public var iterations = 200
  /// Curvature pairs kept.
  public var memory = 10
  /// Stops when no component of the projected gradient is larger.
  public var gradientTolerance = 1e-5
  /// Stops when a step lowers the value by less than this fraction of max(|value|, 1).
  public var valueTolerance = 1e-9
  /// The longest first step in any coordinate; later ones follow the curvature that was seen.
  public var firstStep = 0.1

  public init() {}

  /// What a run ended with.
  public struct Result: Sendable {
    public var x: [Double]
    public var value: Double
    /// Evaluations of the function.
    public var evaluations: Int
  }

  private struct Pair {
    var s: [Double]
    var y: [Double]
    var rho: Double
  }

  private static let armijo = 1e-4
  private static let backtracks = 25

  /// - Parameters:
  ///   - start: moved into the box first.
  ///   - lower: the least value of each coordinate; may be -∞.
  ///   - upper: the greatest value of each coordinate; may be +∞.
  ///   - function: the value at x; fills the gradient. A value that is not finite counts as +∞.
  /// - Returns: the best point seen. - Complexity: O(memory · n) a step beside the function.
  public func minimize(
    from start: [Double], lower: [Double], upper: [Double],
    _ function: (_ x: [Double], _ gradient: inout [Double]) -> Double
  ) -> Result {
    let n = start.count
    func bounded(_ i: Int, _ v: Double) -> Double { min(max(v, lower[i]), upper[i]) }
    var x = start.indices.map { bounded($0, start[$0]) }
    var g = [Double](repeating: 0, count: n)
    var value = function(x, &g)
    var evaluations = 1
    guard value.isFinite else { return Result(x: x, value: .infinity, evaluations: 1) }
    var pairs: [Pair] = []
    var trial = x
    var trialGradient = g
    for _ in 0..<iterations {
      let free = (0..<n).map { i in !(x[i] <= lower[i] && g[i] > 0) && !(x[i] >= upper[i] && g[i] < 0) }
      let size = (0..<n).reduce(0.0) { max($0, abs(bounded($1, x[$1] - g[$1]) - x[$1])) }
      if size <= gradientTolerance { break }
      var direction = Self.direction(g, free: free, pairs: pairs)
      var slope = zip(direction, g).reduce(0) { $0 + $1.0 * $1.1 }
      if !(slope < 0) {
        pairs.removeAll()
        direction = Self.direction(g, free: free, pairs: [])
        slope = zip(direction, g).reduce(0) { $0 + $1.0 * $1.1 }
      }
      var t = 1.0
      if pairs.isEmpty { t = min(1, firstStep / direction.reduce(0) { max($0, abs($1)) }) }
      let accepted = Self.backtrack(from: t, value: value, slope: slope) { t in
        for i in 0..<n { trial[i] = bounded(i, x[i] + t * direction[i]) }
        evaluations += 1
        // What the projection leaves of the step, along the gradient.
        let expected = (0..<n).reduce(0.0) { $0 + g[$1] * (trial[$1] - x[$1]) }
        return (function(trial, &trialGradient), expected)
      }
      guard let trialValue = accepted else {
        if pairs.isEmpty { break }
        pairs.removeAll()
        continue
      }
      let s = (0..<n).map { trial[$0] - x[$0] }
      let y = (0..<n).map { trialGradient[$0] - g[$0] }
      let curvature = zip(s, y).reduce(0) { $0 + $1.0 * $1.1 }
      if curvature > 2.2e-16 * y.reduce(0, { $0 + $1 * $1 }) {
        if pairs.count == memory { pairs.removeFirst() }
        pairs.append(Pair(s: s, y: y, rho: 1 / curvature))
      }
      let gain = value - trialValue
      swap(&x, &trial)
      swap(&g, &trialGradient)
      value = trialValue
      if gain <= valueTolerance * max(abs(value), 1) { break }
    }
    return Result(x: x, value: value, evaluations: evaluations)
  }

  /// Shortens the step t until the value satisfies Armijo's condition. - Returns: that value; nil when none does.
  private static func backtrack(
    from first: Double, value: Double, slope: Double, _ attempt: (Double) -> (value: Double, expected: Double)
  ) -> Double? {
    var t = first
    for _ in 0..<backtracks {
      let (trial, expected) = attempt(t)
      if trial.isFinite && trial <= value + armijo * expected { return trial }
      // The minimum of the parabola through what is known, within limits.
      let curvature = trial - value - t * slope
      let best = trial.isFinite && curvature > 0 ? -slope * t * t / (2 * curvature) : 0
      t = min(max(best, 0.1 * t), 0.5 * t)
    }
    return nil
  }

  /// −H g on the free coordinates, 0 on the others.
  private static func direction(_ g: [Double], free: [Bool], pairs: [Pair]) -> [Double] {
    func dot(_ a: [Double], _ b: [Double]) -> Double {
      var sum = 0.0
      for i in a.indices where free[i] { sum += a[i] * b[i] }
      return sum
    }
    var q = g.indices.map { free[$0] ? -g[$0] : 0 }
    var factors = [Double](repeating: 0, count: pairs.count)
    for k in pairs.indices.reversed() {
      factors[k] = pairs[k].rho * dot(pairs[k].s, q)
      for i in q.indices where free[i] { q[i] -= factors[k] * pairs[k].y[i] }
    }
    if let last = pairs.last {
      let yy = dot(last.y, last.y)
      let scale = yy > 0 ? dot(last.s, last.y) / yy : 1
      if scale > 0 { for i in q.indices { q[i] *= scale } }
    }
    for k in pairs.indices {
      let factor = factors[k] - pairs[k].rho * dot(pairs[k].y, q)
      for i in q.indices where free[i] { q[i] += factor * pairs[k].s[i] }
    }
    return q
  }
}
