import DMOCore
import DMONumerics

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A point that might be simulated.
struct JointCandidate {
  /// As it would be simulated, rounded and inside; shape (dimension).
  var z: [Double]
  var x: [Double]
  /// Which operator made it.
  var source: String
  var view: JointModel.View
  /// Distance to the nearest known point, in the unit cube over √dimension.
  var novelty: Double
  /// What it is expected to add, when it was chosen.
  var expected = 0.0
}

/// Chooses a batch: greedily by feasibility-weighted expected hypervolume improvement over the ensemble's members,
/// with what
/// was chosen before counted as evaluated; while no feasible point is known, by the merit for finding one.
struct JointSelection {
  let ideal: [Double]
  let range: [Double]
  /// Normalised losses of feasible points known or awaited.
  var front: [[Double]]
  let reference: [Double]
  /// Judges candidates while no feasible point is known; nil once one is.
  let merit: FeasibilityMerit?
  /// Chosen points keep this distance, in the unit cube over √dimension.
  let spacing: Double

  /// Candidates whose exact improvement is computed: the rest cannot be near the front.
  static let examined = 160
  private static let noveltyShare = 0.1
  private static let leastNews = 1e-12

  func normalised(_ losses: [Double]) -> [Double] { losses.indices.map { (losses[$0] - ideal[$0]) / range[$0] } }

  mutating func choose(_ pool: [JointCandidate], count: Int) -> [JointCandidate] {
    if let merit { return choose(pool, count: count, merit) }
    var rest = shortlist(pool, count: Self.examined)
    var chosen: [JointCandidate] = []
    while chosen.count < count, !rest.isEmpty {
      let base = Hypervolume.of(front, reference: reference)
      var scores = rest.map { improvement($0, base: base) * $0.view.feasible }
      // Nothing is expected to add anything: what is likely feasible and far from all that is known.
      if scores.allSatisfy({ $0 <= 0 }) { scores = rest.map { $0.view.feasible * $0.novelty } }
      guard let best = scores.indices.max(by: { scores[$0] < scores[$1] }) else { break }
      var next = rest.remove(at: best)
      next.expected = scores[best]
      front.append(normalised(next.view.mean))
      rest.removeAll { Self.distance($0.z, next.z) < spacing }
      chosen.append(next)
    }
    return chosen
  }

  /// While no feasible point is known: one by one by merit times what is left to learn beside those chosen before. A point
  /// tells as much of what lies around it as it is itself away from all that is known (local penalisation; González et
  /// al., AISTATS 2016). - Complexity: O(pool · count · dimension)
  func choose(_ pool: [JointCandidate], count: Int, _ merit: FeasibilityMerit) -> [JointCandidate] {
    let scores = pool.map { feasibilityScore($0, merit) }
    var news = pool.map { _ in 0.0 }
    var chosen: [JointCandidate] = []
    var open = Array(pool.indices)
    while chosen.count < count, let best = open.max(by: { scores[$0] + news[$0] < scores[$1] + news[$1] }) {
      var next = pool[best]
      next.expected = scores[best] + news[best]
      chosen.append(next)
      open.removeAll { $0 == best || Self.distance(pool[$0].z, next.z) < spacing }
      guard next.novelty.isFinite, next.novelty > 0 else { continue }
      for i in open {
        let t = Self.distance(pool[i].z, next.z) / next.novelty
        news[i] += log(max(-expm1(-t * t), Self.leastNews))
      }
    }
    return chosen
  }

  /// What a candidate is worth while no feasible point is known.
  func feasibilityScore(_ c: JointCandidate, _ merit: FeasibilityMerit) -> Double {
    log(merit(c.view, novelty: c.novelty)) + Self.noveltyShare * c.novelty
  }

  /// The mean over the members of what the point would add.
  private func improvement(_ c: JointCandidate, base: Double) -> Double {
    let gains = c.view.losses.map { losses -> Double in
      let p = normalised(losses)
      if front.contains(where: { zip($0, p).allSatisfy { $0 <= $1 } }) { return 0 }
      return max(Hypervolume.of(front + [p], reference: reference) - base, 0)
    }
    return gains.reduce(0, +) / Double(gains.count)
  }

  /// The best candidates by rank of their mean losses, likely feasible ones first.
  func shortlist(_ pool: [JointCandidate], count: Int) -> [JointCandidate] {
    guard pool.count > count else { return pool }
    let individuals = pool.map {
      Individual(z: [], losses: $0.view.mean, violation: max(0, 0.5 - $0.view.feasible))
    }
    let order = CrowdingSurvival().select(individuals, count: count)
    return order.map { pool[$0.index] }
  }

  /// Root mean square difference of the coordinates.
  static func distance(_ a: [Double], _ b: [Double]) -> Double {
    (zip(a, b).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) } / Double(max(a.count, 1))).squareRoot()
  }
}
