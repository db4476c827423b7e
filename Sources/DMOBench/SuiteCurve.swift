import DMOCore
import DMONumerics
import DMOStudy

/// How one run went: hypervolume, first feasible point and time, evaluation by evaluation.
public struct SuiteCurve: Sendable, Equatable {
  public let seed: UInt64
  /// Losses of each answer in the order of answers, nil where it was not feasible; shape (evaluations, objectives).
  public let losses: [[Double]?]
  /// After each evaluation; shape (evaluations).
  public let hypervolume: [Double]
  /// Seconds that the search took to decide and learn until each evaluation was asked; wall, and processor.
  public let modelSeconds, modelProcessorSeconds: [Double]
  /// Of the answer nearest to feasible so far, Σ violation in the goals' scales; infinite before the first.
  public let leastViolation: [Double]
  /// Seconds of the evaluations so far.
  public let evaluationSeconds: [Double]

  public var count: Int { losses.count }
  /// Counted from 1; nil when none is feasible.
  public var firstFeasible: Int? { losses.firstIndex { $0 != nil }.map { $0 + 1 } }

  init(
    seed: UInt64, losses: [[Double]?], reference: [Double], modelSeconds: [Double] = [],
    modelProcessorSeconds: [Double] = [], evaluationSeconds: [Double] = [], leastViolation: [Double] = []
  ) {
    self.seed = seed
    self.losses = losses
    hypervolume = Self.volumes(losses, reference: reference)
    self.modelSeconds = modelSeconds
    self.modelProcessorSeconds = modelProcessorSeconds
    self.evaluationSeconds = evaluationSeconds
    self.leastViolation = leastViolation
  }

  /// Reads what a study holds so far. - Throws: `StudyError`.
  public init(_ store: StudyStore, seed: UInt64, reference: [Double]) throws {
    let goals = store.description.goals
    let rows = try store.rows().filter { $0.answer != nil }.sorted { ($0.answer ?? 0) < ($1.answer ?? 0) }
    var (wall, processor) = ([Int64: Double](), [Int64: Double]())
    var (wallSum, processorSum, evaluations, nearest) = (0.0, 0.0, 0.0, Double.infinity)
    for decision in try store.decisions().sorted(by: { $0.id < $1.id }) {
      wallSum += decision.telemetry[TimedStrategy.wall] ?? 0
      processorSum += decision.telemetry[TimedStrategy.processor] ?? 0
      (wall[decision.id], processor[decision.id]) = (wallSum, processorSum)
    }
    self.init(
      seed: seed,
      losses: rows.map { row in
        guard let result = row.result, goals.isFeasible(result) else { return nil }
        let losses = goals.losses(result.y)
        return losses.allSatisfy(\.isFinite) ? losses : nil
      },
      reference: reference, modelSeconds: rows.map { wall[$0.decision] ?? 0 },
      modelProcessorSeconds: rows.map { processor[$0.decision] ?? 0 },
      evaluationSeconds: rows.map { row in
        evaluations += row.result?.wallSeconds ?? 0
        return evaluations
      },
      leastViolation: rows.map { row in
        if let result = row.result, result.status == .ok { nearest = min(nearest, goals.totalViolation(result.y)) }
        return nearest
      })
  }

  /// The hypervolume after each answer; 0 without a reference.
  /// - Complexity: one hypervolume for each point that joins the front.
  static func volumes(_ losses: [[Double]?], reference: [Double]) -> [Double] {
    guard !reference.isEmpty else { return losses.map { _ in 0 } }
    var front: [[Double]] = []
    var volume = 0.0
    return losses.map { point in
      guard let point, zip(point, reference).allSatisfy({ $0 < $1 }) else { return volume }
      if front.contains(where: { zip($0, point).allSatisfy { $0 <= $1 } }) { return volume }
      front.removeAll { Goals.dominates(point, $0) }
      front.append(point)
      volume = Hypervolume.of(front, reference: reference)
      return volume
    }
  }

  /// The mean of the hypervolume over the first `budget` evaluations: the area under its curve. NaN when there are fewer.
  func area(_ budget: Int) -> Double {
    budget > 0 && budget <= count ? hypervolume[..<budget].reduce(0, +) / Double(budget) : .nan
  }

  /// NaN when the run did not come that far.
  func hypervolume(at budget: Int) -> Double { budget > 0 && budget <= count ? hypervolume[budget - 1] : .nan }

  /// The front after some evaluations.
  func front(at budget: Int) -> [[Double]] {
    let points = losses.prefix(budget).compactMap(\.self)
    return Ranking.nonDominated(points).map { points[$0] }
  }
}
