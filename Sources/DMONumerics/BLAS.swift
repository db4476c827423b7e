import CBLAS

/// Row-major single-precision products through OpenBLAS, which is held to one thread: a small network gains nothing
/// from more, and many networks are trained side by side.
public enum BLAS {
  /// A process-wide setting, made once before the first product.
  static let oneThread: Void = openblas_set_num_threads(1)

  /// c = a bᵀ; shapes a (m, k), b (n, k), c (m, n). - Complexity: O(m n k)
  public static func productABt(
    m: Int, n: Int, k: Int, a: UnsafePointer<Float>, b: UnsafePointer<Float>, c: UnsafeMutablePointer<Float>
  ) {
    oneThread
    if n == 1 {
      cblas_sgemv(CblasRowMajor, CblasNoTrans, Int32(m), Int32(k), 1, a, Int32(k), b, 1, 0, c, 1)
    } else {
      cblas_sgemm(
        CblasRowMajor, CblasNoTrans, CblasTrans, Int32(m), Int32(n), Int32(k), 1, a, Int32(k), b, Int32(k), 0, c,
        Int32(n))
    }
  }

  /// c = a b; shapes a (m, k), b (k, n), c (m, n). - Complexity: O(m n k)
  public static func productAB(
    m: Int, n: Int, k: Int, a: UnsafePointer<Float>, b: UnsafePointer<Float>, c: UnsafeMutablePointer<Float>
  ) {
    oneThread
    if k == 1 {
      Kernels.outer(rows: m, columns: n, a, b, into: c)
    } else {
      cblas_sgemm(
        CblasRowMajor, CblasNoTrans, CblasNoTrans, Int32(m), Int32(n), Int32(k), 1, a, Int32(k), b, Int32(n), 0, c,
        Int32(n))
    }
  }

  /// c = aᵀ b; shapes a (k, m), b (k, n), c (m, n). - Complexity: O(m n k)
  public static func productAtB(
    m: Int, n: Int, k: Int, a: UnsafePointer<Float>, b: UnsafePointer<Float>, c: UnsafeMutablePointer<Float>
  ) {
    oneThread
    if m == 1 {
      cblas_sgemv(CblasRowMajor, CblasTrans, Int32(k), Int32(n), 1, b, Int32(n), a, 1, 0, c, 1)
    } else {
      cblas_sgemm(
        CblasRowMajor, CblasTrans, CblasNoTrans, Int32(m), Int32(n), Int32(k), 1, a, Int32(m), b, Int32(n), 0, c,
        Int32(n))
    }
  }
}
