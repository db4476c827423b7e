import DMOCore
import DMONumerics

/// A pool of individuals in its order of constraint domination.
struct Fronts {
  /// Of each individual, counted from 0; feasible points by Pareto dominance, then the others by their violation.
  let ranks: [Int]
  /// Positions by rank; shape (ranks, …).
  let members: [[Int]]

  init(_ pool: [Individual]) {
    var ranks = [Int](repeating: 0, count: pool.count)
    let feasible = pool.indices.filter { pool[$0].violation == 0 }
    let m = pool.first?.losses.count ?? 0
    var count = 0
    if !feasible.isEmpty {
      // Problems with constraints only have one front.
      let sorted =
        m == 0
        ? [Int](repeating: 0, count: feasible.count)
        : NonDominatedSort.ranks(feasible.flatMap { pool[$0].losses }, objectives: m)
      for (k, i) in feasible.enumerated() { ranks[i] = sorted[k] }
      count = (sorted.max() ?? -1) + 1
    }
    var last = Double.nan
    for i in pool.indices.filter({ pool[$0].violation > 0 }).sorted(by: { pool[$0].violation < pool[$1].violation }) {
      if pool[i].violation != last {
        last = pool[i].violation
        count += 1
      }
      ranks[i] = count - 1
    }
    var members = [[Int]](repeating: [], count: count)
    for i in pool.indices { members[ranks[i]].append(i) }
    self.ranks = ranks
    self.members = members
  }

  /// Crowding distances (Deb et al., IEEE TEVC 6 (2002) 182–197): the sum over the objectives of the gap between a point's
  /// neighbours, each over the objective's range; infinite at the ends. Of equal points all but one have gap 0 to a side.
  /// - Parameter losses: of one front; shape (n, objectives).
  /// - Complexity: O(objectives · n log n)
  static func crowding(_ losses: [[Double]]) -> [Double] {
    let n = losses.count
    guard n > 2, let m = losses.first?.count else { return [Double](repeating: .infinity, count: n) }
    var distances = [Double](repeating: 0, count: n)
    for j in 0..<m {
      let keys = losses.map { $0[j] }
      let order = (0..<n).sorted { keys[$0] == keys[$1] ? $0 < $1 : keys[$0] < keys[$1] }
      let range = keys[order[n - 1]] - keys[order[0]]
      guard range > 0 else { continue }
      distances[order[0]] = .infinity
      distances[order[n - 1]] = .infinity
      for k in 1..<n - 1 { distances[order[k]] += (keys[order[k + 1]] - keys[order[k - 1]]) / range }
    }
    return distances
  }

  /// What each point of a non-dominated set adds to the set's hypervolume. The reference lies a tenth of the range, and at
  /// least a little, beyond the worst; ends are infinite, so that they stay.
  /// - Complexity: n hypervolumes of n points; meant for up to four objectives.
  static func contributions(_ losses: [[Double]]) -> [Double] {
    guard losses.count > 1, let m = losses.first?.count, m > 0 else {
      return [Double](repeating: .infinity, count: losses.count)
    }
    if m > 4 { return crowding(losses) }
    var reference: [Double] = []
    var ends: Set<Int> = []
    for j in 0..<m {
      let keys = losses.map { $0[j] }
      let (low, high) = (keys.min() ?? 0, keys.max() ?? 0)
      reference.append(high + max(0.1 * (high - low), 1e-9 * max(abs(high), 1e-9)))
      if let end = keys.firstIndex(of: low) { ends.insert(end) }
    }
    let whole = Hypervolume.of(losses, reference: reference)
    return losses.indices.map { i in
      if ends.contains(i) { return .infinity }
      var rest = losses
      rest.remove(at: i)
      return max(whole - Hypervolume.of(rest, reference: reference), 0)
    }
  }
}
