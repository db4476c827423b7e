import DMOCore

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// AGE-MOEA's selection: the first front's geometry L_p is estimated, and points are kept for their diversity and proximity
/// in that norm (Panichella, GECCO 2019, 595–603).
struct AGESurvival: Survival {
  /// - Complexity: O(front² · objectives) beyond the non-dominated sort.
  func select(_ pool: [Individual], count: Int) -> [Survivor] {
    let fronts = Fronts(pool).members
    guard let first = fronts.first, let m = pool.first?.losses.count, m > 1, pool[first[0]].violation == 0 else {
      // One objective, or nothing feasible yet: the order of merit is all there is.
      return CrowdingSurvival().select(pool, count: count)
    }
    let geometry = Geometry(first.map { pool[$0].losses })
    var chosen: [Survivor] = []
    for (rank, members) in fronts.enumerated() where chosen.count < count {
      let isFeasible = pool[members[0]].violation == 0
      let scores =
        rank == 0
        ? geometry.survivalScores
        : members.map { isFeasible ? 1 / max(geometry.proximity(pool[$0].losses), 1e-300) : 0 }
      var front = members.indices.map { Survivor(index: members[$0], rank: rank, score: scores[$0]) }
      if chosen.count + front.count > count {
        front.sort { $0.score == $1.score ? $0.index < $1.index : $0.score > $1.score }
        front.removeLast(chosen.count + front.count - count)
      }
      chosen += front
    }
    return chosen
  }
}

extension AGESurvival {
  /// The shape of a front: where it starts, how long its axes are, and which norm its points have in common.
  struct Geometry {
    /// Largest and smallest exponent: nearly linear ends and nearly a corner.
    private static let exponents = 0.1...20.0

    let ideal: [Double]
    let intercepts: [Double]
    /// p of the unit sphere Σ f^p = 1 that passes through the front's middle; 1 is a plane, 2 a sphere.
    let exponent: Double
    /// Of each point of the front; infinite for the ends. Larger is better.
    private(set) var survivalScores: [Double] = []

    init(_ front: [[Double]]) {
      let m = front[0].count
      let ideal = (0..<m).map { j in front.reduce(Double.infinity) { min($0, $1[j]) } }
      self.ideal = ideal
      let ends = Self.extremes(front, ideal)
      let intercepts = Self.intercepts(front, ends, ideal)
      self.intercepts = intercepts
      let unit = front.map { row in row.indices.map { (row[$0] - ideal[$0]) / intercepts[$0] } }
      let p = Self.exponent(unit, ends)
      exponent = p
      survivalScores = Self.scores(unit, ends, p)
    }

    /// The L_p length after normalisation: smaller is nearer to the ideal.
    func proximity(_ losses: [Double]) -> Double {
      Self.norm(losses.indices.map { (losses[$0] - ideal[$0]) / intercepts[$0] }, exponent)
    }

    /// For each axis the point nearest to it, all different while there are enough.
    private static func extremes(_ front: [[Double]], _ ideal: [Double]) -> [Int] {
      var chosen: [Int] = []
      for j in ideal.indices {
        let candidates = front.indices.filter { !chosen.contains($0) }
        let nearest = candidates.min { a, b in
          let (da, db) = (distanceToAxis(front[a], ideal, j), distanceToAxis(front[b], ideal, j))
          return da == db ? front[a][j] < front[b][j] : da < db
        }
        if let nearest { chosen.append(nearest) }
      }
      return chosen
    }

    private static func distanceToAxis(_ f: [Double], _ ideal: [Double], _ axis: Int) -> Double {
      f.indices.reduce(0) { $1 == axis ? $0 : $0 + (f[$1] - ideal[$1]) * (f[$1] - ideal[$1]) }
    }

    /// Where the plane through the ends cuts the axes; the largest values where there is no such plane.
    private static func intercepts(_ front: [[Double]], _ ends: [Int], _ ideal: [Double]) -> [Double] {
      let m = ideal.count
      let largest = (0..<m).map { j in
        let range = front.reduce(-Double.infinity) { max($0, $1[j]) } - ideal[j]
        return range > 0 ? range : 1
      }
      guard ends.count == m else { return largest }
      let rows = ends.map { e in (0..<m).map { front[e][$0] - ideal[$0] } }
      guard let plane = Self.solve(rows, [Double](repeating: 1, count: m)) else { return largest }
      let cuts = plane.map { 1 / $0 }
      let isSound = zip(cuts, largest).allSatisfy { $0.isFinite && $0 > 1e-12 * $1 && $0 < 1e6 * $1 }
      return isSound ? cuts : largest
    }

    /// Gaussian elimination with pivoting; nil when singular.
    private static func solve(_ matrix: [[Double]], _ right: [Double]) -> [Double]? {
      var rows = zip(matrix, right).map { $0 + [$1] }
      let n = rows.count
      for k in 0..<n {
        guard let pivot = (k..<n).max(by: { abs(rows[$0][k]) < abs(rows[$1][k]) }), abs(rows[pivot][k]) > 1e-300 else {
          return nil
        }
        rows.swapAt(k, pivot)
        for i in 0..<n where i != k {
          let factor = rows[i][k] / rows[k][k]
          for j in k...n { rows[i][j] -= factor * rows[k][j] }
        }
      }
      return (0..<n).map { rows[$0][n] / rows[$0][$0] }
    }

    /// p of the point nearest to the diagonal: log m / log(1 / mean f).
    private static func exponent(_ unit: [[Double]], _ ends: [Int]) -> Double {
      let m = unit[0].count
      let middle = unit.indices.filter { !ends.contains($0) }.min { distanceToDiagonal(unit[$0]) < distanceToDiagonal(unit[$1]) }
      guard let middle else { return 1 }
      let mean = unit[middle].reduce(0, +) / Double(m)
      let p = log(Double(m)) / log(1 / mean)
      return p.isFinite && p > exponents.lowerBound ? min(p, exponents.upperBound) : 1
    }

    private static func distanceToDiagonal(_ f: [Double]) -> Double {
      let mean = f.reduce(0, +) / Double(f.count)
      return f.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    }

    static func norm(_ f: [Double], _ p: Double) -> Double {
      if p == 1 { return f.reduce(0) { $0 + abs($1) } }
      if p == 2 { return f.reduce(0) { $0 + $1 * $1 }.squareRoot() }
      return pow(f.reduce(0) { $0 + pow(abs($1), p) }, 1 / p)
    }

    /// Greedily: the point whose two nearest chosen ones are farthest, over its proximity, comes next.
    private static func scores(_ unit: [[Double]], _ ends: [Int], _ p: Double) -> [Double] {
      let n = unit.count
      var scores = [Double](repeating: 0, count: n)
      /// Distances to the nearest and the second nearest chosen point.
      var near = [(Double, Double)](repeating: (.infinity, .infinity), count: n)
      let proximity = unit.map { max(norm($0, p), 1e-300) }
      var rest = Array(0..<n)
      func choose(_ i: Int) {
        rest.removeAll { $0 == i }
        for k in rest {
          let d = norm(zip(unit[k], unit[i]).map { $0 - $1 }, p)
          if d < near[k].0 { near[k] = (d, near[k].0) } else if d < near[k].1 { near[k].1 = d }
        }
      }
      for e in ends {
        scores[e] = .infinity
        choose(e)
      }
      while !rest.isEmpty {
        var best = rest[0]
        var value = -1.0
        for k in rest {
          let sum = near[k].1.isFinite ? near[k].0 + near[k].1 : near[k].0
          if sum / proximity[k] > value { (best, value) = (k, sum / proximity[k]) }
        }
        scores[best] = value
        choose(best)
      }
      return scores
    }
  }
}
