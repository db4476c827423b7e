#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Logarithms of the standard normal distribution's tails, without cancellation or underflow, and their derivatives.
enum NormalTails {
  /// Below it the continued fraction serves; above it the plain formula loses no more than two digits.
  private static let tail = -3.0
  /// The fraction's terms: at t ≥ 3 its remainder is about exp(−2t √(2 · 60)) < 1e-28.
  private static let terms = 60

  private static func logDensity(_ u: Double) -> Double { -0.5 * u * u - 0.918_938_533_204_672_74 }
  private static func density(_ u: Double) -> Double { exp(logDensity(u)) }
  private static func below(_ u: Double) -> Double { 0.5 * erfc(-u * 0.5.squareRoot()) }

  /// c of Mills' ratio Φ(−t)/φ(t) = 1/(t + c): Laplace's continued fraction 1/(t + 2/(t + 3/(t + …))), all terms
  /// positive.
  private static func fraction(_ t: Double) -> Double {
    var c = 0.0
    for k in stride(from: terms, through: 1, by: -1) { c = Double(k) / (t + c) }
    return c
  }

  /// log(φ(u) + u Φ(u)) and its derivative Φ / (φ + u Φ): the heart of log expected improvement (Ament et al. 2023,
  /// arXiv 2310.20708). For u = −t far below zero it is log φ + log(c / (t + c)), its derivative 1 / c.
  static func logImprovement(_ u: Double) -> (value: Double, slope: Double) {
    guard u < tail else {
      let (phi, cdf) = (density(u), below(u))
      return (log(phi + u * cdf), cdf / (phi + u * cdf))
    }
    let c = fraction(-u)
    return (logDensity(u) + log(c / (c - u)), 1 / c)
  }

  /// log Φ(u) and its derivative φ / Φ.
  static func logBelow(_ u: Double) -> (value: Double, slope: Double) {
    guard u < tail else {
      let cdf = below(u)
      return (u > 0 ? log1p(-below(-u)) : log(cdf), density(u) / cdf)
    }
    let inverse = fraction(-u) - u
    return (logDensity(u) - log(inverse), inverse)
  }
}
