import DMOCore

/// What every plot tells apart, by shape and by colour.
enum PointClass: Int, CaseIterable, Sendable {
  /// Answered, and every constraint met.
  case feasible = 0
  /// Answered but a constraint is violated, or the point has no answer (a hidden constraint).
  case infeasible = 1
  /// Failed, crashed, too slow, or against the rules.
  case failed = 2

  init(_ result: EvaluationResult, _ goals: Goals) {
    if result.status == .infeasible {
      self = .infeasible
    } else if result.status != .ok {
      self = .failed
    } else {
      self = goals.totalViolation(result.y) == 0 ? .feasible : .infeasible
    }
  }
}
