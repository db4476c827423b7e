/// Which of a study's answers are the best, by its goals. Positions in the given results throughout.
public enum Ranking {
  /// The best feasible answer: for one objective the smallest loss, for several the front's end of the smallest first
  /// loss, for none any feasible answer. The earliest of equals; nil when nothing feasible is known.
  /// - Complexity: O(results)
  public static func best(_ results: [EvaluationResult], _ goals: Goals) -> Int? {
    var best: (index: Int, losses: [Double])?
    for (i, result) in results.enumerated() where goals.isFeasible(result) {
      let losses = goals.losses(result.y)
      if losses.contains(where: \.isNaN) { continue }
      if let known = best, !losses.lexicographicallyPrecedes(known.losses) { continue }
      best = (i, losses)
    }
    return best?.index
  }

  /// The answer that comes closest to feasible, among those whose constraints are all known; nil when there is none.
  public static func leastViolating(_ results: [EvaluationResult], _ goals: Goals) -> Int? {
    var best: (index: Int, violation: Double)?
    for (i, result) in results.enumerated() where result.status == .ok {
      let violation = goals.totalViolation(result.y)
      if violation < best?.violation ?? .infinity { best = (i, violation) }
    }
    return best?.index
  }

  /// The feasible answers that no other feasible one dominates, by ascending losses; of equal losses only the earliest.
  /// - Complexity: as `nonDominated`.
  public static func paretoFront(_ results: [EvaluationResult], _ goals: Goals) -> [Int] {
    var indices: [Int] = []
    var losses: [[Double]] = []
    for (i, result) in results.enumerated() where goals.isFeasible(result) {
      let values = goals.losses(result.y)
      if values.contains(where: \.isNaN) { continue }
      indices.append(i)
      losses.append(values)
    }
    return nonDominated(losses).map { indices[$0] }
  }

  /// The rows that no other row Pareto-dominates, in ascending lexicographic order; of equal rows only the earliest.
  /// - Parameter losses: to minimise, no NaN; shape (n, objectives).
  /// - Complexity: O(n log n) for up to two objectives, else O(n · front).
  public static func nonDominated(_ losses: [[Double]]) -> [Int] {
    let order = losses.indices.sorted {
      losses[$0] == losses[$1] ? $0 < $1 : losses[$0].lexicographicallyPrecedes(losses[$1])
    }
    // In this order nothing is dominated by what comes after it, so the front only grows; with two objectives its
    // last row has the smallest second loss.
    var front: [Int] = []
    for i in order {
      let isCovered =
        losses[i].count <= 2
        ? front.last.map { covers(losses[$0], losses[i]) } ?? false
        : front.contains { covers(losses[$0], losses[i]) }
      if !isCovered { front.append(i) }
    }
    return front
  }

  /// How many answers ended with each status.
  public static func counts(_ results: [EvaluationResult]) -> [EvaluationStatus: Int] {
    results.reduce(into: [:]) { $0[$1.status, default: 0] += 1 }
  }

  /// Nowhere worse.
  private static func covers(_ a: [Double], _ b: [Double]) -> Bool { zip(a, b).allSatisfy { $0 <= $1 } }
}
