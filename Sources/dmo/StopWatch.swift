import DMOCore
import DMOSearch
import DMOStudy

/// Says when a run ends before its budget, and why. Time only ever ends a run; no point is chosen by it.
struct StopWatch {
  private var termination: Termination
  private let seconds: Double?
  private let start: Double
  /// Why the run ends; nil while it goes on.
  private(set) var reason: String?
  /// Whether that is for want of time, so that `resume` may go on.
  private(set) var isTimeUp = false

  /// - Parameters:
  ///   - runner: of the study, whose stop rules count.
  ///   - seconds: how long it may run; nil: as long as it takes.
  ///   - start: seconds since 1970. Answers that the study has already count for the rules.
  /// - Throws: `UserError` for a target that the study's goals cannot have.
  init(_ runner: StudyRunner, seconds: Double?, start: Double) throws {
    let goals = runner.store.description.goals
    let rules = runner.store.description.stop ?? StopRules()
    if rules.target != nil && goals.objectives.count != 1 {
      throw UserError(
        "--target: the study has \(goals.objectives.count) objectives", hint: "name one with --goal, or bounds with --require")
    }
    termination = Termination(rules, goals: goals)
    self.seconds = seconds
    self.start = start
    guard !rules.isEmpty else { return }
    let answered = try runner.store.rows().filter { $0.answer != nil }.sorted { ($0.answer ?? 0) < ($1.answer ?? 0) }
    for row in answered { if let result = row.result { termination.tell(result) } }
  }

  mutating func tell(_ result: EvaluationResult) { termination.tell(result) }

  /// - Parameter now: seconds since 1970.
  mutating func reason(now: Double) -> String? {
    if reason == nil { reason = termination.reason }
    if reason == nil, let seconds, now - start >= seconds {
      (reason, isTimeUp) = ("\(Text.duration(seconds)) are over", true)
    }
    return reason
  }
}
