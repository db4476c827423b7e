/// A composite whose reverse is had by central differences of the forward: for problems that offer no `compose_vjp`.
///
/// J is cheap and exact, so that the differences cost little and err by about 1e-10 of a value's size; at kinks they give
/// a slope between both sides'.
public final class DifferencedComposite: Composite {
  private let base: any Composite
  /// Positions in y of the observed outputs.
  private let observed: [Int]
  private let parameters: Int
  private let dimension: Int

  /// Relative step: the cube root of a double's precision balances rounding and curvature.
  private static let step = 6e-6
  /// What counts as zero, of whose size nothing is known, and what stands for its size.
  private static let (smallest, aroundZero) = (1e-30, 1e-3)

  /// More inputs than this would make too many calls of the forward.
  public static let most = 256

  /// Nil where J has too many inputs.
  /// - Parameters:
  ///   - base: gives the forward.
  ///   - outputs: tell which numbers of y are observed.
  ///   - parameters: numbers of x.
  public init?(_ base: any Composite, outputs: OutputSpace, parameters: Int) {
    self.base = base
    self.parameters = parameters
    dimension = outputs.dimension
    observed = outputs.observed
    if observed.count + parameters > Self.most { return nil }
  }

  public func compose(rows: Int, x: [Double], y: inout [Double]) throws { try base.compose(rows: rows, x: x, y: &y) }

  /// - Complexity: 2 (observed + parameters) rows of the forward for each row whose cotangent is not 0.
  public func composeVJP(rows: Int, x: [Double], y: [Double], ybar: [Double], zbar: inout [Double], xbar: inout [Double])
    throws
  {
    let (n, m) = (parameters, dimension)
    let isObserved = Set(observed)
    let composed = (0..<m).filter { !isObserved.contains($0) }
    let used = (0..<rows).filter { r in composed.contains { ybar[r * m + $0] != 0 } }
    let inputs = observed.count + n
    func value(_ r: Int, _ i: Int) -> Double { i < observed.count ? y[r * m + observed[i]] : x[r * n + i - observed.count] }
    // By the largest of all rows: a value that happens to be near 0 tells nothing of its size.
    let sizes = (0..<inputs).map { i in
      used.reduce(0) { abs(value($1, i)) > $0 && value($1, i).isFinite ? abs(value($1, i)) : $0 }
    }
    var (xs, ys) = ([Double](), [Double]())
    xs.reserveCapacity(2 * used.count * inputs * n)
    ys.reserveCapacity(2 * used.count * inputs * m)
    var steps: [Double] = []
    for r in used {
      for i in 0..<inputs {
        let value = value(r, i)
        let h = Self.step * (sizes[i] > Self.smallest ? sizes[i] : Self.aroundZero)
        // What really lies between the two, after rounding.
        steps.append((value + h) - (value - h))
        for side in [h, -h] {
          xs += x[r * n..<(r + 1) * n]
          ys += y[r * m..<(r + 1) * m]
          if i < observed.count {
            ys[ys.count - m + observed[i]] = value + side
          } else {
            xs[xs.count - n + i - observed.count] = value + side
          }
        }
      }
    }
    guard !used.isEmpty else { return }
    try base.compose(rows: 2 * steps.count, x: xs, y: &ys)
    for (k, r) in used.enumerated() {
      for i in 0..<inputs {
        let at = k * inputs + i
        var slope = 0.0
        for c in composed where ybar[r * m + c] != 0 {
          slope += ybar[r * m + c] * (ys[2 * at * m + c] - ys[(2 * at + 1) * m + c]) / steps[at]
        }
        if i < observed.count { zbar[r * m + observed[i]] += slope } else { xbar[r * n + i - observed.count] += slope }
      }
    }
  }
}
