/// Constraints c_j(z) ≤ 0 around a point, as the surrogate's gradients and the true values there describe them.
struct LinearisedConstraints {
  /// A step may use so much of a constraint's slack: the fraction-to-the-boundary rule of interior-point methods. The
  /// rest is for the surrogate's error.
  private static let usableSlack = 0.9
  private static let sweeps = 20

  /// True values at the point; shape (m).
  var values: [Double]
  /// ∇c_j; shape (m, n).
  var gradients: [[Double]]

  /// The step moved into the half-spaces c_j + ∇c_j · Δ ≤ (1 − usable) min(c_j, 0), by cyclic projections; each
  /// coordinate stays within ± limit, which wins when both cannot hold.
  func project(_ step: [Double], limit: Double) -> [Double] {
    var step = step
    for _ in 0..<Self.sweeps {
      var moved = false
      for (c, g) in zip(values, gradients) {
        let allowed = c < 0 ? -Self.usableSlack * c : -c
        let excess = zip(g, step).reduce(-allowed) { $0 + $1.0 * $1.1 }
        let norm2 = g.reduce(0) { $0 + $1 * $1 }
        if excess <= 1e-12 || norm2 < 1e-24 { continue }
        for i in step.indices { step[i] -= excess / norm2 * g[i] }
        moved = true
      }
      for i in step.indices { step[i] = min(max(step[i], -limit), limit) }
      if !moved { break }
    }
    return step
  }
}
