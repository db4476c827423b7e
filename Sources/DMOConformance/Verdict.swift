/// How a check ended.
public enum Outcome: String, Sendable, Codable, CaseIterable {
  case pass
  case fail
  /// The plugin's process died.
  case crash
  /// The check did not come to an end in its time.
  case timeout
  /// Not applicable, or not possible; the message says why.
  case skip
  /// Allowed, but worth a look.
  case warn

  /// Whether the plugin broke a rule.
  public var isFailure: Bool { self == .fail || self == .crash || self == .timeout }
}

/// What the body of a check says.
struct Verdict: Sendable {
  var outcome: Outcome
  var message: String
  /// Where, in words.
  var point = ""
  /// Handed to the same check in a process of its own, which then decides.
  var next: String?

  static func pass(_ message: String = "") -> Verdict { Verdict(outcome: .pass, message: message) }
  static func warn(_ message: String) -> Verdict { Verdict(outcome: .warn, message: message) }
  static func skip(_ reason: String) -> Verdict { Verdict(outcome: .skip, message: reason) }
  static func fail(_ message: String, at point: String = "") -> Verdict {
    Verdict(outcome: .fail, message: message, point: point)
  }
  /// Not decided: the same check goes on in a new process with this text.
  static func next(_ state: String, _ message: String = "") -> Verdict {
    Verdict(outcome: .pass, message: message, next: state)
  }
}

/// Ends the body of a check from within.
struct Broken: Error {
  var verdict: Verdict
  /// The check that it belongs to, when another than the one at work.
  var owner: String?
  init(_ message: String, at point: String = "") { verdict = .fail(message, at: point) }
  init(_ verdict: Verdict, owner: String? = nil) { (self.verdict, self.owner) = (verdict, owner) }
}
