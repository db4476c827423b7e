/// How far a point set is from uniform.
public enum Discrepancy {
  /// The squared centred L2-discrepancy (Hickernell, Math. Comput. 67 (1998) 299–322), as SciPy's `CD`.
  /// - Parameters:
  ///   - points: row major, shape (n, dimension), in [0, 1].
  ///   - d: the dimension.
  /// - Complexity: O(n² · dimension)
  public static func centred(_ points: [Double], dimension d: Int) -> Double {
    guard d > 0, !points.isEmpty else { return 0 }
    let n = points.count / d
    var single = 0.0
    var pairs = 0.0
    for i in 0..<n {
      var product = 1.0
      for k in 0..<d {
        let a = abs(points[i * d + k] - 0.5)
        product *= 1 + 0.5 * a - 0.5 * a * a
      }
      single += product
      for j in 0...i {
        var product = 1.0
        for k in 0..<d {
          let (x, y) = (points[i * d + k], points[j * d + k])
          product *= 1 + 0.5 * abs(x - 0.5) + 0.5 * abs(y - 0.5) - 0.5 * abs(x - y)
        }
        pairs += i == j ? product : 2 * product
      }
    }
    var first = 1.0
    for _ in 0..<d { first *= 13.0 / 12 }
    return first - 2 / Double(n) * single + pairs / Double(n * n)
  }
}
