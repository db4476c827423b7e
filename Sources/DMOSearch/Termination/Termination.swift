import DMOCore
import DMONumerics

/// Watches a study's answers and says when its stop rules are met. A function of the answers in their order alone.
public struct Termination {
  /// Share of the objectives that must stand still, and of the time scales.
  private static let objectiveShare = 0.8
  private static let scaleShare = 0.75
  /// Answers between two looks, in parts of the window.
  private static let looks = 20

  /// How things stood after some answers.
  private struct Snapshot {
    var answers: Int
    var front: [[Double]]
  }

  private let goals: Goals
  private let rules: StopRules
  private let period: Int
  private var answers = 0
  private var incumbents: [[Double]] = []
  /// Largest losses of feasible points so far: with the front's smallest, the range.
  private var worst: [Double] = []
  /// After the first feasible point, every `period` answers; as far back as twice the window.
  private var history: [Snapshot] = []
  /// Why to stop, in words; nil: go on.
  public private(set) var reason: String?

  public init(_ rules: StopRules, goals: Goals) {
    self.rules = rules
    self.goals = goals
    period = max(1, rules.window / Self.looks)
  }

  /// Takes one answer in. - Complexity: O(front · objectives), and some hypervolumes every twentieth of the window.
  public mutating func tell(_ result: EvaluationResult) {
    answers += 1
    if goals.isFeasible(result) { add(goals.losses(result.y)) }
    guard reason == nil, !incumbents.isEmpty else { return }
    if let target = rules.target, let objective = goals.objectives.first, goals.objectives.count == 1 {
      let loss = objective.maximize ? -target : target
      if incumbents[0][0] <= loss { reason = "the target \(target) of \(objective.label) is reached" }
    }
    guard !rules.progress.isEmpty, answers % period == 0 else { return }
    history.append(Snapshot(answers: answers, front: incumbents))
    if history.count > 2 * Self.looks + 2 { history.removeFirst() }
    if reason == nil { reason = standstill() }
  }

  private mutating func add(_ losses: [Double]) {
    if losses.isEmpty || losses.contains(where: { !$0.isFinite }) { return }
    worst = worst.isEmpty ? losses : zip(worst, losses).map { max($0, $1) }
    if incumbents.contains(where: { $0 == losses || Goals.dominates($0, losses) }) { return }
    incumbents.removeAll { Goals.dominates(losses, $0) }
    incumbents.append(losses)
  }

  /// The front as it was so many answers ago; nil when nothing feasible was known then.
  private func front(ago answersAgo: Int) -> [[Double]]? {
    history.last { $0.answers <= answers - answersAgo }?.front
  }

  private func standstill() -> String? {
    let window = rules.window
    for kind in StopRules.Progress.allCases {
      guard let tolerance = rules.progress[kind] else { continue }
      switch kind {
      case .hypervolume:
        if let growth = growth(over: window), growth < tolerance {
          return "the hypervolume grew by \(growth) of itself in \(window) evaluations, less than \(tolerance)"
        }
      case .objectives:
        guard let before = front(ago: window) else { continue }
        let still = goals.objectives.indices.count { improvement(of: $0, since: before) < tolerance }
        if Double(still) >= Self.objectiveShare * Double(goals.objectives.count) {
          return "the best values of \(still) of \(goals.objectives.count) objectives moved by less than \(tolerance) of "
            + "their range in \(window) evaluations"
        }
      case .stagnation:
        let scales = [window / 4, window / 2, window, 2 * window]
        let growths = scales.compactMap { growth(over: max($0, 1)) }
        let still = growths.count { $0 < tolerance }
        if growths.count == scales.count && Double(still) >= Self.scaleShare * Double(scales.count) {
          return "the hypervolume stood still (below \(tolerance)) on \(still) of \(scales.count) time scales up to "
            + "\(2 * window) evaluations"
        }
      }
    }
    return nil
  }

  /// How much of an objective's range its best value improved by.
  private func improvement(of j: Int, since before: [[Double]]) -> Double {
    let old = before.reduce(Double.infinity) { min($0, $1[j]) }
    let new = incumbents.reduce(Double.infinity) { min($0, $1[j]) }
    let range = worst[j] - new
    return range > 0 ? (old - new) / range : 0
  }

  /// (new − old) / new hypervolume; the reference is the worst of both fronts and a tenth of the range. Nil when nothing was
  /// feasible then. With one objective, the improvement of the best value.
  private func growth(over answersAgo: Int) -> Double? {
    guard let before = front(ago: answersAgo) else { return nil }
    if before == incumbents { return 0 }
    if goals.objectives.count == 1 { return improvement(of: 0, since: before) }
    let both = before + incumbents
    let reference = goals.objectives.indices.map { j in
      let keys = both.map { $0[j] }
      let (low, high) = (keys.min() ?? 0, keys.max() ?? 0)
      return high + max(0.1 * (high - low), 1e-9 * max(abs(high), 1e-9))
    }
    let now = Hypervolume.of(incumbents, reference: reference)
    return now > 0 ? (now - Hypervolume.of(before, reference: reference)) / now : 0
  }
}
