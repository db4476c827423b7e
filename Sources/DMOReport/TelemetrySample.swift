import DMOStudy

/// What a search told of itself, evenly thinned: every `stride`-th decision that told anything.
struct TelemetrySample: Sendable {
  static let capacity = 2000
  /// Counters, which other parts of a page show.
  static let passedOver: Set = ["evaluations", "ok", "infeasible", "failed", "starts", "iteration"]

  private(set) var rows: [Decision] = []
  private(set) var stride = 1
  private(set) var seen = 0
  /// The number of the last decision that was looked at.
  private(set) var last: Int64 = 0

  mutating func add(_ decision: Decision) {
    last = decision.id
    guard decision.telemetry.keys.contains(where: { !Self.passedOver.contains($0) }) else { return }
    defer { seen += 1 }
    guard seen % stride == 0 else { return }
    rows.append(decision)
    if rows.count > Self.capacity {
      stride *= 2
      rows = rows.indices.filter { $0 % 2 == 0 }.map { rows[$0] }
    }
  }

  var names: [String] {
    Set(rows.flatMap(\.telemetry.keys)).subtracting(Self.passedOver).sorted()
  }
}
