import DMOCore

/// The frame in which losses are compared: 0 is the ideal and 1 the nadir of the feasible front known so far.
struct JointFrame {
  let ideal: [Double]
  let range: [Double]
  /// Normalised losses of the feasible front, points in flight included.
  let front: [[Double]]
  /// No feasible point is known.
  let isFeasibilityFirst: Bool
  /// Worst of all feasible points, normalised; shape (objectives).
  private let worst: [Double]

  /// The reference lies so far beyond the worst.
  private static let margin = 0.1

  /// - Parameter awaited: predicted losses of points in flight.
  init(known: [Individual], awaited: [[Double]], objectives m: Int) {
    let feasible = known.filter { $0.violation == 0 }.map(\.losses)
    isFeasibilityFirst = feasible.isEmpty
    let best = m > 0 ? Ranking.nonDominated(feasible).map { feasible[$0] } : []
    let whole = known.filter { $0.losses.allSatisfy(\.isFinite) }.map(\.losses)
    var (ideal, range) = ([Double](), [Double]())
    for j in 0..<m {
      let spans = [best, feasible, whole].map { rows -> (Double, Double) in
        let values = rows.map { $0[j] }
        let low = values.min() ?? 0
        return (low, (values.max() ?? 0) - low)
      }
      let chosen = spans.first { $0.1 > 0 } ?? (spans[2].0, 1)
      // The ideal is the front's own even where its extent tells no range.
      ideal.append(feasible.isEmpty ? chosen.0 : spans[0].0)
      range.append(chosen.1)
    }
    let (i, r) = (ideal, range)
    func scaled(_ losses: [Double]) -> [Double] { losses.indices.map { (losses[$0] - i[$0]) / r[$0] } }
    self.ideal = i
    self.range = r
    let all = (best + (feasible.isEmpty ? [] : awaited)).map(scaled)
    front = m > 0 ? Ranking.nonDominated(all).map { all[$0] } : []
    let all1 = feasible.map(scaled)
    worst = (0..<m).map { j in all1.reduce(1) { max($0, $1[j]) } }
  }

  func normalised(_ losses: [Double]) -> [Double] { losses.indices.map { (losses[$0] - ideal[$0]) / range[$0] } }

  /// The front, and a reference beyond it and beyond what likely feasible candidates would add to its ends; never
  /// beyond
  /// the worst feasible point by more than a tenth.
  func scope(_ pool: [JointCandidate]) -> (front: [[Double]], reference: [Double]) {
    let m = ideal.count
    let likely = pool.filter { $0.view.feasible >= 0.5 }.map { normalised($0.view.mean) }
    let union = front + likely
    let ends = m > 0 ? Ranking.nonDominated(union).map { union[$0] } : []
    let reference = (0..<m).map { j -> Double in
      let top = ends.reduce(front.reduce(0) { max($0, $1[j]) }) { max($0, $1[j]) }
      return min(max(top, 1), worst[j]) + Self.margin
    }
    return (front, reference)
  }
}
