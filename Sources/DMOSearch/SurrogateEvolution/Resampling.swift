import DMOCore
import DMONumerics

/// Which points of a surrogate's population are worth a simulation.
enum Resampling {
  /// Exact hypervolumes of many trial sets are cheap up to so many objectives.
  private static let objectiveLimit = 4

  /// - Parameters:
  ///   - found: predictions, none of them known.
  ///   - known: losses of feasible points, evaluated or in flight.
  /// - Returns: at most `count`, in the order to evaluate: by feasibility and rank, then by what each adds to the
  ///   hypervolume beyond the known points and those before it, then by crowding.
  static func choose(_ found: [Individual], count: Int, known: [[Double]]) -> [Individual] {
    guard let m = found.first?.losses.count, m > 0, found.count > 1 else { return Array(found.prefix(count)) }
    let survivors = CrowdingSurvival().select(found, count: found.count)
    let order = survivors.sorted { $0.rank == $1.rank ? $0.score > $1.score : $0.rank < $1.rank }.map { found[$0.index] }
    guard m > 1, m <= objectiveLimit, order[0].violation == 0 else { return Array(order.prefix(count)) }
    var rest = order.filter { $0.violation == 0 }
    let others = order.filter { $0.violation > 0 }
    var front = Ranking.nonDominated(known).map { known[$0] }
    let reference = reference(rest.map(\.losses) + front)
    var chosen: [Individual] = []
    while chosen.count < count, !rest.isEmpty {
      let base = Hypervolume.of(front, reference: reference)
      var best = 0
      var gain = 0.0
      for (k, candidate) in rest.enumerated() {
        let value = Hypervolume.of(front + [candidate.losses], reference: reference) - base
        if value > gain * (1 + 1e-9) { (best, gain) = (k, value) }
      }
      let next = rest.remove(at: best)
      chosen.append(next)
      if gain > 0 { front.append(next.losses) }
    }
    return Array((chosen + others).prefix(count))
  }

  /// A tenth of the range beyond the worst of the first front.
  private static func reference(_ losses: [[Double]]) -> [Double] {
    let front = Ranking.nonDominated(losses).map { losses[$0] }
    return (0..<losses[0].count).map { j in
      let keys = front.map { $0[j] }
      let (low, high) = (keys.min() ?? 0, keys.max() ?? 0)
      return high + max(0.1 * (high - low), 1e-9 * max(abs(high), 1e-9))
    }
  }
}
