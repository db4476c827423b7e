import DMOCore

/// A covariance matrix by its lower triangular factor A, C = A Aᵀ; scaled and updated by rank one without factorising anew.
struct CholeskyFactor: Equatable {
  let count: Int
  /// Row major, shape (count, count); zero above the diagonal.
  private(set) var a: [Double]

  /// The unit matrix.
  init(count: Int) {
    self.count = count
    a = [Double](repeating: 0, count: count * count)
    for i in 0..<count { a[i * count + i] = 1 }
  }

  mutating func code(_ coder: inout StateCoder) throws {
    try coder.code(&a)
    guard a.count == count * count else { throw StateCoder.damaged }
  }

  /// A z. - Complexity: O(count²)
  func times(_ z: [Double]) -> [Double] {
    a.withUnsafeBufferPointer { a in
      (0..<count).map { i in
        var sum = 0.0
        for j in 0...i { sum += a[i * count + j] * z[j] }
        return sum
      }
    }
  }

  /// A⁻¹ y, by forward substitution. - Complexity: O(count²)
  func solve(_ y: [Double]) -> [Double] {
    var z = y
    a.withUnsafeBufferPointer { a in
      for i in 0..<count {
        for j in 0..<i { z[i] -= a[i * count + j] * z[j] }
        z[i] /= a[i * count + i]
      }
    }
    return z
  }

  /// C becomes αC + βvvᵀ. - Precondition: α > 0, β ≥ 0. - Complexity: O(count²)
  mutating func update(alpha: Double, beta: Double, _ v: [Double]) {
    let n = count
    let root = alpha.squareRoot()
    let scale = beta.squareRoot()
    var w = v.map { $0 * scale }
    a.withUnsafeMutableBufferPointer { a in
      if root != 1 { for k in a.indices { a[k] *= root } }
      // The standard update of a Cholesky factor by plane rotations (Gill, Golub, Murray & Saunders 1974).
      for k in 0..<n {
        let diagonal = a[k * n + k]
        let r = (diagonal * diagonal + w[k] * w[k]).squareRoot()
        let (c, s) = (r / diagonal, w[k] / diagonal)
        a[k * n + k] = r
        for i in k + 1..<max(n, k + 1) {
          a[i * n + k] = (a[i * n + k] + s * w[i]) / c
          w[i] = c * w[i] - s * a[i * n + k]
        }
      }
    }
  }

  /// The diagonal of A, which bounds the scales.
  var diagonal: [Double] { (0..<count).map { a[$0 * count + $0] } }
  /// √C_ii: the standard deviation of each coordinate.
  var deviations: [Double] {
    (0..<count).map { i in (0...i).reduce(0) { $0 + a[i * count + $1] * a[i * count + $1] }.squareRoot() }
  }
}
