/// Ranks of Pareto dominance, all objectives minimised: rank 0 is dominated by nothing, rank k only by points of lower ranks
/// and by at least one of rank k − 1.
public enum NonDominatedSort {
  /// The rank of each row. Equal rows share a rank; NaN is worse than any number.
  ///
  /// Two objectives: patience sorting (Jensen, IEEE TEVC 7 (2003) 503–515). More: efficient non-dominated sort with binary
  /// search over the fronts (Zhang, Tian, Cheng & Jin, IEEE TEVC 19 (2015) 201–213).
  /// - Parameters:
  ///   - losses: row major, shape (n, objectives).
  ///   - m: how many objectives.
  /// - Complexity: O(n log n) for up to two objectives, else O(n² · objectives) at worst.
  public static func ranks(_ losses: [Double], objectives m: Int) -> [Int] {
    guard m > 0, !losses.isEmpty else { return [] }
    let n = losses.count / m
    var ranks = [Int](repeating: 0, count: n)
    // NaN as +∞ makes comparisons total.
    let values = losses.map { $0.isNaN ? .infinity : $0 }
    values.withUnsafeBufferPointer { v in
      var order = Array(0..<n)
      order.sort { a, b in
        for j in 0..<m where v[a * m + j] != v[b * m + j] { return v[a * m + j] < v[b * m + j] }
        return a < b
      }
      if m <= 2 {
        sweep(v, m, order, &ranks)
      } else {
        search(v, m, order, &ranks)
      }
    }
    return ranks
  }

  /// In lexicographic order a front of two objectives covers a point exactly when the front's last point does.
  private static func sweep(_ v: UnsafeBufferPointer<Double>, _ m: Int, _ order: [Int], _ ranks: inout [Int]) {
    /// Of each front the last point, ascending in its last loss.
    var last: [Int] = []
    for i in order {
      var low = 0
      var high = last.count
      while low < high {
        let middle = (low + high) / 2
        if dominates(v, m, last[middle], i) { low = middle + 1 } else { high = middle }
      }
      ranks[i] = low
      if low == last.count { last.append(i) } else { last[low] = i }
    }
  }

  private static func search(_ v: UnsafeBufferPointer<Double>, _ m: Int, _ order: [Int], _ ranks: inout [Int]) {
    var fronts: [[Int]] = []
    for i in order {
      var low = 0
      var high = fronts.count
      while low < high {
        let middle = (low + high) / 2
        // The latest points are the likeliest to dominate.
        if fronts[middle].reversed().contains(where: { dominates(v, m, $0, i) }) {
          low = middle + 1
        } else {
          high = middle
        }
      }
      ranks[i] = low
      if low == fronts.count { fronts.append([i]) } else { fronts[low].append(i) }
    }
  }

  private static func dominates(_ v: UnsafeBufferPointer<Double>, _ m: Int, _ a: Int, _ b: Int) -> Bool {
    var isBetter = false
    for j in 0..<m {
      let (x, y) = (v[a * m + j], v[b * m + j])
      if x > y { return false }
      if x < y { isBetter = true }
    }
    return isBetter
  }
}
