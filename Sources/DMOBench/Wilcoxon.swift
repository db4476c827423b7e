/// Wilcoxon's signed-rank test of paired differences (Biometrics Bulletin 1 (1945) 80–83).
public enum Wilcoxon {
  /// The two-sided p-value, exact given the ranks: differences of zero are dropped, equal sizes share their mean rank.
  /// - Returns: 1 when no difference is left.
  /// - Complexity: O(n³)
  public static func twoSided(_ differences: [Double]) -> Double {
    let d = differences.filter { $0 != 0 && !$0.isNaN }
    let ranks = doubledRanks(d.map(abs))
    let total = ranks.reduce(0, +)
    let positive = zip(d, ranks).reduce(0) { $1.0 > 0 ? $0 + $1.1 : $0 }
    // The distribution of the positive ranks' doubled sum when every sign is a fair coin.
    var chance = [Double](repeating: 0, count: total + 1)
    chance[0] = 1
    for rank in ranks {
      for sum in stride(from: total, through: 0, by: -1) {
        chance[sum] = 0.5 * (chance[sum] + (sum >= rank ? chance[sum - rank] : 0))
      }
    }
    let below = chance[...positive].reduce(0, +)
    let above = chance[positive...].reduce(0, +)
    return min(1, 2 * min(below, above))
  }

  /// Twice the ranks from 1 on, so that the mean of tied ones is whole.
  private static func doubledRanks(_ sizes: [Double]) -> [Int] {
    sizes.map { size in
      let smaller = sizes.count { $0 < size }
      let equal = sizes.count { $0 == size }
      return 2 * smaller + equal + 1
    }
  }
}
