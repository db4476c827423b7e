import DMONumerics

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// The log marginal likelihood of one output's rows, with the priors and the gradient.
///
/// log p(y) = −½ rᵀK⁻¹r − ½ log det K − ½ n log 2π with r = y − m and K = R + σ²I (Rasmussen & Williams 2006, eq. 5.8;
/// gradient 5.9). The constant mean m has no prior: its best value (1ᵀK⁻¹y) / (1ᵀK⁻¹1) is put in, which leaves the other
/// derivatives as they are. All memory is taken at the start. Used by one thread at a time.
public final class GPLikelihood {
  /// Rows n.
  public let count: Int
  public let dimension: Int
  let correlation: Correlation
  /// Whether all inputs share one lengthscale.
  let isIsotropic: Bool
  /// The constant mean of the last evaluation, in standardised targets.
  public private(set) var mean = 0.0

  /// Unscaled coordinates, shape (dimension, count).
  private let x: DoubleBuffer
  private let scaled: DoubleBuffer
  private let y: [Double]
  /// K, then its factor, then its inverse; shape (count, count).
  private let matrix: DoubleBuffer
  private let slope: DoubleBuffer
  /// Unscaled squared distances; only when isotropic.
  private let squared: DoubleBuffer?
  /// L⁻¹1 and L⁻¹y; shape (2, count).
  private let solved: DoubleBuffer
  private let spreads: DoubleBuffer

  /// - Parameters: `inputs` row major, shape (count, dimension), unit cube; `targets` standardised, finite.
  public init(inputs: [Double], dimension: Int, targets: [Double], correlation: Correlation, isIsotropic: Bool = false) {
    precondition(inputs.count == targets.count * dimension)
    count = targets.count
    self.dimension = dimension
    self.correlation = correlation
    self.isIsotropic = isIsotropic
    y = targets
    let n = count
    x = DoubleBuffer(count: n * dimension)
    for i in 0..<n { for k in 0..<dimension { x.base[k * n + i] = inputs[i * dimension + k] } }
    scaled = DoubleBuffer(count: isIsotropic ? 0 : n * dimension)
    matrix = DoubleBuffer(count: n * n)
    slope = DoubleBuffer(count: n * n)
    squared = isIsotropic ? DoubleBuffer(count: n * n) : nil
    solved = DoubleBuffer(count: 2 * n)
    spreads = DoubleBuffer(count: dimension)
    if let squared {
      Correlation.distances(count: n, dimension: dimension, stride: n, xt: x.base, into: squared.base)
    }
  }

  /// What a search moves: log ℓ of each input (of all, when isotropic), then log σ².
  public func logarithms(_ h: GPHyperparameters) -> [Double] {
    (isIsotropic ? Array(h.lengthscales.prefix(1)) : h.lengthscales).map { log($0) } + [log(h.noise)]
  }

  public func hyperparameters(_ logarithms: [Double]) -> GPHyperparameters {
    let lengths = logarithms.dropLast().map { exp($0) }
    return GPHyperparameters(
      correlation: correlation,
      lengthscales: isIsotropic ? [Double](repeating: lengths[0], count: dimension) : lengths,
      noise: exp(logarithms[logarithms.count - 1]))
  }

  /// log p(y) + log p(ℓ, σ²) and its derivatives with respect to the logarithms.
  /// - Parameters: `logarithms` as above; `gradient` filled, of the same shape, unless nil.
  /// - Returns: −∞ when K is not positive definite to rounding. - Complexity: O(count³ + count² · dimension)
  public func logPosterior(_ logarithms: [Double], gradient: inout [Double]?) -> Double {
    var total = logMarginal(logarithms, gradient: &gradient)
    guard total.isFinite else { return -.infinity }
    let location = GPPriors.lengthscaleLocation(dimension: dimension)
    for i in logarithms.indices {
      let isNoise = i == logarithms.count - 1
      let prior = GPPriors.logNormal(
        logarithms[i], location: isNoise ? GPPriors.noiseLocation : location,
        variance: isNoise ? GPPriors.noiseVariance : GPPriors.lengthscaleVariance)
      total += prior.value
      gradient?[i] += prior.slope
    }
    return total
  }

  /// log p(y) alone; otherwise as `logPosterior`.
  public func logMarginal(_ logarithms: [Double], gradient: inout [Double]?) -> Double {
    let n = count
    let noise = exp(logarithms[logarithms.count - 1])
    correlate(logarithms, noise: noise)
    guard Cholesky.factor(matrix.base, count: n, stride: n) else { return -.infinity }
    for i in 0..<n {
      solved.base[i] = 1
      solved.base[n + i] = y[i]
    }
    Cholesky.solve(matrix.base, count: n, stride: n, transposed: false, solved.base, rows: 2)
    var (ones, along) = (0.0, 0.0)
    for i in 0..<n {
      ones += solved.base[i] * solved.base[i]
      along += solved.base[i] * solved.base[n + i]
    }
    mean = along / ones
    let residual = solved.base + n
    var (quadratic, determinant) = (0.0, 0.0)
    for i in 0..<n {
      residual[i] -= mean * solved.base[i]
      quadratic += residual[i] * residual[i]
      determinant += 2 * log(matrix.base[i * n + i])
    }
    let value = -0.5 * (quadratic + determinant + Double(n) * log(2 * .pi))
    if gradient != nil {
      Cholesky.solve(matrix.base, count: n, stride: n, transposed: true, residual, rows: 1)
      gradient = derivatives(alpha: residual, logarithms, noise: noise)
    }
    return value
  }

  /// Fills `matrix` with K and `slope`.
  private func correlate(_ logarithms: [Double], noise: Double) {
    let n = count
    if let squared {
      correlation.matrix(
        count: n, factor: exp(-2 * logarithms[0]), diagonal: 1 + noise, squared: squared.base, k: matrix.base,
        slope: slope.base)
      return
    }
    for k in 0..<dimension {
      let inverse = exp(-logarithms[k])
      for i in 0..<n { scaled.base[k * n + i] = x.base[k * n + i] * inverse }
    }
    Correlation.distances(count: n, dimension: dimension, stride: n, xt: scaled.base, into: slope.base)
    correlation.matrix(
      count: n, factor: 1, diagonal: 1 + noise, squared: slope.base, k: matrix.base, slope: slope.base)
  }

  /// The derivatives from α = K⁻¹r; `matrix` holds the factor and becomes the inverse.
  private func derivatives(alpha: UnsafePointer<Double>, _ logarithms: [Double], noise: Double) -> [Double] {
    let n = count
    Cholesky.invert(matrix.base, count: n, stride: n)
    var trace = 0.0
    for i in 0..<n { trace += alpha[i] * alpha[i] - matrix.base[i * n + i] }
    let total = Correlation.weights(
      count: n, alpha: alpha, inverse: matrix.base, slope: slope.base, squared: squared.map { UnsafePointer($0.base) },
      into: slope.base)
    let last = 0.5 * noise * trace
    if squared != nil { return [-2 * exp(-2 * logarithms[0]) * total, last] }
    Correlation.spreads(
      count: n, dimension: dimension, stride: n, xt: scaled.base, w: slope.base, into: spreads.base)
    return spreads.array.map { -2 * $0 } + [last]
  }
}

extension GPLikelihood {
  /// What a search for the most probable hyperparameters found.
  public struct Fit: Sendable {
    public var hyperparameters: GPHyperparameters
    /// log p(y) + log p(ℓ, σ²) there.
    public var logPosterior: Double
    public var evaluations: Int
  }

  /// The most probable hyperparameters near a start, by `BoxMinimizer` on the negative log posterior for each row.
  public func fit(from start: GPHyperparameters, iterations: Int = 200) -> Fit {
    var minimizer = BoxMinimizer()
    minimizer.iterations = iterations
    minimizer.firstStep = 0.5  // of a logarithm
    let free = logarithms(start)
    var lower = [Double](repeating: log(GPPriors.smallestLengthscale), count: free.count)
    lower[free.count - 1] = log(GPPriors.smallestNoise)
    let upper = [Double](repeating: .infinity, count: free.count)
    let result = minimizer.minimize(from: free, lower: lower, upper: upper) { at, gradient in
      var slopes: [Double]? = gradient
      let value = logPosterior(at, gradient: &slopes)
      if let slopes { for i in gradient.indices { gradient[i] = -slopes[i] / Double(count) } }
      return -value / Double(count)
    }
    return Fit(
      hyperparameters: hyperparameters(result.x), logPosterior: -result.value * Double(count),
      evaluations: result.evaluations)
  }
}
