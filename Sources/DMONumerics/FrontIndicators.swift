import DMOCore

/// How near a set of points comes to a reference front, and how evenly it covers it; all objectives minimised.
///
/// Points and fronts have the shape (n, objectives) throughout, without NaN. Of an empty set, distances are infinite.
public enum FrontIndicators {
  /// IGD+: the mean over the reference front of the distance to the nearest point, counting only where the point is
  /// worse (Ishibuchi, Masuda, Tanigaki & Nojima, EMO 2015). Weakly Pareto compliant; 0 when every reference is covered.
  /// - Complexity: O(n · front · objectives)
  public static func igdPlus(_ points: [[Double]], front: [[Double]]) -> Double {
    mean(front) { z in
      points.reduce(Double.infinity) { best, a in
        min(best, zip(a, z).reduce(0) { $0 + max($1.0 - $1.1, 0) * max($1.0 - $1.1, 0) })
      }.squareRoot()
    }
  }

  /// IGD: as IGD+, with Euclidean distances (Coello & Reyes Sierra 2004). Not Pareto compliant: for comparison only.
  public static func igd(_ points: [[Double]], front: [[Double]]) -> Double {
    mean(front) { z in points.reduce(Double.infinity) { min($0, distance($1, z)) } }
  }

  /// The smallest amount by which every objective of the set must be lowered to cover the whole front: the additive
  /// ε-indicator (Zitzler et al., IEEE TEVC 7 (2003) 117–132). Negative where the set is better.
  /// - Complexity: O(n · front · objectives)
  public static func additiveEpsilon(_ points: [[Double]], front: [[Double]]) -> Double {
    front.reduce(-Double.infinity) { worst, z in
      max(worst, points.reduce(Double.infinity) { best, a in
        min(best, zip(a, z).reduce(-Double.infinity) { max($0, $1.0 - $1.1) })
      })
    }
  }

  /// How unevenly the points lie: 0 for equal gaps that reach the front's ends.
  ///
  /// Two objectives: Deb's Δ = (d_first + d_last + Σ |d_i − d̄|) / (d_first + d_last + (n − 1) d̄) with d_i the gaps of
  /// neighbours (Deb, Pratap, Agarwal & Meyarivan, IEEE TEVC 6 (2002) 182–197). More: the generalised spread of Zhou,
  /// Jin, Zhang, Sendhoff & Tsang (CEC 2006), with the distance to the nearest other point in place of the gaps.
  /// - Parameters:
  ///   - points: a set of which none dominates another; one row a point, one column an objective.
  ///   - front: gives the ends, its points with the largest value of each objective; when nil, the ends of the set
  ///     itself, whose distances are then 0.
  /// - Returns: NaN for fewer than two points, or when all coincide with the ends.
  public static func spread(_ points: [[Double]], front: [[Double]]? = nil) -> Double {
    guard points.count > 1, let m = points.first?.count else { return .nan }
    let ends = extremes(front ?? points, m)
    let order = points.sorted { $0.lexicographicallyPrecedes($1) }
    let gaps: [Double]
    let terms: Int
    if m == 2 {
      gaps = zip(order, order.dropFirst()).map { distance($0, $1) }
      terms = gaps.count
    } else {
      gaps = order.indices.map { i in
        order.indices.reduce(Double.infinity) { $1 == i ? $0 : min($0, distance(order[i], order[$1])) }
      }
      terms = points.count
    }
    let average = gaps.reduce(0, +) / Double(gaps.count)
    let toEnds = ends.reduce(0) { sum, e in sum + points.reduce(Double.infinity) { min($0, distance($1, e)) } }
    let uneven = gaps.reduce(0) { $0 + abs($1 - average) }
    return (toEnds + uneven) / (toEnds + Double(terms) * average)
  }

  /// The points with the largest value of each objective; of equal ones the first.
  private static func extremes(_ front: [[Double]], _ m: Int) -> [[Double]] {
    (0..<m).compactMap { j in front.max { $0[j] < $1[j] } }
  }

  private static func distance(_ a: [Double], _ b: [Double]) -> Double {
    zip(a, b).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }.squareRoot()
  }

  private static func mean(_ rows: [[Double]], _ value: ([Double]) -> Double) -> Double {
    rows.isEmpty ? .nan : rows.reduce(0) { $0 + value($1) } / Double(rows.count)
  }
}
