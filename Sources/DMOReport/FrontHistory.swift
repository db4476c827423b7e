import DMOCore
import DMONumerics
import DMOStudy

/// How the best design, or the volume that the front dominates, grew.
struct FrontHistory: Sendable {
  static let checkpoints = 120
  /// Above so many points a volume of more than three objectives is made from as many of them.
  static let manyPoints = 400

  struct Entry: Sendable {
    var answer: Int
    /// Evaluations answered, and their summed cost in seconds, when the point came.
    var cost: Double
    var id: UInt64
    /// Shape (objectives).
    var losses: [Double]
  }
  /// Points that were on the front when they came, in their order.
  private(set) var entries: [Entry] = []

  mutating func add(_ entry: Entry) { entries.append(entry) }

  /// Where volumes are measured from: the worst of the present front, and a tenth of its extent beyond.
  static func reference(_ front: [[Double]]) -> [Double] {
    guard let first = front.first else { return [] }
    return first.indices.map { j in
      let values = front.map { $0[j] }
      let (low, high) = (values.min() ?? 0, values.max() ?? 0)
      let extent = high - low
      return high + 0.1 * (extent > 0 ? extent : max(abs(high), 1))
    }
  }

  /// The dominated volume after some answers; at most `checkpoints` of them, where something changed.
  func volumes(reference: [Double]) -> (answers: [Double], costs: [Double], values: [Double]) {
    let m = reference.count
    guard m > 1, let last = entries.last else { return ([], [], []) }
    let inside = entries.filter { zip($0.losses, reference).allSatisfy { $0 < $1 } }
    let step = max(1, inside.count / (m > 3 ? Self.checkpoints / 6 : Self.checkpoints))
    var known: [[Double]] = []
    var (answers, costs, values): ([Double], [Double], [Double]) = ([], [], [])
    for (k, entry) in inside.enumerated() {
      known.append(entry.losses)
      guard k % step == 0 || k == inside.count - 1 else { continue }
      known = Ranking.nonDominated(known).map { known[$0] }
      let value: Double
      if m > 3 && known.count > Self.manyPoints {
        value = Hypervolume.sampled(known.flatMap(\.self), objectives: m, reference: reference, samples: 1 << 9).value
      } else {
        value = Hypervolume.of(known, reference: reference)
      }
      answers.append(Double(entry.answer))
      costs.append(entry.cost)
      values.append(value)
    }
    if let end = answers.last, Double(last.answer) > end, let value = values.last {
      answers.append(Double(last.answer))
      costs.append(last.cost)
      values.append(value)
    }
    return (answers, costs, values)
  }
}
