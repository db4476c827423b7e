import CBLAS
import CKernels

/// Row-major single-precision products, on one thread: a small network gains nothing from more, and many networks are
/// trained side by side.
///
/// By OpenBLAS, and where it is faster by dmo's own kernels for AVX-512. Measured on an AMD EPYC (GFLOP/s of OpenBLAS
/// 0.3.21 / oneDNN 2.6.3 / own): 64×256×256 a bᵀ 93 / 100 / 110; 320×256×256 104 / 110 / 115; 320×100×100 97 / 90 / 103;
/// 640×1000×1000 101 / 96 / 109; but 64×100×100 a b 113 / 95 / 95 and 320×20×100 a b 107 / 70 / 73. OpenBLAS has kernels of
/// its own for a b and aᵀ b up to a million multiply-adds, and wins there unless all lanes are used.
public enum BLAS {
  /// Whether this processor runs the own kernels.
  private static let hasOwn = dmo_sgemm_works() != 0
  /// The largest product, in multiply-adds, that OpenBLAS treats as small; and a vector's numbers.
  private static let small = 1_000_000
  private static let lanes = 16

  private static func isOwnFaster(_ m: Int, _ n: Int, _ k: Int, isTransposed: Bool) -> Bool {
    guard hasOwn, m > 1, n >= 3 * lanes else { return false }
    return isTransposed || n % lanes == 0 || m * n * k > small
  }

  /// A process-wide setting, made once before the first product.
  static let oneThread: Void = openblas_set_num_threads(1)

  /// c = a bᵀ; shapes a (m, k), b (n, k), c (m, n). - Complexity: O(m n k)
  public static func productABt(
    m: Int, n: Int, k: Int, a: UnsafePointer<Float>, b: UnsafePointer<Float>, c: UnsafeMutablePointer<Float>
  ) {
    oneThread
    if n == 1 {
      cblas_sgemv(CblasRowMajor, CblasNoTrans, Int32(m), Int32(k), 1, a, Int32(k), b, 1, 0, c, 1)
    } else if isOwnFaster(m, n, k, isTransposed: true) {
      dmo_sgemm_abt(m, n, k, a, b, c)
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
    } else if isOwnFaster(m, n, k, isTransposed: false) {
      dmo_sgemm_ab(m, n, k, a, b, c)
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
    } else if isOwnFaster(m, n, k, isTransposed: false) {
      dmo_sgemm_atb(m, n, k, a, b, c)
    } else {
      cblas_sgemm(
        CblasRowMajor, CblasTrans, CblasNoTrans, Int32(m), Int32(n), Int32(k), 1, a, Int32(m), b, Int32(n), 0, c,
        Int32(n))
    }
  }
}
