import DMONumerics

/// The gradient of a function as its values at near points tell it, and how a model's gradient compares.
///
/// With k differences D = (z_i − z) (rows) and Δf_i, the least-squares gradient of smallest norm is
/// g = Dᵀ (D Dᵀ)⁻¹ Δf. It lies in the span of the differences, so that the model's gradient is projected there first:
/// P h = Dᵀ (D Dᵀ)⁻¹ D h.
struct SecantGradient {
  /// Near points that are used at most: farther ones measure curvature rather than slope.
  static let pointLimit = 5
  /// Directions whose part outside the others' span is shorter than so much of their length carry no news.
  private static let independence = 1e-6

  /// Orthonormal basis of the differences, and g's coefficients in it.
  private var basis: [[Double]] = []
  private var coefficients: [Double] = []
  var rank: Int { basis.count }

  /// - Parameters:
  ///   - differences: nearest first; shape (k, n). A later one that depends on the earlier ones is passed over.
  ///   - changes: f at those points minus f here; shape (k).
  /// - Complexity: O(k² n)
  init(differences: [[Double]], changes: [Double]) {
    // Gram–Schmidt: with q_j and the rows' components L, L c = Δf is solved on the way.
    for (d, change) in zip(differences, changes) where rank < Self.pointLimit {
      var rest = d
      var known = 0.0
      for (q, c) in zip(basis, coefficients) {
        let along = Vectors.dot(rest, q)
        for i in rest.indices { rest[i] -= along * q[i] }
        known += along * c
      }
      let norm = Vectors.dot(rest, rest).squareRoot()
      guard norm > Self.independence * Vectors.dot(d, d).squareRoot(), norm > 0 else { continue }
      basis.append(rest.map { $0 / norm })
      coefficients.append((change - known) / norm)
    }
  }

  /// Cosine between the model's projected gradient and the secant's, and ‖P h − g‖ / ‖g‖; nil when either is 0.
  func compare(with gradient: [Double]) -> (cosine: Double, relativeError: Double)? {
    Vectors.compare(basis.map { Vectors.dot($0, gradient) }, with: coefficients)
  }
}
