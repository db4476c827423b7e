import DMOCore

/// What becomes of evaluations that gave no answer.
public struct FailurePolicy: Codable, Equatable, Sendable {
  /// How many failures end a run.
  public enum Limit: Codable, Equatable, Sendable {
    /// More than so many.
    case count(Int)
    /// More than this share of the answers (0 … 1), once there are `leastAnswers`.
    case share(Double)

    /// `50` or `20%`; nil for anything else.
    public init?(_ text: String) {
      if text.hasSuffix("%") {
        guard let percent = Double(text.dropLast()), percent >= 0, percent <= 100 else { return nil }
        self = .share(percent / 100)
      } else {
        guard let count = Int(text), count >= 0 else { return nil }
        self = .count(count)
      }
    }
  }

  /// A share says nothing of fewer answers than this.
  public static let leastAnswers = 20

  /// How often a failed evaluation is tried again, with the same number and seed.
  public var retries: Int
  /// Nil: a run goes on whatever fails.
  public var maxFailures: Limit?

  public init(retries: Int = 0, maxFailures: Limit? = nil) {
    self.retries = retries
    self.maxFailures = maxFailures
  }

  /// Whether another try might give an answer. INFEASIBLE is an answer, and what the plugin cannot do it cannot do
  /// twice.
  public static func isFailure(_ status: EvaluationStatus) -> Bool {
    [.failed, .fatal, .timedOut, .crashed, .badOutput].contains(status)
  }

  /// Why a run with these answers must end, or nil.
  public func objection(_ counts: [EvaluationStatus: Int]) -> String? {
    let failures = counts.reduce(0) { $0 + (Self.isFailure($1.key) ? $1.value : 0) }
    let total = counts.values.reduce(0, +)
    switch maxFailures {
    case .count(let most) where failures > most:
      return "\(failures) evaluations failed; --max-failures allows \(most)"
    case .share(let most) where total >= Self.leastAnswers && Double(failures) > most * Double(total):
      let percent = Int((most * 100).rounded())
      return "\(failures) of \(total) evaluations failed; --max-failures allows \(percent)%"
    default: return nil
    }
  }
}
