import DMOCore

/// Latin hypercube designs (McKay, Beckman & Conover, Technometrics 21 (1979) 239–245).
public enum LatinHypercube {
  /// `count` points of which, in every coordinate, exactly one lies in each of `count` equal strata, uniformly within it.
  ///
  /// Each coordinate has a random stream of its own, so that the first coordinates do not depend on the dimension.
  /// - Returns: row major, shape (count, dimension), in [0, 1).
  /// - Complexity: O(count · dimension)
  public static func points(count: Int, dimension: Int, seed: Seed) -> [Double] {
    precondition(count >= 0 && dimension >= 0)
    var points = [Double](repeating: 0, count: count * dimension)
    for j in 0..<dimension {
      var stream = seed.derived("latin-hypercube", UInt64(j)).generator
      let strata = stream.permutation(count)
      for i in 0..<count {
        // Division may round up to the stratum's end: the largest number below it keeps the stratum.
        let end = (Double(strata[i]) + 1) / Double(count)
        points[i * dimension + j] = min((Double(strata[i]) + stream.uniform()) / Double(count), end.nextDown)
      }
    }
    return points
  }
}
