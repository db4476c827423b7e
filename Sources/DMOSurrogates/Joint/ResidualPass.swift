import DMONumerics

/// A `ResidualProcess` at work on some rows at a time, with all the memory it needs. Used by one thread at a time.
final class ResidualPass {
  private let process: ResidualProcess
  var column: Int { process.column }
  /// The rows' points in the metric; shape (capacity, inputs).
  private let u: FloatBuffer
  /// Correlations with the process's rows, and their derivatives by the squared distance; shape (capacity, rows).
  private let k: FloatBuffer
  private let slope: FloatBuffer
  private let pulled: FloatBuffer
  /// The process's, where the alignment of memory is always the same: products may round by it.
  private let points: FloatBuffer
  /// Shape (members, rows).
  private let weights: FloatBuffer
  private let squares: [Float]
  /// Shape (capacity).
  private let own: FloatBuffer
  /// Noted for `addGradient`; shape (capacity, members).
  private let cotangents: FloatBuffer
  private var isNoted = false
  /// Shape (capacity, inputs).
  private let moments: FloatBuffer

  init(_ process: ResidualProcess, capacity: Int) {
    self.process = process
    let (d, n) = (process.metric.count, process.rows)
    u = FloatBuffer(count: capacity * d)
    k = FloatBuffer(count: capacity * n)
    slope = FloatBuffer(count: capacity * n)
    pulled = FloatBuffer(count: capacity * n)
    own = FloatBuffer(count: capacity)
    moments = FloatBuffer(count: capacity * d)
    points = FloatBuffer(process.points)
    weights = FloatBuffer(process.weights.flatMap { $0 })
    cotangents = FloatBuffer(count: capacity * process.weights.count)
    squares = (0..<n).map { r in process.points[r * d..<(r + 1) * d].reduce(0) { $0 + $1 * $1 } }
  }

  /// Takes the rows' inputs; what follows is about them. - Parameter x: standardised; shape (rows, inputs).
  func enter(_ x: UnsafePointer<Float>, rows: Int) {
    let d = process.metric.count
    for r in 0..<rows {
      var sum: Float = 0
      for i in 0..<d {
        let v = x[r * d + i] * process.metric[i]
        u.base[r * d + i] = v
        sum += v * v
      }
      own.base[r] = sum
    }
    BLAS.productABt(m: rows, n: process.rows, k: d, a: u.base, b: points.base, c: k.base)
    Kernels.matern52(
      rows: rows, columns: process.rows, own: own.base, others: squares, products: k.base, slope: slope.base)
  }

  /// Adds what one network is to be corrected by to its outputs. - Parameter stride: outputs of a row.
  func correct(member: Int, rows: Int, outputs: UnsafeMutablePointer<Float>, stride: Int) {
    BLAS.productAB(m: rows, n: 1, k: process.rows, a: k.base, b: weights.base + member * process.rows, c: own.base)
    for r in 0..<rows { outputs[r * stride + process.column] += process.mean + own.base[r] }
  }

  /// Notes cotangents of one network's output for `addGradient`, which is then of all that were noted.
  /// - Parameters: `stride` cotangents of a row; `factor` of each row's.
  func take(
    member: Int, rows: Int, cotangents given: UnsafePointer<Float>, stride: Int, factor: (Int) -> Float
  ) {
    let members = process.weights.count
    for r in 0..<rows {
      let bar = factor(r) * given[r * stride + process.column]
      cotangents.base[r * members + member] = bar
      if bar != 0 { isNoted = true }
    }
  }

  private func forget() {
    cotangents.base.update(repeating: 0, count: cotangents.count)
    isNoted = false
  }

  /// Adds the correction's gradient for the cotangents taken since the last time, of whichever networks.
  /// - Parameter gradient: with respect to the standardised inputs; shape (rows, inputs).
  func addGradient(rows: Int, to gradient: UnsafeMutablePointer<Float>) {
    guard isNoted else { return }
    let (d, n, members) = (process.metric.count, process.rows, process.weights.count)
    BLAS.productAB(m: rows, n: n, k: members, a: cotangents.base, b: weights.base, c: pulled.base)
    forget()
    for r in 0..<rows {
      let (p, s) = (pulled.base + r * n, slope.base + r * n)
      var sum: Float = 0
      for j in 0..<n {
        p[j] *= s[j]
        sum += p[j]
      }
      own.base[r] = sum
    }
    BLAS.productAB(m: rows, n: d, k: n, a: pulled.base, b: points.base, c: moments.base)
    for r in 0..<rows {
      for i in 0..<d {
        gradient[r * d + i] += 2 * process.metric[i] * (u.base[r * d + i] * own.base[r] - moments.base[r * d + i])
      }
    }
  }
}
