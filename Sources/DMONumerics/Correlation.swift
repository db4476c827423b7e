import CKernels

/// A stationary correlation function of the squared distance between scaled inputs; 1 at distance 0.
public enum Correlation: String, Sendable, CaseIterable {
  /// (1 + √5 r + 5/3 r²) exp(−√5 r): twice differentiable sample paths (Rasmussen & Williams 2006, eq. 4.17).
  case matern52
  /// exp(−r²/2): infinitely smooth ones (there, eq. 4.9).
  case rbf

  private var kind: Int32 { self == .matern52 ? Int32(DMO_MATERN52) : Int32(DMO_RBF) }

  /// Correlations of a point z with `count` points and their derivatives with respect to r².
  /// - Parameters: `xt` scaled coordinates, coordinate by coordinate, shape (dimension, stride); `z` scaled, shape
  ///   (dimension); `k`, `slope` filled, shape (count).
  /// - Complexity: O(count · dimension)
  public func row(
    count: Int, dimension: Int, stride: Int, xt: UnsafePointer<Double>, z: UnsafePointer<Double>,
    k: UnsafeMutablePointer<Double>, slope: UnsafeMutablePointer<Double>
  ) {
    dmo_gp_distances(count, dimension, stride, xt, z, slope)
    dmo_gp_correlations(kind, count, 1, slope, k, slope)
  }

  /// Squared distances of all pairs, below the diagonal of `out`, shape (count, count).
  public static func distances(
    count: Int, dimension: Int, stride: Int, xt: UnsafePointer<Double>, into out: UnsafeMutablePointer<Double>
  ) {
    dmo_gp_all_distances(count, dimension, stride, xt, count, out)
  }

  /// Lower triangles of the correlation matrix, `diagonal` on its diagonal, and of the slopes; shapes (count, count).
  /// - Parameters: `factor` multiplies `squared`, which may be `slope`.
  public func matrix(
    count: Int, factor: Double, diagonal: Double, squared: UnsafePointer<Double>, k: UnsafeMutablePointer<Double>,
    slope: UnsafeMutablePointer<Double>
  ) {
    dmo_gp_matrix(kind, count, count, factor, diagonal, squared, k, slope)
  }

  /// w = (α αᵀ − K⁻¹) · slope below the diagonal. - Returns: Σ w · squared, 0 without `squared`.
  @discardableResult
  public static func weights(
    count: Int, alpha: UnsafePointer<Double>, inverse: UnsafePointer<Double>, slope: UnsafePointer<Double>,
    squared: UnsafePointer<Double>?, into w: UnsafeMutablePointer<Double>
  ) -> Double {
    dmo_gp_weights(count, count, alpha, inverse, slope, squared, w)
  }

  /// Σ_{i>j} w_ij (x_ki − x_kj)² for each coordinate k. - Complexity: O(count² · dimension)
  public static func spreads(
    count: Int, dimension: Int, stride: Int, xt: UnsafePointer<Double>, w: UnsafePointer<Double>,
    into out: UnsafeMutablePointer<Double>
  ) {
    dmo_gp_gradient(count, dimension, stride, xt, count, w, out)
  }
}
