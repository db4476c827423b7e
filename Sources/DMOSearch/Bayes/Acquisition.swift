import DMOSurrogates

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// The logarithm of expected feasible improvement: log EI of output 0 plus log P(c ≤ 0) of each further output.
///
/// log EI = log σ + log h((f* − μ)/σ), h(u) = φ(u) + u Φ(u), for outputs that are independent given the data. While no
/// feasible point is known (f* is nil) it is the probability of feasibility alone.
struct Acquisition {
  let surrogate: any ProbabilisticSurrogate
  /// The best feasible value so far, to be improved on by output 0; nil when there is none, or nothing to minimise.
  var best: Double?
  /// Outputs that are constraints.
  var constraints: Range<Int>

  /// Shape (rows). - Parameter features: row major, shape (rows, inputCount).
  func values(rows: Int, features: [Double]) -> [Double] {
    let m = surrogate.outputCount
    let (mean, variance) = surrogate.posterior(rows: rows, z: features)
    return (0..<rows).map { r in
      terms(Array(mean[r * m..<(r + 1) * m]), Array(variance[r * m..<(r + 1) * m])).value
    }
  }

  /// The value at one row of features, and its gradient with respect to them.
  func value(_ features: [Double]) -> (value: Double, gradient: [Double]) {
    var value = -Double.infinity
    let gradient = surrogate.posteriorGradient(z: features) { mean, variance in
      let (v, bars) = terms(mean, variance)
      value = v
      return bars
    }
    return (value, gradient)
  }

  /// The sum of logarithms and its derivatives with respect to means and variances.
  private func terms(
    _ mean: [Double], _ variance: [Double]
  ) -> (value: Double, bars: (mean: [Double], variance: [Double])) {
    var meanBar = [Double](repeating: 0, count: mean.count)
    var varianceBar = meanBar
    var total = 0.0
    func add(_ c: Int, _ gap: Double, _ part: (Double) -> (value: Double, slope: Double), isScaled: Bool) {
      // An output that never varied has no variance; its gap in units of a tiny deviation says yes or no.
      let sd = max(variance[c].squareRoot(), 1e-9 * abs(gap), 1e-300)
      let u = gap / sd
      let (value, slope) = part(u)
      total += value + (isScaled ? log(sd) : 0)
      guard variance[c] > 0 else { return }
      meanBar[c] = -slope / sd
      varianceBar[c] = ((isScaled ? 1 : 0) - u * slope) / (2 * sd * sd)
    }
    if let best { add(0, best - mean[0], NormalTails.logImprovement, isScaled: true) }
    for c in constraints { add(c, -mean[c], NormalTails.logBelow, isScaled: false) }
    return (total, (meanBar, varianceBar))
  }
}
