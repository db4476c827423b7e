/// A test problem at one size: its box, its formula, and what is known of its solution.
public struct TestFunction: Sendable {
  /// Writes the objectives f (minimised) and the constraints g (feasible where g ≤ 0) of x; allocates nothing.
  public typealias Formula =
    @Sendable (
      _ x: UnsafeBufferPointer<Double>, _ f: UnsafeMutableBufferPointer<Double>,
      _ g: UnsafeMutableBufferPointer<Double>
    ) throws -> Void

  /// One number of x.
  public enum Variable: Sendable {
    /// A real number; a step above 0 makes a grid from the lower bound.
    case real(ClosedRange<Double>, unit: String = "1", step: Double = 0)
    case integer(ClosedRange<Int>)
    case boolean
    case categorical([String])
  }

  /// A published or proven best point of one objective.
  public struct Best: Sendable {
    public let x: [Double]
    /// `nil` where the objective is noisy.
    public let f: Double?
    /// False: the best that anyone reported.
    public let isProven: Bool

    public init(x: [Double], f: Double?, isProven: Bool = true) { (self.x, self.f, self.isProven) = (x, f, isProven) }
  }

  public var variables: [Variable]
  /// How many objectives and constraints.
  public var objectives: Int, constraints: Int
  /// The unit of each objective; empty: all are pure numbers.
  public var units: [String] = []
  public var formula: Formula
  /// Points of the Pareto front, in objective space; `nil`: unknown, or not a problem of several objectives.
  public var front: (@Sendable () -> [[Double]])?
  public var best: [Best] = []

  init(
    _ variables: [Variable], objectives: Int, constraints: Int = 0, units: [String] = [],
    front: (@Sendable () -> [[Double]])? = nil, best: [Best] = [], formula: @escaping Formula
  ) {
    (self.variables, self.objectives, self.constraints) = (variables, objectives, constraints)
    (self.units, self.front, self.best, self.formula) = (units, front, best, formula)
  }
}

/// The same range for each of n real variables.
func box(_ n: Int, _ range: ClosedRange<Double>) -> [TestFunction.Variable] {
  Array(repeating: .real(range), count: n)
}
