import DMONumerics

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// What the networks leave over at the rows they learnt from, interpolated: Gaussian processes on their residuals, one
/// correlation for all outputs and each output's own noise (regression kriging with the networks as trend; Hengl, Heuvelink & Rossiter, Comput. Geosci.
/// 33 (2007)).
///
/// k = (1 + t/4)⁻², t = Σ (wᵢ (xᵢ − xᵢ′))²: rational quadratic, α = 2. Each network has weights of its own, so that all of
/// them pass through the answers, and differ the more the farther from them. The metric w follows the networks' own
/// slopes; length and noises maximise the likelihood of the mean residuals, each output's variance profiled out. An output
/// whose residuals look like noise keeps them.
struct ResidualKriging: Sendable, Equatable {
  /// Of the standardised inputs; shape (inputs).
  let metric: [Float]
  /// The rows, in the metric; shape (rows, inputs).
  let points: [Float]
  /// K⁻¹ r of each network; shape (members)(rows, outputs).
  let weights: [[Float]]
  let rows: Int
  let outputs: Int

  /// Lengths in units of the rows' root mean square distance, and variances of the noise in the process's.
  private static let lengths = [0.25, 0.5, 1, 2]
  private static let noises = [1e-3, 3e-2, 0.5]
  /// The least weight of an input beside the greatest.
  private static let least = 0.1
  /// Below so many rows nothing can be told of residuals.
  static let fewest = 10

  /// - Parameters:
  ///   - x: standardised inputs; shape (rows, inputs).
  ///   - residuals: of each network, 0 where unknown; shape (members)(rows, outputs).
  ///   - slopes: root mean square slopes of the networks along each input; shape (inputs).
  /// - Returns: nil where all residuals look like noise. - Complexity: O(rows³) for each length and noise
  init?(x: [Float], residuals: [[Float]], slopes: [Double], outputs: Int) {
    let d = slopes.count
    let n = outputs > 0 ? (residuals.first?.count ?? 0) / outputs : 0
    guard n >= Self.fewest, d > 0 else { return nil }
    let top = slopes.max() ?? 0
    let relative = slopes.map { top > 0 && top.isFinite ? max($0 / top, Self.least) : 1 }
    var u = [Double](repeating: 0, count: n * d)
    var spread = 0.0
    for i in 0..<d {
      var (sum, squares) = (0.0, 0.0)
      for r in 0..<n {
        let v = relative[i] * Double(x[r * d + i])
        u[r * d + i] = v
        sum += v
        squares += v * v
      }
      spread += 2 * (squares - sum * sum / Double(n)) / Double(n)
    }
    guard spread > 0 else { return nil }
    let distances = Self.distances(u, rows: n, inputs: d)
    let share = 1 / Float(residuals.count)
    var mean = [Double](repeating: 0, count: n * outputs)
    for member in residuals { for i in mean.indices { mean[i] += Double(member[i] * share) } }
    // An output that is fitted exactly, or not known at all, says nothing of length and noise.
    let told = (0..<outputs).filter { c in (0..<n).reduce(0) { $0 + abs(mean[$1 * outputs + c]) } > 1e-9 * Double(n) }
    guard !told.isEmpty else { return nil }
    let columns = told.flatMap { c in (0..<n).map { mean[$0 * outputs + c] } }
    // In buffers, whose alignment is always the same: LAPACK may round by it.
    let (matrix, work) = (DoubleBuffer(count: n * n), DoubleBuffer(count: max(columns.count, n * outputs)))
    func factor(length: Double, noise: Double) -> Bool {
        for (i, t) in distances.enumerated() {
          let q = 1 / (1 + t / (4 * length * length))
          matrix.base[i] = q * q
        }
        for r in 0..<n { matrix.base[r * n + r] = 1 + noise }
        return Cholesky.factor(matrix.base, count: n, stride: n)
    }
    let alone = Self.scores(nil, columns, rows: n, work)
    var best = (gain: 0.0, length: 0.0, noises: [Double?]())
    for part in Self.lengths {
      let length = part * spread.squareRoot()
      var (scores, noises) = (alone, [Double?](repeating: nil, count: told.count))
      for noise in Self.noises where factor(length: length, noise: noise) {
        for (c, score) in Self.scores(matrix.base, columns, rows: n, work).enumerated() where score > scores[c] {
          (scores[c], noises[c]) = (score, noise)
        }
      }
      let gain = zip(scores, alone).reduce(0) { $0 + $1.0 - $1.1 }
      if gain > best.gain { best = (gain, length, noises) }
    }
    guard best.gain > 0 else { return nil }
    var weights = residuals.map { [Float](repeating: 0, count: $0.count) }
    for noise in Self.noises where best.noises.contains(noise) && factor(length: best.length, noise: noise) {
      let own = told.indices.filter { best.noises[$0] == noise }.map { told[$0] }
      for (i, member) in residuals.enumerated() {
        for (k, c) in own.enumerated() { for r in 0..<n { work.base[k * n + r] = Double(member[r * outputs + c]) } }
        for isTransposed in [false, true] {
          Cholesky.solve(matrix.base, count: n, stride: n, transposed: isTransposed, work.base, rows: own.count)
        }
        for (k, c) in own.enumerated() { for r in 0..<n { weights[i][r * outputs + c] = Float(work.base[k * n + r]) } }
      }
    }
    self.weights = weights
    metric = relative.map { Float($0 / best.length) }
    points = u.map { Float($0 / best.length) }
    (rows, self.outputs) = (n, outputs)
  }

  /// As saved. - Returns: nil for parts of no kriging.
  init?(metric: [Float], points: [Float], weights: [[Float]], outputs: Int) {
    guard !metric.isEmpty, points.count % metric.count == 0 else { return nil }
    rows = points.count / metric.count
    guard rows > 0, weights.allSatisfy({ $0.count == points.count / metric.count * outputs }) else { return nil }
    (self.metric, self.points, self.weights, self.outputs) = (metric, points, weights, outputs)
  }

  /// Squared distances, lower triangle; shape (rows, rows).
  private static func distances(_ u: [Double], rows n: Int, inputs d: Int) -> [Double] {
    var result = [Double](repeating: 0, count: n * n)
    result.withUnsafeMutableBufferPointer { t in
      u.withUnsafeBufferPointer { u in
        for a in 0..<n {
          for b in 0..<a {
            var sum = 0.0
            for i in 0..<d {
              let difference = u[a * d + i] - u[b * d + i]
              sum += difference * difference
            }
            t[a * n + b] = sum
          }
        }
      }
    }
    return result
  }

  /// Log likelihood of each column of residuals, its variance profiled out, up to what is the same for all factors.
  /// - Parameters: `factor` of the correlations, nil for independent residuals; `columns` shape (columns, rows); `work` as
  ///   large.
  private static func scores(
    _ factor: UnsafePointer<Double>?, _ columns: [Double], rows n: Int, _ work: DoubleBuffer
  ) -> [Double] {
    let count = columns.count / n
    for i in columns.indices { work.base[i] = columns[i] }
    var logDeterminant = 0.0
    if let factor {
      Cholesky.solve(factor, count: n, stride: n, transposed: false, work.base, rows: count)
      for r in 0..<n { logDeterminant += 2 * log(factor[r * n + r]) }
    }
    return (0..<count).map { c in
      let fit = (0..<n).reduce(0) { $0 + work.base[c * n + $1] * work.base[c * n + $1] }
      return -0.5 * (Double(n) * log(fit) + logDeterminant)
    }
  }
}

/// A `ResidualKriging` at work on some rows at a time, with all the memory it needs. Used by one thread at a time.
final class KrigingPass {
  private let model: ResidualKriging
  /// The rows' points in the metric; shape (capacity, inputs).
  private let u: FloatBuffer
  /// Correlations with the model's rows, and their derivative by t; shape (capacity, rows).
  private let k: FloatBuffer
  private let slope: FloatBuffer
  private let pulled: FloatBuffer
  private let squares: [Float]
  /// The model's, where the alignment of memory is always the same: products may round by it.
  private let points: FloatBuffer
  private let weights: [FloatBuffer]
  private let own: FloatBuffer
  /// Shape (capacity, outputs).
  private let correction: FloatBuffer
  private let cotangent: FloatBuffer
  private let moments: FloatBuffer

  init(_ model: ResidualKriging, capacity: Int) {
    self.model = model
    let d = model.metric.count
    u = FloatBuffer(count: capacity * d)
    k = FloatBuffer(count: capacity * model.rows)
    slope = FloatBuffer(count: capacity * model.rows)
    pulled = FloatBuffer(count: capacity * model.rows)
    own = FloatBuffer(count: capacity)
    correction = FloatBuffer(count: capacity * model.outputs)
    cotangent = FloatBuffer(count: capacity * model.outputs)
    moments = FloatBuffer(count: capacity * d)
    points = FloatBuffer(model.points)
    weights = model.weights.map { FloatBuffer($0) }
    squares = (0..<model.rows).map { r in model.points[r * d..<(r + 1) * d].reduce(0) { $0 + $1 * $1 } }
  }

  /// Takes the rows' inputs; what follows is about them. - Parameter x: standardised; shape (rows, inputs).
  func enter(_ x: UnsafePointer<Float>, rows: Int) {
    let d = model.metric.count
    for r in 0..<rows {
      var sum: Float = 0
      for i in 0..<d {
        let v = x[r * d + i] * model.metric[i]
        u.base[r * d + i] = v
        sum += v * v
      }
      own.base[r] = sum
    }
    BLAS.productABt(m: rows, n: model.rows, k: d, a: u.base, b: points.base, c: k.base)
    Kernels.rationalQuadratic(
      rows: rows, columns: model.rows, own: own.base, others: squares, products: k.base, slope: slope.base)
  }

  /// Adds what one network is to be corrected by to its outputs. - Parameter stride: outputs of a row.
  func correct(member: Int, rows: Int, outputs: UnsafeMutablePointer<Float>, stride: Int) {
    BLAS.productAB(m: rows, n: model.outputs, k: model.rows, a: k.base, b: weights[member].base, c: correction.base)
    let m = model.outputs
    for r in 0..<rows { for c in 0..<m { outputs[r * stride + c] += correction.base[r * m + c] } }
  }

  /// Keeps the cotangents of the outputs for `addGradient`. - Parameter stride: cotangents of a row.
  func take(cotangents: UnsafePointer<Float>, rows: Int, stride: Int) {
    let m = model.outputs
    for r in 0..<rows { (cotangent.base + r * m).update(from: cotangents + r * stride, count: m) }
  }

  /// Adds the correction's gradient for the cotangents taken to that of a network.
  /// - Parameter gradient: with respect to the standardised inputs; shape (rows, inputs).
  func addGradient(member: Int, rows: Int, to gradient: UnsafeMutablePointer<Float>) {
    let (d, m) = (model.metric.count, model.outputs)
    BLAS.productABt(m: rows, n: model.rows, k: m, a: cotangent.base, b: weights[member].base, c: pulled.base)
    for r in 0..<rows {
      let (p, s) = (pulled.base + r * model.rows, slope.base + r * model.rows)
      var sum: Float = 0
      for j in 0..<model.rows {
        p[j] *= s[j]
        sum += p[j]
      }
      own.base[r] = sum
    }
    BLAS.productAB(m: rows, n: d, k: model.rows, a: pulled.base, b: points.base, c: moments.base)
    for r in 0..<rows {
      for i in 0..<d {
        gradient[r * d + i] += 2 * model.metric[i] * (u.base[r * d + i] * own.base[r] - moments.base[r * d + i])
      }
    }
  }
}
