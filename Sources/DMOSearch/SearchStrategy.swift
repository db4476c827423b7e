import DMOCore
import DMOSurrogates

/// The box a strategy moves in: the problem's space with some coordinates pinned by the user.
public struct SearchSpace: Sendable, Equatable {
  public let space: ParameterSpace
  /// Pinned coordinates and their canonical values.
  public let fixed: [Int: Double]
  /// The coordinates left to move, ascending; shape (dimension).
  public let free: [Int]
  /// How many coordinates move.
  public var dimension: Int { free.count }

  public init(_ space: ParameterSpace, fixed: [Int: Double] = [:]) {
    self.space = space
    self.fixed = fixed
    free = (0..<space.dimension).filter { fixed[$0] == nil }
  }

  /// Unit-cube coordinates of the free parameters to a full canonical point; shapes (dimension) → (space.dimension).
  public func decode(_ z: [Double]) -> [Double] {
    var x = (0..<space.dimension).map { fixed[$0] ?? 0 }
    for (k, i) in free.enumerated() { x[i] = space.decode(z[k], at: i) }
    return x
  }

  /// A full point to the unit-cube coordinates of the free parameters; shapes (space.dimension) → (dimension).
  public func encode(_ x: [Double]) -> [Double] { free.map { space.encode(x[$0], at: $0) } }
}

/// A point that a strategy wants simulated.
public struct Proposal: Sendable, Equatable {
  /// Canonical values in the parameters' units; shape (space.dimension).
  public var x: [Double]
  /// Where it came from, such as `initial`, `gradient`, `local`, for the study's record.
  public var source: String
  public init(x: [Double], source: String) {
    self.x = x
    self.source = source
  }
}

/// What the simulator said of a point.
public struct Observation: Sendable, Equatable {
  public var x: [Double]
  public var result: EvaluationResult
  public init(x: [Double], result: EvaluationResult) {
    self.x = x
    self.result = result
  }
}

/// Decides what to simulate next.
///
/// Asynchronous: any number of points may be in flight, and answers come in any order. The proposals are a function of
/// the set-up (its seed included) and of the order of `ask` and `tell` calls alone: no clock, no hidden randomness.
public protocol SearchStrategy {
  /// Up to `count` points, at least one unless the strategy must wait for answers in flight (then it may return none)
  /// or has no further point to offer.
  mutating func ask(_ count: Int) throws -> [Proposal]

  /// One answer, whatever its status, to a point asked for earlier (or given by the user).
  mutating func tell(_ observation: Observation)

  /// Numbers worth recording with the next proposals (training loss, step length, …), by name; may be empty.
  var telemetry: [String: Double] { get }

  /// What its trainer has learnt, for `SurrogateTrainer.restore`; empty when it learns nothing.
  var learnt: [UInt8] { get }
}

extension SearchStrategy {
  public var learnt: [UInt8] { [] }
}

/// What every strategy is made from.
public struct SearchSetup: Sendable {
  public var space: SearchSpace
  public var outputs: OutputSpace
  public var goals: Goals
  public var seed: Seed
  /// Evaluations the study means to spend in all.
  public var budget: Int
  /// Evaluations at the same time.
  public var workers: Int
  /// How goals and bounds follow from observed outputs, forward and reverse; nil when the problem does not tell.
  public var composite: (any Composite)?
  /// The problem with its own derivative, which telemetry compares the surrogate's gradient with; nil: no comparison.
  public var exact: (any Surrogate)?
  /// Who computes beside the search.
  public var background: Background
  public init(
    space: SearchSpace, outputs: OutputSpace, goals: Goals, seed: Seed, budget: Int, workers: Int = 1,
    composite: (any Composite)? = nil, exact: (any Surrogate)? = nil, background: Background = .thread
  ) {
    self.background = background
    self.exact = exact
    self.space = space
    self.outputs = outputs
    self.goals = goals
    self.seed = seed
    self.budget = budget
    self.workers = workers
    self.composite = composite
  }
}
