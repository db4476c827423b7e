/// When to stop before the budget is spent, by what the simulator said; all rules look at true evaluations only.
public struct StopRules: Equatable, Sendable, Codable {
  public enum Progress: String, CaseIterable, Sendable, Codable, CodingKeyRepresentable {
    /// The front's hypervolume grows too little.
    case hypervolume
    /// Too few objectives improve their best value.
    case objectives
    /// The hypervolume grows too little on most of four time scales.
    case stagnation

    /// dmosopt's tolerances.
    public var defaultTolerance: Double { self == .hypervolume ? 1e-6 : 1e-4 }
  }

  /// Stop when a feasible point is at least as good in the only objective, in the output's unit.
  public var target: Double?
  /// The tolerance of each rule in force: relative growth, or improvement in parts of the range seen so far.
  public var progress: [Progress: Double]
  /// Evaluations over which progress is looked for; `stagnation` looks over a quarter, half, once and twice of it.
  public var window: Int

  public init(target: Double? = nil, progress: [Progress: Double] = [:], window: Int = 200) {
    self.target = target
    self.progress = progress
    self.window = window
  }

  public var isEmpty: Bool { target == nil && progress.isEmpty }
}
