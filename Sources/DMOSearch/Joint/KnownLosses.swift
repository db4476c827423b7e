/// The losses of all answers as `JointFrame` needs them, kept up to date answer by answer: a frame then costs as much
/// as its front, not as all that is known.
struct KnownLosses {
  /// The least and the largest of some numbers; nil of none.
  struct Span {
    var low: Double
    var high: Double
    static func adding(_ value: Double, to span: Span?) -> Span {
      guard let span else { return Span(low: value, high: value) }
      return Span(low: value < span.low ? value : span.low, high: value > span.high ? value : span.high)
    }
  }

  let objectives: Int
  private(set) var hasFeasible = false
  /// The feasible losses that no others dominate, in ascending lexicographic order, as `Ranking.nonDominated` has them.
  private(set) var front: [[Double]] = []
  /// Of the feasible answers, and of all that have finite losses; shape (objectives).
  private(set) var feasible: [Span?]
  private(set) var whole: [Span?]
  /// Finite losses, ascending; shape (objectives, answers).
  private(set) var sorted: [[Double]]

  init(objectives m: Int) {
    objectives = m
    (feasible, whole) = (Array(repeating: nil, count: m), Array(repeating: nil, count: m))
    sorted = Array(repeating: [], count: m)
  }

  init(_ known: [Individual], objectives: Int) {
    self.init(objectives: objectives)
    for individual in known { append(individual) }
  }

  /// - Complexity: O(objectives · front), and a move of half the sorted losses.
  mutating func append(_ individual: Individual) {
    let losses = individual.losses
    if individual.violation == 0 {
      hasFeasible = true
      for j in 0..<objectives { feasible[j] = Span.adding(losses[j], to: feasible[j]) }
      if objectives > 0 { extend(losses) }
    }
    guard losses.allSatisfy(\.isFinite) else { return }
    for j in 0..<objectives {
      whole[j] = Span.adding(losses[j], to: whole[j])
      sorted[j].insert(losses[j], at: Self.position(in: sorted[j]) { $0 <= losses[j] })
    }
  }

  private mutating func extend(_ losses: [Double]) {
    let place = Self.position(in: front) { !losses.lexicographicallyPrecedes($0) }
    // What covers it comes before it in this order; with two objectives the last before it has the least second loss.
    let before = objectives <= 2 ? front[max(place - 1, 0)..<place] : front[..<place]
    if before.contains(where: { Self.covers($0, losses) }) { return }
    let rest = front[place...].filter { !Self.covers(losses, $0) }
    front.replaceSubrange(place..., with: [losses] + rest)
  }

  /// How many of the first elements meet a condition that none does after one that does not. - Complexity: O(log n)
  private static func position<T>(in values: [T], while holds: (T) -> Bool) -> Int {
    var (low, high) = (0, values.count)
    while low < high {
      let middle = (low + high) / 2
      if holds(values[middle]) { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// Nowhere worse.
  private static func covers(_ a: [Double], _ b: [Double]) -> Bool {
    for j in a.indices where a[j] > b[j] { return false }
    return true
  }
}
