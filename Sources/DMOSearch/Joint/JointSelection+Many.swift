import DMONumerics

extension JointSelection {
  /// So many times the batch are looked at closely.
  private static let closely = 2

  /// What `choose` chooses, for large batches: what a point would add only falls while others are chosen (improvement
  /// is submodular), so a point is looked at again only when it seems the best (Minoux 1978); and what it adds is
  /// computed within the box that it dominates.
  ///
  /// - Complexity: about (pool + batch) · members improvements, each O(front · objectives) and the hypervolume of what
  ///   reaches into the box.
  mutating func chooseMany(_ pool: [JointCandidate], count: Int) -> [JointCandidate] {
    if let merit { return choose(pool, count: count, merit) }
    let rest = shortlist(pool, count: max(Self.examined, Self.closely * count))
    let points = rest.map { c in c.view.losses.map(normalised) }
    var flat = front.flatMap(\.self)
    func gain(_ i: Int) -> Double {
      let gains = points[i].map { Self.volume(added: $0, to: flat, reference: reference) }
      return gains.reduce(0, +) / Double(gains.count) * rest[i].view.feasible
    }
    // Ascending by what each added when it was last looked at; of equals the later of the pool is the better.
    var bounds = rest.indices.map { (gain: gain($0), index: $0) }
      .sorted { $0.gain == $1.gain ? $0.index < $1.index : $0.gain < $1.gain }
    var chosen: [JointCandidate] = []
    while chosen.count < count, let best = bounds.popLast(), best.gain > 0 {
      if chosen.contains(where: { Self.distance($0.z, rest[best.index].z) < spacing }) { continue }
      let now = gain(best.index)
      guard now > 0 else { continue }
      if let next = bounds.last, now < next.gain {
        var (low, high) = (0, bounds.count)
        while low < high {
          let middle = (low + high) / 2
          if bounds[middle].gain < now { low = middle + 1 } else { high = middle }
        }
        bounds.insert((now, best.index), at: low)
        continue
      }
      var candidate = rest[best.index]
      candidate.expected = now
      flat += normalised(candidate.view.mean)
      chosen.append(candidate)
    }
    if chosen.count == count { return chosen }
    // Nothing is expected to add anything: what is likely feasible and far from all that is known.
    let scores = rest.map { $0.view.feasible * $0.novelty }
    return chosen + spaced(rest, by: scores, count: count - chosen.count, beside: chosen)
  }

  /// The best by a score that does not change, at a distance from each other and from those of `chosen`.
  private func spaced(
    _ pool: [JointCandidate], by scores: [Double], count: Int, beside chosen: [JointCandidate]
  ) -> [JointCandidate] {
    var result: [JointCandidate] = []
    var near = chosen
    for i in pool.indices.sorted(by: { scores[$0] == scores[$1] ? $0 > $1 : scores[$0] > scores[$1] }) {
      guard result.count < count else { break }
      if near.contains(where: { Self.distance($0.z, pool[i].z) < spacing }) { continue }
      var next = pool[i]
      next.expected = scores[i]
      near.append(next)
      result.append(next)
    }
    return result
  }

  /// The volume that a point dominates and a set does not: of its box, what the set does not reach into.
  /// - Parameter flat: the set; shape (n, objectives).
  static func volume(added p: [Double], to flat: [Double], reference: [Double]) -> Double {
    let m = reference.count
    // Without objectives there is nothing to add to.
    guard m > 0 else { return 0 }
    var box = 1.0
    for j in 0..<m {
      guard p[j] < reference[j] else { return 0 }
      box *= reference[j] - p[j]
    }
    var clipped: [Double] = []
    var start = 0
    while start < flat.count {
      var (covers, reaches) = (true, true)
      for j in 0..<m {
        if flat[start + j] > p[j] { covers = false }
        if flat[start + j] >= reference[j] { reaches = false }
      }
      if covers { return 0 }
      if reaches { for j in 0..<m { clipped.append(max(flat[start + j], p[j])) } }
      start += m
    }
    let taken =
      m <= Hypervolume.exactLimit
      ? Hypervolume.exact(clipped, objectives: m, reference: reference)
      : Hypervolume.sampled(clipped, objectives: m, reference: reference).value
    return max(box - taken, 0)
  }
}
