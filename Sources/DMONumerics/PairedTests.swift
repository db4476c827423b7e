/// Two-sided tests whether paired numbers differ, exact whatever their distribution is.
public enum PairedTests {
  /// Pairs at most: beyond, nobody needs an exact test.
  static let limit = 500

  /// Wilcoxon's signed-rank test (Wilcoxon 1945): zero differences are dropped, ties get their mean rank, and the
  /// distribution of the rank sum is counted out over all signs of the ranks at hand.
  /// - Returns: the p-value; nil when every difference is zero, one is not a number, or there are too many.
  /// - Complexity: O(n³)
  public static func wilcoxon(_ differences: [Double]) -> Double? {
    guard differences.count <= limit, !differences.contains(where: \.isNaN) else { return nil }
    let nonzero = differences.filter { $0 != 0 }
    guard !nonzero.isEmpty else { return nil }
    let ranks = doubledRanks(nonzero.map(abs))
    let total = ranks.reduce(0, +)
    let positive = zip(ranks, nonzero).reduce(0) { $0 + ($1.1 > 0 ? $1.0 : 0) }
    // Probability of each sum of ranks, when every sign is a fair coin.
    var chances = [Double](repeating: 0, count: total + 1)
    chances[0] = 1
    var reach = 0
    for rank in ranks {
      reach += rank
      for sum in stride(from: reach, through: 0, by: -1) {
        chances[sum] = 0.5 * (chances[sum] + (sum >= rank ? chances[sum - rank] : 0))
      }
    }
    let tail = chances[0...min(positive, total - positive)].reduce(0, +)
    return min(1, 2 * tail)
  }

  /// Which way Wilcoxon's test points: above 0 where the ranks of the positive differences weigh more, 0 where neither does.
  /// - Returns: half the difference of both rank sums; NaN when a difference is not a number.
  /// - Complexity: O(n log n)
  public static func rankBalance(_ differences: [Double]) -> Double {
    guard !differences.contains(where: \.isNaN) else { return .nan }
    let nonzero = differences.filter { $0 != 0 }
    return zip(doubledRanks(nonzero.map(abs)), nonzero).reduce(0) { $0 + Double($1.0) / ($1.1 > 0 ? 2 : -2) }
  }

  /// Twice the ranks from 1, so that mean ranks of ties are whole.
  private static func doubledRanks(_ values: [Double]) -> [Int] {
    let order = values.indices.sorted { values[$0] < values[$1] }
    var ranks = [Int](repeating: 0, count: values.count)
    var first = 0
    while first < order.count {
      var last = first
      while last + 1 < order.count && values[order[last + 1]] == values[order[first]] { last += 1 }
      for k in first...last { ranks[order[k]] = first + last + 2 }
      first = last + 1
    }
    return ranks
  }

  /// The sign test: how likely so uneven a split of wins and losses is for a fair coin; ties are left out.
  /// - Returns: the p-value; nil without wins and losses. - Complexity: O(wins + losses)
  public static func sign(wins: Int, losses: Int) -> Double? {
    let n = wins + losses
    guard n > 0, n <= limit else { return nil }
    var chance = 1.0
    for _ in 0..<n { chance *= 0.5 }
    var tail = 0.0
    for k in 0...min(wins, losses) {
      tail += chance
      chance *= Double(n - k) / Double(k + 1)
    }
    return min(1, 2 * tail)
  }
}
