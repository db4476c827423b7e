import CBLAS

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// The Cholesky factor L of a symmetric positive definite matrix K = L Lᵀ, by LAPACK, and what is solved with it.
///
/// Row major, lower triangle; what stands above the diagonal is never read. It grows by a row in O(n²).
public struct Cholesky: Sendable, Equatable {
  /// Rows of K.
  public private(set) var count: Int
  /// Numbers from one row to the next.
  public let stride: Int
  /// Shape (≥ count, stride).
  public private(set) var lower: [Double]

  /// - Parameters:
  ///   - matrix: K's lower triangle, row major, shape (count, stride); it is overwritten, so give it away.
  ///   - count: rows and columns of K.
  ///   - stride: numbers from one row to the next, at least `count`.
  /// - Returns: nil when K is not positive definite to rounding. - Complexity: O(count³ / 3)
  public init?(_ matrix: consuming [Double], count: Int, stride: Int) {
    precondition(stride >= count && matrix.count >= count * stride)
    self.count = count
    self.stride = stride
    lower = matrix
    let isDefinite = lower.withUnsafeMutableBufferPointer { a in
      a.baseAddress.map { Self.factor($0, count: count, stride: stride) } ?? (count == 0)
    }
    guard isDefinite else { return nil }
  }

  /// K's lower triangle to L, in place. - Returns: whether K is positive definite to rounding.
  public static func factor(_ a: UnsafeMutablePointer<Double>, count: Int, stride: Int) -> Bool {
    BLAS.oneThread
    var (n, ld, info) = (Int32(count), Int32(max(stride, 1)), Int32(0))
    // A row-major lower triangle is LAPACK's column-major upper one.
    dpotrf_("U", &n, a, &ld, &info, 1)
    return info == 0
  }

  /// L to the lower triangle of K⁻¹, in place. - Complexity: O(2 count³ / 3)
  public static func invert(_ a: UnsafeMutablePointer<Double>, count: Int, stride: Int) {
    BLAS.oneThread
    var (n, ld, info) = (Int32(count), Int32(max(stride, 1)), Int32(0))
    dpotri_("U", &n, a, &ld, &info, 1)
  }

  /// L⁻¹ b in place, for each row b of a row-major array. - Complexity: O(rows · count²)
  public func solveLower(_ b: UnsafeMutablePointer<Double>, rows: Int = 1) { solve(CblasTrans, CblasNoTrans, b, rows) }

  /// L⁻ᵀ b in place, for each row b of a row-major array. - Complexity: O(rows · count²)
  public func solveUpper(_ b: UnsafeMutablePointer<Double>, rows: Int = 1) { solve(CblasNoTrans, CblasTrans, b, rows) }

  private func solve(
    _ many: CBLAS_TRANSPOSE, _ one: CBLAS_TRANSPOSE, _ b: UnsafeMutablePointer<Double>, _ rows: Int
  ) {
    lower.withUnsafeBufferPointer { l in
      guard let l = l.baseAddress else { return }
      Self.solve(l, count: count, stride: stride, many, one, b, rows)
    }
  }

  /// L⁻¹ b (`transposed`: L⁻ᵀ b) in place for each row b; L as `factor` leaves it. - Complexity: O(rows · count²)
  public static func solve(
    _ l: UnsafePointer<Double>, count: Int, stride: Int, transposed: Bool, _ b: UnsafeMutablePointer<Double>, rows: Int
  ) {
    solve(
      l, count: count, stride: stride, transposed ? CblasNoTrans : CblasTrans,
      transposed ? CblasTrans : CblasNoTrans, b, rows)
  }

  private static func solve(
    _ l: UnsafePointer<Double>, count: Int, stride: Int, _ many: CBLAS_TRANSPOSE, _ one: CBLAS_TRANSPOSE,
    _ b: UnsafeMutablePointer<Double>, _ rows: Int
  ) {
    guard count > 0, rows > 0 else { return }
    BLAS.oneThread
    let (n, ld) = (Int32(count), Int32(stride))
    if rows == 1 {
      cblas_dtrsv(CblasRowMajor, CblasLower, one, CblasNonUnit, n, l, ld, b, 1)
    } else {
      cblas_dtrsm(CblasRowMajor, CblasRight, CblasLower, many, CblasNonUnit, Int32(rows), n, 1, l, ld, b, n)
    }
  }

  /// K⁻¹ b; shape (count). - Complexity: O(count²)
  public func solve(_ b: [Double]) -> [Double] {
    var x = b
    x.withUnsafeMutableBufferPointer { x in
      guard let base = x.baseAddress else { return }
      solveLower(base)
      solveUpper(base)
    }
    return x
  }

  /// log det K. - Complexity: O(count)
  public var logDeterminant: Double { (0..<count).reduce(0) { $0 + 2 * log(lower[$1 * stride + $1]) } }

  /// K with one more row and column.
  /// - Parameters: `row` the new row without its last entry, shape (count); `diagonal` that entry.
  /// - Returns: nil when the result is not positive definite to rounding. - Complexity: O(count²)
  public func appending(row: [Double], diagonal: Double) -> Cholesky? {
    precondition(row.count == count)
    var v = row
    v.withUnsafeMutableBufferPointer { if let base = $0.baseAddress { solveLower(base) } }
    let pivot = diagonal - v.reduce(0) { $0 + $1 * $1 }
    guard pivot > 0 else { return nil }
    return Cholesky(self, adding: v + [pivot.squareRoot()])
  }

  private init(_ old: Cholesky, adding row: [Double]) {
    count = old.count + 1
    // Room for more rows behind it, so that points that come one by one do not copy the factor each time.
    stride = old.stride >= count ? old.stride : count + count / 4 + 8
    if stride == old.stride {
      lower = old.lower
    } else {
      lower = [Double](repeating: 0, count: stride * stride)
      for i in 0..<old.count {
        lower.replaceSubrange(
          i * stride..<i * stride + i + 1, with: old.lower[i * old.stride..<i * old.stride + i + 1])
      }
    }
    if lower.count < count * stride { lower += [Double](repeating: 0, count: count * stride - lower.count) }
    lower.replaceSubrange(old.count * stride..<old.count * stride + row.count, with: row)
  }
}
