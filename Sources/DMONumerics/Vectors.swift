/// Small double-precision vectors: telemetry and reports, not hot loops.
public enum Vectors {
  /// Σ a_i b_i. - Precondition: equal lengths.
  public static func dot(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }

  /// How near `a` comes to `b`: the cosine between them, and ‖a − b‖ / ‖b‖. Nil when either is 0 or not finite.
  public static func compare(_ a: [Double], with b: [Double]) -> (cosine: Double, relativeError: Double)? {
    let (na, nb) = (dot(a, a).squareRoot(), dot(b, b).squareRoot())
    guard na > 0, nb > 0, na.isFinite, nb.isFinite else { return nil }
    let difference = zip(a, b).map { $0 - $1 }
    return (dot(a, b) / na / nb, dot(difference, difference).squareRoot() / nb)
  }
}
