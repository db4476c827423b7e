import DMONumerics

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// The exact posterior of one output over the unit cube, its hyperparameters given. Immutable.
///
/// Standardised targets y = m + f(z) + ε, cov f = correlation, var ε = σ² (Rasmussen & Williams 2006, algorithm 2.1).
public struct GaussianProcess: Sendable, Equatable {
  public let hyperparameters: GPHyperparameters
  public let dimension: Int
  /// Rows that were factorised at once; the others joined one by one, which rounds otherwise.
  public private(set) var factoredCount: Int
  /// Rows learnt from; shape of `inputs` is (count, dimension), row major.
  public private(set) var count: Int
  public private(set) var inputs: [Double]
  /// The targets' mean and standard deviation (the sample's, n − 1) by which they are standardised.
  public private(set) var scale: Scale
  /// The constant mean m, in standardised targets.
  public private(set) var mean = 0.0
  private var factor: Cholesky
  /// Coordinates divided by their lengthscales, shape (dimension, stride).
  private var scaled: [Double]
  private var stride: Int
  /// K⁻¹ (y − m); shape (count).
  private var alpha: [Double] = []

  /// The affine map of targets to mean 0 and variance 1.
  public struct Scale: Sendable, Equatable {
    public var mean: Double
    /// 0 when all targets are alike.
    public var deviation: Double

    /// - Parameter targets: finite, at least one.
    public init(_ targets: [Double]) {
      // Dividing by the largest magnitude keeps squares of extreme values from over- and underflowing.
      let unit = targets.reduce(0) { max($0, abs($1)) }
      guard unit > 0, targets.count > 1 else {
        (mean, deviation) = (targets[0], 0)
        return
      }
      let v = targets.map { $0 / unit }
      let centre = v.reduce(0, +) / Double(v.count)
      let spread = (v.reduce(0) { $0 + ($1 - centre) * ($1 - centre) } / Double(v.count - 1)).squareRoot()
      let isConstant = !(spread > TargetScaler.relativeSpread)
      (mean, deviation) = (isConstant ? targets[0] : centre * unit, isConstant ? 0 : spread * unit)
    }

    init(mean: Double, deviation: Double) { (self.mean, self.deviation) = (mean, deviation) }

    func standardised(_ y: Double) -> Double {
      // In halves: the difference of two huge numbers may overflow.
      deviation > 0 ? (y / 2 - mean / 2) / (deviation / 2) : 0
    }
  }

  /// - Parameters: `inputs` row major, shape (rows, dimension); `targets` finite, in their units, at least one.
  /// - Returns: nil when the covariance is not positive definite to rounding. - Complexity: O(rows³ / 3)
  public init?(inputs: [Double], targets: [Double], hyperparameters: GPHyperparameters) {
    precondition(inputs.count == targets.count * hyperparameters.lengthscales.count && !targets.isEmpty)
    self.init(inputs: inputs, count: targets.count, hyperparameters: hyperparameters)
    weigh(targets)
  }

  /// Without targets yet.
  private init?(inputs: [Double], count n: Int, hyperparameters: GPHyperparameters) {
    let d = hyperparameters.lengthscales.count
    self.hyperparameters = hyperparameters
    dimension = d
    (count, factoredCount) = (n, n)
    self.inputs = inputs
    scale = Scale(mean: 0, deviation: 0)
    stride = n
    scaled = [Double](repeating: 0, count: d * n)
    for i in 0..<n { for k in 0..<d { scaled[k * n + i] = inputs[i * d + k] / hyperparameters.lengthscales[k] } }
    let matrix = DoubleBuffer(count: n * n)
    let slope = DoubleBuffer(count: n * n)
    scaled.withUnsafeBufferPointer { xt in
      guard let xt = xt.baseAddress else { return }
      Correlation.distances(count: n, dimension: d, stride: n, xt: xt, into: slope.base)
    }
    hyperparameters.correlation.matrix(
      count: n, factor: 1, diagonal: 1 + hyperparameters.noise, squared: slope.base, k: matrix.base, slope: slope.base)
    guard let factor = Cholesky(matrix.array, count: n, stride: n) else { return nil }
    self.factor = factor
  }

  /// What `init(parts:)` makes the same process from, to the bit: (count, scale, mean, α, inputs).
  var parts: [Double] { [Double(count), scale.mean, scale.deviation, mean] + alpha + inputs }

  /// - Parameter factored: `factoredCount`. - Returns: nil for parts of no process. - Complexity: O(count³ / 3)
  init?(parts: [Double], factored: Int, hyperparameters: GPHyperparameters) {
    let d = hyperparameters.lengthscales.count
    guard parts.count >= 4, let n = Int(exactly: parts[0]), (1...parts.count).contains(n), parts.count == 4 + n + n * d,
      (1...n).contains(factored), hyperparameters.lengthscales.allSatisfy({ $0 > 0 })
    else { return nil }
    let inputs = Array(parts[(4 + n)...])
    self.init(inputs: Array(inputs[..<(factored * d)]), count: factored, hyperparameters: hyperparameters)
    for r in factored..<n { guard join(Array(inputs[r * d..<(r + 1) * d])) else { return nil } }
    (scale, mean, alpha) = (Scale(mean: parts[1], deviation: parts[2]), parts[3], Array(parts[4..<4 + n]))
  }

  /// m and α for targets in their units.
  private mutating func weigh(_ targets: [Double]) {
    scale = Scale(targets)
    let y = targets.map { scale.standardised($0) }
    let (ones, solved) = (factor.solve([Double](repeating: 1, count: count)), factor.solve(y))
    mean = solved.reduce(0, +) / ones.reduce(0, +)
    alpha = zip(solved, ones).map { $0 - mean * $1 }
  }

  /// The same process with rows appended to the factor and all targets given anew, hyperparameters unchanged.
  /// - Returns: nil when the covariance is then not positive definite. - Complexity: O(new rows · count²)
  public func appending(inputs new: [Double], targets: [Double]) -> GaussianProcess? {
    precondition(new.count == (targets.count - count) * dimension)
    var next = self
    for first in Swift.stride(from: 0, to: new.count, by: dimension) {
      guard next.join(Array(new[first..<first + dimension])) else { return nil }
    }
    next.weigh(targets)
    return next
  }

  /// The process after its own mean was observed at some points: the mean stays, the variance falls there.
  /// - Complexity: O(rows · count²)
  public func believing(rows: Int, z: [Double]) -> GaussianProcess {
    var next = self
    for r in 0..<rows {
      let point = Array(z[r * dimension..<(r + 1) * dimension])
      // A point that the factor cannot take is one that it knows already.
      if next.join(point) { next.alpha.append(0) }
    }
    return next
  }

  private mutating func join(_ z: [Double]) -> Bool {
    let (k, _) = correlations(scaledPoint(z))
    guard let grown = factor.appending(row: k, diagonal: 1 + hyperparameters.noise) else { return false }
    factor = grown
    if count == stride {
      let wider = count + count / 4 + 8
      var moved = [Double](repeating: 0, count: dimension * wider)
      for c in 0..<dimension {
        moved.replaceSubrange(c * wider..<c * wider + count, with: scaled[c * stride..<c * stride + count])
      }
      (scaled, stride) = (moved, wider)
    }
    for c in 0..<dimension { scaled[c * stride + count] = z[c] / hyperparameters.lengthscales[c] }
    inputs += z
    count += 1
    return true
  }

  private func scaledPoint(_ z: [Double]) -> [Double] { zip(z, hyperparameters.lengthscales).map { $0 / $1 } }

  /// Correlations with all rows and their slopes; shapes (count).
  private func correlations(_ z: [Double]) -> (k: [Double], slope: [Double]) {
    var k = [Double](repeating: 0, count: count)
    var slope = k
    fill(z, &k, &slope, at: 0)
    return (k, slope)
  }

  private func fill(_ z: [Double], _ k: inout [Double], _ slope: inout [Double], at offset: Int) {
    scaled.withUnsafeBufferPointer { xt in
      z.withUnsafeBufferPointer { z in
        k.withUnsafeMutableBufferPointer { k in
          slope.withUnsafeMutableBufferPointer { slope in
            guard let xt = xt.baseAddress, let z = z.baseAddress, let k = k.baseAddress, let s = slope.baseAddress
            else { return }
            hyperparameters.correlation.row(
              count: count, dimension: dimension, stride: stride, xt: xt, z: z, k: k + offset, slope: s)
          }
        }
      }
    }
  }

  /// Mean and variance of f (without the noise) in the targets' units; shapes (rows).
  /// - Parameters:
  ///   - rows: how many points.
  ///   - z: row major, shape (rows, dimension).
  /// - Complexity: O(rows · (count² + count · dimension))
  public func posterior(rows: Int, z: [Double]) -> (mean: [Double], variance: [Double]) {
    var (means, variances): ([Double], [Double]) = ([], [])
    var slope = [Double](repeating: 0, count: count)
    // Some rows at a time, so that the solve works on blocks and memory stays bounded.
    let block = 64
    for start in Swift.stride(from: 0, to: rows, by: block) {
      let m = min(block, rows - start)
      var v = [Double](repeating: 0, count: m * count)
      for r in 0..<m {
        fill(scaledPoint(Array(z[(start + r) * dimension..<(start + r + 1) * dimension])), &v, &slope, at: r * count)
        means.append(restored((0..<count).reduce(mean) { $0 + alpha[$1] * v[r * count + $1] }))
      }
      v.withUnsafeMutableBufferPointer { if let base = $0.baseAddress { factor.solveLower(base, rows: m) } }
      for r in 0..<m { variances.append(variance(v[r * count..<(r + 1) * count])) }
    }
    return (means, variances)
  }

  private func restored(_ value: Double) -> Double {
    scale.deviation > 0 ? scale.mean + scale.deviation * value : scale.mean
  }

  /// From L⁻¹k, in the targets' units squared. Rounding may take a little more than there is: never below 1e-12 of
  /// the prior.
  private func variance(_ v: ArraySlice<Double>) -> Double {
    max(1 - v.reduce(0) { $0 + $1 * $1 }, 1e-12) * scale.deviation * scale.deviation
  }

  /// One point's posterior and the gradient of a scalar of it, in one pass.
  /// - Parameters:
  ///   - z: the point, shape (dimension).
  ///   - cotangents: from mean and variance (in their units) to the scalar's derivatives with respect to them.
  /// - Returns: the gradient with respect to z; shape (dimension). - Complexity: O(count² + count · dimension)
  public func gradient(
    at z: [Double], _ cotangents: (_ mean: Double, _ variance: Double) -> (mean: Double, variance: Double)
  ) -> [Double] {
    let point = scaledPoint(z)
    let (k, slope) = correlations(point)
    var v = k
    v.withUnsafeMutableBufferPointer { if let base = $0.baseAddress { factor.solveLower(base) } }
    let value = restored(zip(alpha, k).reduce(mean) { $0 + $1.0 * $1.1 })
    let bar = cotangents(value, variance(v[...]))
    var weights = slope
    let (meanBar, varianceBar) = (bar.mean * scale.deviation, bar.variance * scale.deviation * scale.deviation)
    if varianceBar != 0 {
      v.withUnsafeMutableBufferPointer { if let base = $0.baseAddress { factor.solveUpper(base) } }
      for j in 0..<count { weights[j] *= meanBar * alpha[j] - 2 * varianceBar * v[j] }
    } else {
      for j in 0..<count { weights[j] *= meanBar * alpha[j] }
    }
    // d r²/d z_k = 2 (z_k − x_k) / ℓ_k in scaled coordinates.
    let total = weights.reduce(0, +)
    return (0..<dimension).map { c in
      var along = 0.0
      scaled.withUnsafeBufferPointer { x in for j in 0..<count { along += weights[j] * x[c * stride + j] } }
      return 2 * (point[c] * total - along) / hyperparameters.lengthscales[c]
    }
  }
}
