/// What a search told of itself, decision by decision: a table for `export`, a summary for `show`.
public struct TelemetryTable: Sendable {
  public struct Row: Sendable, Equatable {
    public var decision: Int64
    /// Answers told before it.
    public var after: Int
    /// In the order of `names`; NaN where the decision told nothing of that name.
    public var values: [Double]
  }
  public struct Summary: Sendable, Equatable {
    public var name: String
    public var last, median: Double
    /// Decisions that told of it.
    public var count: Int
  }
  /// All names that occur, in alphabetical order.
  public let names: [String]
  public let rows: [Row]

  /// Judgements of the surrogate and its gradient, in the order to show them.
  static let judgements = [
    "trust_ratio", "secant_cosine", "secant_relative_error", "exact_cosine", "exact_relative_error", "cv_error",
    "cv_pair_error",
  ]

  public init(_ decisions: [Decision]) {
    let names = Set(decisions.flatMap(\.telemetry.keys)).sorted()
    self.names = names
    rows = decisions.map { d in
      Row(decision: d.id, after: d.after, values: names.map { d.telemetry[$0] ?? .nan })
    }
  }

  /// The judgements of the surrogate that the search made, each with its last value and its median over the study.
  public var summary: [Summary] {
    Self.judgements.compactMap { name in
      names.firstIndex(of: name).flatMap { k in Self.summary(name, rows.map { $0.values[k] }.filter { !$0.isNaN }) }
    }
  }

  /// Nil where there are no values.
  static func summary(_ name: String, _ values: [Double]) -> Summary? {
    guard let last = values.last else { return nil }
    let sorted = values.sorted()
    let middle = sorted.count / 2
    let median = sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
    return Summary(name: name, last: last, median: median, count: values.count)
  }
}
