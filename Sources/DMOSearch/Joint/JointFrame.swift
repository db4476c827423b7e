import DMOCore

/// The frame in which losses are compared: 0 is the ideal and 1 the nadir of the feasible front known so far.
struct JointFrame {
  let ideal: [Double]
  let range: [Double]
  /// Normalised losses of the feasible front, points in flight included.
  let front: [[Double]]
  /// No feasible point is known.
  let isFeasibilityFirst: Bool
  /// Worst of all points with an answer, normalised; shape (objectives).
  private let worst: [Double]

  /// The reference lies so far beyond the worst.
  private static let margin = 0.1
  /// A front that has hardly an extent along an objective is measured by this part of that objective's spread.
  private static let leastExtent = 0.01

  /// - Parameter awaited: predicted losses of points in flight.
  init(known: [Individual], awaited: [[Double]], objectives m: Int) {
    self.init(known: KnownLosses(known, objectives: m), awaited: awaited)
  }

  /// - Parameter awaited: predicted losses of points in flight.
  init(known: KnownLosses, awaited: [[Double]]) {
    let m = known.objectives
    isFeasibilityFirst = !known.hasFeasible
    let best = known.front
    var (ideal, range) = ([Double](), [Double]())
    for j in 0..<m {
      let edge = best.reduce(KnownLosses.Span?.none) { KnownLosses.Span.adding($1[j], to: $0) }
      let spans = [edge, known.feasible[j], known.whole[j]].map { span in
        (span?.low ?? 0, (span?.high ?? 0) - (span?.low ?? 0))
      }
      let chosen = spans.first { $0.1 > 0 } ?? (spans[2].0, 1)
      // The ideal is the front's own even where its extent tells no range.
      ideal.append(known.hasFeasible ? spans[0].0 : chosen.0)
      range.append(max(chosen.1, Self.leastExtent * Self.innerSpread(known.sorted[j])))
    }
    let (i, r) = (ideal, range)
    func scaled(_ losses: [Double]) -> [Double] { losses.indices.map { (losses[$0] - i[$0]) / r[$0] } }
    self.ideal = i
    self.range = r
    let all = (best + (known.hasFeasible ? awaited : [])).map(scaled)
    front = m > 0 ? Ranking.nonDominated(all).map { all[$0] } : []
    // Infeasible points count: the feasible ones known may all lie in one part of a front that has several.
    worst = (0..<m).map { j in max(1, known.whole[j].map { ($0.high - i[j]) / r[j] } ?? 1) }
  }

  /// Between the first and the last decile of ascending values; 0 for nothing.
  private static func innerSpread(_ sorted: [Double]) -> Double {
    sorted.isEmpty ? 0 : sorted[sorted.count - 1 - sorted.count / 10] - sorted[sorted.count / 10]
  }

  func normalised(_ losses: [Double]) -> [Double] { losses.indices.map { (losses[$0] - ideal[$0]) / range[$0] } }

  /// The front, and a reference beyond it and beyond what likely feasible candidates would add to its ends; never
  /// beyond the worst answer by more than a tenth.
  func scope(_ pool: [JointCandidate]) -> (front: [[Double]], reference: [Double]) {
    scope(adding: pool.filter { $0.view.feasible >= 0.5 }.map { normalised($0.view.mean) })
  }

  /// - Parameter points: normalised losses.
  func scope(adding points: [[Double]]) -> (front: [[Double]], reference: [Double]) {
    let m = ideal.count
    let union = front + points
    let ends = m > 0 ? Ranking.nonDominated(union).map { union[$0] } : []
    let reference = (0..<m).map { j -> Double in
      let top = ends.reduce(front.reduce(0) { max($0, $1[j]) }) { max($0, $1[j]) }
      return min(max(top, 1), worst[j]) + Self.margin
    }
    return (front, reference)
  }
}
