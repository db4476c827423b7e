import DMOCore

/// Good lattice points: a lattice of low discrepancy in which every coordinate takes each of n levels once.
public enum GoodLattice {
  /// Bounds the search for a generator, in terms of a discrepancy.
  private static let work = 100_000_000
  private static let mostGenerators = 24

  /// The points k · (1, a, a², …) modulo a prime N > count, ranked in every coordinate (Fang & Wang, Number-theoretic Methods
  /// in Statistics, 1994, with Korobov's generators); a is the one of least centred discrepancy among those tried.
  /// The seed shifts each coordinate round the circle, and chooses the generators to try.
  /// - Returns: row major, shape (count, dimension); each coordinate holds every (i + ½)/count once.
  /// - Complexity: O(count² · dimension) for each generator tried.
  public static func points(count n: Int, dimension: Int, seed: Seed) -> [Double] {
    guard n > 0, dimension > 0 else { return [] }
    var modulus = n + 1
    while (2...max(2, Int(Double(modulus).squareRoot()))).contains(where: { modulus % $0 == 0 && modulus != $0 }) {
      modulus += 1
    }
    var stream = seed.derived("good-lattice").generator
    let tries = max(1, min(mostGenerators, work / max(n * n * dimension, 1), modulus - 1))
    var best: (points: [Double], discrepancy: Double)?
    for generator in stream.permutation(modulus - 1).prefix(tries).map({ $0 + 1 }) {
      let points = lattice(n, dimension, modulus, generator)
      let discrepancy = tries == 1 ? 0 : Discrepancy.centred(points, dimension: dimension)
      if discrepancy < best?.discrepancy ?? .infinity { best = (points, discrepancy) }
    }
    var points = best?.points ?? []
    for j in 0..<dimension {
      let shift = stream.index(below: n)
      for i in 0..<n {
        let level = (Int(points[i * dimension + j] * Double(n)) + shift) % n
        points[i * dimension + j] = (Double(level) + 0.5) / Double(n)
      }
    }
    return points
  }

  private static func lattice(_ n: Int, _ dimension: Int, _ modulus: Int, _ generator: Int) -> [Double] {
    var points = [Double](repeating: 0, count: n * dimension)
    var h = 1
    for j in 0..<dimension {
      let values = (1...n).map { $0 * h % modulus }
      for (rank, i) in (0..<n).sorted(by: { values[$0] < values[$1] }).enumerated() {
        points[i * dimension + j] = (Double(rank) + 0.5) / Double(n)
      }
      h = h * generator % modulus
    }
    return points
  }
}
