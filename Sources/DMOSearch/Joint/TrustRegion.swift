/// The length of the box in which a search trusts its surrogate (Eriksson et al. 2019): it grows with successes and
/// shrinks
/// with failures, and starts anew when it has become tiny.
struct TrustRegion: Equatable {
  private static let first = 0.8
  private static let limits = (least: 0x1p-7, most: 1.6)
  private static let successesToGrow = 3

  private(set) var length = first
  private let failuresToShrink: Int
  private var successes = 0
  private var failures = 0

  /// In many dimensions a failure says less; yet a budget is never spent on one length.
  init(dimension: Int) { failuresToShrink = min(max(dimension, 4), 12) }

  mutating func note(success: Bool) {
    successes = success ? successes + 1 : 0
    failures = success ? 0 : failures + 1
    if successes >= Self.successesToGrow {
      length = min(2 * length, Self.limits.most)
      successes = 0
    } else if failures >= failuresToShrink {
      length /= 2
      failures = 0
      if length < Self.limits.least { length = Self.first }
    }
  }
  mutating func code(_ coder: inout StateCoder) throws {
    try coder.code(&length)
    try coder.code(&successes)
    try coder.code(&failures)
  }
}
