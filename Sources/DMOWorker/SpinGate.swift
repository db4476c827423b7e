import CDMOHost

/// Whether to look again and again for a short while before sleeping: waking a sleeping processor costs some 35 us each
/// way, far more than a trivial evaluation.
///
/// Each look that was in vain makes the next one rarer (after two, one in 2, 4, … 1024), so that long evaluations and
/// idle
/// studies burn nothing: at most `limit` of each 1024 waits. Only how fast an answer is seen depends on it, never
/// which.
struct SpinGate {
  /// The longest that one wait is spent looking, in seconds.
  static let limit = 40e-6
  /// Evaluations that took longer than this, in seconds, are not worth it.
  static let short = 200e-6

  private var failures = 0
  private var rest = 0

  /// Whether to look this time.
  mutating func opens() -> Bool {
    if rest == 0 { return true }
    rest -= 1
    return false
  }

  mutating func note(success: Bool) {
    failures = success ? 0 : min(failures + 1, 11)
    rest = failures < 2 ? 0 : 1 << (failures - 1)
  }

  /// Calls `look` until it says true or the time is up. - Returns: what it said last.
  mutating func look(_ look: () -> Bool) -> Bool {
    let end = Clock.now + Self.limit
    var found = look()
    while !found && Clock.now < end {
      dmo_pause()
      found = look()
    }
    note(success: found)
    return found
  }
}
