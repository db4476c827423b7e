/// Which of a study's answers are the best, by its goals. Positions in the given results throughout.
public enum Ranking {
  /// The best feasible answer: for one objective the smallest loss, for several the first of the front with the smallest
  /// first loss, for none any feasible answer. The earliest of equals; nil when nothing feasible is known.
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
  /// - Complexity: O(n log n) for up to two objectives, else O(n · front).
  public static func paretoFront(_ results: [EvaluationResult], _ goals: Goals) -> [Int] {
    var candidates: [(index: Int, losses: [Double])] = []
    for (i, result) in results.enumerated() where goals.isFeasible(result) {
      let losses = goals.losses(result.y)
      if !losses.contains(where: \.isNaN) { candidates.append((i, losses)) }
    }
    candidates.sort {
      $0.losses == $1.losses ? $0.index < $1.index : $0.losses.lexicographicallyPrecedes($1.losses)
    }
    // In this order nothing is dominated by what comes after it, so the front only grows.
    var front: [(index: Int, losses: [Double])] = []
    for candidate in candidates {
      let isCovered =
        goals.objectives.count <= 2
        ? front.last.map { covers($0.losses, candidate.losses) } ?? false
        : front.contains { covers($0.losses, candidate.losses) }
      if !isCovered { front.append(candidate) }
    }
    return front.map(\.index)
  }

  /// How many answers ended with each status.
  public static func counts(_ results: [EvaluationResult]) -> [EvaluationStatus: Int] {
    results.reduce(into: [:]) { $0[$1.status, default: 0] += 1 }
  }

  /// Nowhere worse.
  private static func covers(_ a: [Double], _ b: [Double]) -> Bool { zip(a, b).allSatisfy { $0 <= $1 } }
}
