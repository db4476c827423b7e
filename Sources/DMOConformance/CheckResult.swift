/// What one check found.
public struct CheckResult: Sendable, Codable {
  public var id: String
  /// The problem; empty for what concerns the plugin as a whole.
  public var problem: String
  public var outcome: Outcome
  /// Why, in words; may be empty for a pass.
  public var message: String
  /// The point at which it happened, such as `width=1.5 fingers=2 (seed 7)`; empty when there is none.
  public var point: String
  public var seed: UInt64
  /// Wall time, in seconds.
  public var seconds: Double
  /// What the plugin printed, cut to the last few kilobytes.
  public var printed: String
  /// The words after `dmo` that run this check alone again; each one argument.
  public var reproduce: [String]
}

/// How a validation ended.
public struct ValidationSummary: Sendable {
  public var counts: [Outcome: Int] = [:]
  /// Whether something was checked and nothing failed.
  public var isClean: Bool {
    !counts.contains { $0.key.isFailure && $0.value > 0 } && (counts[.pass] ?? 0) + (counts[.warn] ?? 0) > 0
  }
  public init() {}
}
