#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// The map between targets in their units and what the joint network learns, output by output.
///
/// Usually winsorised mean and standard deviation (see `TargetScaler`). Where the tails are heavy, that is where the
/// winsorised range is more than `heavyTail` times that of the inner 80 %, asinh((y − median) / spread) with the inner
/// range's normal equivalent as spread: near the bulk it is linear, and a few huge answers do not flatten the rest.
struct JointScaler: Sendable, Equatable {
  /// A normal sample of 1,000 has 1.8 by this measure, an exponential one 2.1, a lognormal of σ = 2 about 8.
  private static let heavyTail = 4.0
  /// The normal distribution's inner 80 %, in standard deviations.
  private static let innerRange = 2.563

  /// Shape (outputs), in the targets' units; scale 0 for a constant output.
  private(set) var centre: [Double] = []
  private(set) var scale: [Double] = []
  /// Where an asinh output goes on linearly, since sinh would blow up; infinite for affine outputs. Shape (outputs).
  private(set) var limit: [Double] = []

  init(centre: [Double], scale: [Double], limit: [Double]) {
    self.centre = centre
    self.scale = scale
    self.limit = limit
  }

  /// - Parameter rows: which rows of the data set to look at. - Complexity: O(rows log rows · outputs)
  init(_ data: Dataset, rows: [Int]) {
    for c in 0..<data.outputCount {
      var values = rows.map { data.targets[$0 * data.outputCount + c] }.filter(\.isFinite)
      values.sort()
      let (mean, sd) = TargetScaler.moments(sorted: values)
      let n = values.count
      var entry = (mean, sd, Double.infinity)
      if n >= 20, sd > 0 {
        let (low, high, median) = (values[n / 10], values[n - 1 - n / 10], values[n / 2])
        let cut = max(1, n / 100)
        // In quarters: differences of huge numbers may overflow.
        let inner = high / 4 - low / 4
        if inner > 0, values[n - 1 - cut] / 4 - values[cut] / 4 > Self.heavyTail * inner {
          let spread = 4 * (inner / Self.innerRange)
          let ends = [values[0], values[n - 1]].map { abs(asinh(Self.affine($0, median, spread))) }
          entry = (median, spread, (ends.max() ?? 0) + 1)
        }
      }
      centre.append(entry.0)
      scale.append(entry.1)
      limit.append(entry.2)
    }
  }

  /// Takes the other outputs for constant: they are masked, and told as their mean.
  mutating func learn(only learnt: Range<Int>) {
    for c in scale.indices where !learnt.contains(c) { (scale[c], limit[c]) = (0, .infinity) }
  }

  private static func affine(_ y: Double, _ centre: Double, _ scale: Double) -> Double {
    let value = (y / 2 - centre / 2) / (scale / 2)
    return min(max(value, -TargetScaler.limit), TargetScaler.limit)
  }

  /// The standardised target; NaN, that is masked, where there is nothing to learn.
  func standardised(_ y: Double, output c: Int) -> Float {
    guard y.isFinite, scale[c] > 0 else { return .nan }
    let value = Self.affine(y, centre[c], scale[c])
    return Float(limit[c].isFinite ? asinh(value) : value)
  }

  /// A network's output in the target's units.
  func restored(_ o: Float, output c: Int) -> Double {
    guard scale[c] > 0 else { return centre[c] }
    let t = Double(o)
    guard limit[c].isFinite else { return centre[c] + scale[c] * t }
    let inside = min(max(t, -limit[c]), limit[c])
    return centre[c] + scale[c] * (sinh(inside) + cosh(inside) * (t - inside))
  }

  /// d restored / d o.
  func slope(_ o: Float, output c: Int) -> Double {
    guard limit[c].isFinite else { return scale[c] }
    return scale[c] * cosh(min(max(Double(o), -limit[c]), limit[c]))
  }
}
