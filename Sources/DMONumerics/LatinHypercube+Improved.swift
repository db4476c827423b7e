import DMOCore

extension LatinHypercube {
  /// Up to so many points are improved: the search keeps all distances.
  private static let improvementLimit = 2048

  /// A symmetric Latin hypercube (Ye, Li & Sudjianto, J. Stat. Plan. Inference 90 (2000) 145–159): with each point its
  /// mirror image through the centre, so that linear effects are uncorrelated with quadratic ones.
  ///
  /// - Parameters:
  ///   - n: how many points.
  ///   - dimension: coordinates of a point.
  ///   - seed: the same seed gives the same design.
  ///   - sweeps: passes that exchange pairs of values where this separates the points better.
  /// - Returns: row major, shape (count, dimension), in [0, 1); row i and row count − 1 − i are mirror images.
  /// - Complexity: O(count · dimension), and O(count² · dimension) a sweep.
  public static func symmetric(count n: Int, dimension: Int, seed: Seed, sweeps: Int = 5) -> [Double] {
    var points = [Double](repeating: 0.5, count: n * dimension)
    for j in 0..<dimension {
      var stream = seed.derived("symmetric-latin-hypercube", UInt64(j)).generator
      let strata = stream.permutation(n / 2)
      for i in 0..<n / 2 {
        let low = stream.uniform() < 0.5 ? strata[i] : n - 1 - strata[i]
        // Kept off the stratum's ends, so that the mirror image lies in the mirrored stratum.
        let u = 0.5 + (stream.uniform() - 0.5) * (1 - 0x1p-20)
        points[i * dimension + j] = (Double(low) + u) / Double(n)
        points[(n - 1 - i) * dimension + j] = 1 - points[i * dimension + j]
      }
    }
    improve(&points, count: n, dimension: dimension, isSymmetric: true, seed: seed, sweeps: sweeps)
    return points
  }

  /// A Latin hypercube whose points keep apart: exchanges within columns that lower φ = Σ d^−16 over all pairs
  /// (Morris & Mitchell, J. Stat. Plan. Inference 43 (1995) 381–402).
  ///
  /// - Parameters:
  ///   - count: how many points.
  ///   - dimension: coordinates of a point.
  ///   - seed: the same seed gives the same design.
  ///   - sweeps: passes; each tries one exchange for every value.
  /// - Returns: row major, shape (count, dimension), in [0, 1).
  /// - Complexity: O(count² · dimension) a sweep. Above 2048 points nothing is exchanged.
  public static func maximin(count: Int, dimension: Int, seed: Seed, sweeps: Int = 5) -> [Double] {
    var points = points(count: count, dimension: dimension, seed: seed)
    improve(&points, count: count, dimension: dimension, isSymmetric: false, seed: seed, sweeps: sweeps)
    return points
  }

  /// Exchanges that lower φ; in symmetric designs of two points together with their images.
  private static func improve(
    _ points: inout [Double], count n: Int, dimension: Int, isSymmetric: Bool, seed: Seed, sweeps: Int
  ) {
    guard n > 3, n <= improvementLimit, dimension > 1 else { return }
    var stream = seed.derived("latin-hypercube-improvement").generator
    var squares = [Double](repeating: 0, count: n * n)
    for a in 0..<n {
      for b in 0..<n where a != b {
        squares[a * n + b] = (0..<dimension).reduce(0) { sum, j in
          let d = points[a * dimension + j] - points[b * dimension + j]
          return sum + d * d
        }
      }
    }
    let choices = isSymmetric ? n / 2 : n
    for _ in 0..<sweeps {
      for j in 0..<dimension {
        for a in 0..<choices {
          let b = stream.index(below: choices)
          guard a != b else { continue }
          var moves = [(a, points[b * dimension + j]), (b, points[a * dimension + j])]
          if isSymmetric { moves += moves.map { (n - 1 - $0.0, 1 - $0.1) } }
          exchange(&points, &squares, n, dimension, j, moves)
        }
      }
    }
  }

  /// Makes the moves of one column if φ falls.
  private static func exchange(
    _ points: inout [Double], _ squares: inout [Double], _ n: Int, _ dimension: Int, _ j: Int, _ moves: [(Int, Double)]
  ) {
    func moved(_ row: Int) -> Double? { moves.first { $0.0 == row }?.1 }
    func phi(_ square: Double) -> Double {
      let r2 = 1 / max(square, 1e-30)
      let r8 = r2 * r2 * r2 * r2
      return r8 * r8
    }
    var change = 0.0
    for (row, value) in moves {
      let old = points[row * dimension + j]
      for other in 0..<n where other != row {
        let partner = points[other * dimension + j]
        let (before, after) = (old - partner, value - (moved(other) ?? partner))
        let square = squares[row * n + other]
        // Pairs of two moved rows are met twice, with the same change, and count half.
        let weight = moved(other) == nil ? 1.0 : 0.5
        change += weight * (phi(square - before * before + after * after) - phi(square))
      }
    }
    guard change < 0 else { return }
    let rows = moves.map(\.0)
    for (row, value) in moves {
      let old = points[row * dimension + j]
      for other in 0..<n where other != row && !rows.contains(other) {
        let partner = points[other * dimension + j]
        let delta = (value - partner) * (value - partner) - (old - partner) * (old - partner)
        squares[row * n + other] += delta
        squares[other * n + row] += delta
      }
    }
    for (row, value) in moves { points[row * dimension + j] = value }
    for a in rows {
      for b in rows where a != b {
        squares[a * n + b] = (0..<dimension).reduce(0) { sum, k in
          let d = points[a * dimension + k] - points[b * dimension + k]
          return sum + d * d
        }
      }
    }
  }
}
