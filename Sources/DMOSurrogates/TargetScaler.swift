/// The affine map between targets in their units and what a network learns, output by output.
///
/// Mean and standard deviation are taken after winsorising (from 20 values on, the outermost 1 %, at least one value,
/// at either end is moved to the next inner value), so that one wild answer does not flatten all others. An output
/// whose finite values are all alike, or that has none, is constant: scale 0, predicted exactly, never trained on.
public struct TargetScaler: Sendable, Equatable {
  /// Shape (outputCount), in the targets' units.
  public private(set) var mean: [Double]
  /// Shape (outputCount), in the targets' units; 0 for a constant output.
  public private(set) var scale: [Double]

  /// The largest standardised target, so that an absurd value stays a finite single-precision number.
  static let limit = 1e4
  /// Spreads below this fraction of the largest magnitude are rounding, not signal.
  static let relativeSpread = 1e-12

  /// - Parameters:
  ///   - data: whose outputs are scaled.
  ///   - rows: which rows of it to look at.
  /// - Complexity: O(rows log rows · outputs)
  public init(_ data: Dataset, rows: [Int]) {
    mean = []
    scale = []
    for c in 0..<data.outputCount {
      var values = rows.map { data.targets[$0 * data.outputCount + c] }.filter(\.isFinite)
      values.sort()
      let (m, s) = Self.moments(sorted: values)
      mean.append(m)
      scale.append(s)
    }
  }

  /// One that was computed before.
  init(mean: [Double], scale: [Double]) {
    self.mean = mean
    self.scale = scale
  }

  /// Mean and spread of sorted finite values; (0, 0) when there are none.
  static func moments(sorted values: [Double]) -> (mean: Double, sd: Double) {
    guard let low = values.first, let high = values.last else { return (0, 0) }
    // Dividing by the largest magnitude keeps squares of extreme values from over- and underflowing.
    let unit = max(abs(low), abs(high))
    guard unit > 0, high / unit - low / unit > relativeSpread else { return (low, 0) }
    let clipped = values.count < 20 ? 0 : max(1, values.count / 100)
    let inner = (values[clipped] / unit, values[values.count - 1 - clipped] / unit)
    let robust = spread(values.map { min(max($0 / unit, inner.0), inner.1) })
    let (m, s) = robust.sd > relativeSpread ? robust : spread(values.map { $0 / unit })
    return (m * unit, s * unit)
  }

  private static func spread(_ v: [Double]) -> (mean: Double, sd: Double) {
    let m = v.reduce(0, +) / Double(v.count)
    let variance = v.reduce(0) { $0 + ($1 - m) * ($1 - m) } / Double(v.count)
    return (m, variance.squareRoot())
  }

  /// The standardised target; NaN, that is masked, where there is nothing to learn.
  func standardised(_ y: Double, output c: Int) -> Float {
    guard y.isFinite, scale[c] > 0 else { return .nan }
    // In halves: the difference of two huge numbers may overflow.
    let value = (y / 2 - mean[c] / 2) / (scale[c] / 2)
    return Float(min(max(value, -Self.limit), Self.limit))
  }

  /// A network's output in the target's units.
  func restored(_ o: Float, output c: Int) -> Double {
    scale[c] > 0 ? mean[c] + scale[c] * Double(o) : mean[c]
  }
}
