/// What a joint surrogate says of points; row by row.
public struct JointPrediction: Sendable, Equatable {
  /// Objectives, then constraint margins, in the data set's units; shape (rows, objectives + constraints).
  public var values: [Double]
  /// Calibrated probability that each constraint is met; shape (rows, constraints).
  public var feasibility: [Double]
  /// Calibrated probability that there is no answer; shape (rows).
  public var crash: [Double]

  public init(values: [Double], feasibility: [Double], crash: [Double]) {
    self.values = values
    self.feasibility = feasibility
    self.crash = crash
  }
}

/// A surrogate of objectives and constraints that also tells how likely a point is feasible, and gets an answer at all.
public protocol FeasibilitySurrogate: Surrogate {
  /// How many of the outputs, the last ones, are constraints.
  var constraintCount: Int { get }
  /// Networks of the ensemble.
  var memberCount: Int { get }

  /// Whether the constraint margins say anything; else feasibility is the classifiers' word alone.
  var tellsMargins: Bool { get }

  /// The ensemble's mean. - Parameter z: row major, shape (rows, inputCount).
  func joint(rows: Int, z: [Double]) -> JointPrediction

  /// What each network says. - Parameter z: row major, shape (rows, inputCount).
  func eachMember(rows: Int, z: [Double]) -> [JointPrediction]

  /// The gradient of Σ bar · prediction with respect to z, row by row, in one backward pass of each member.
  /// - Parameters:
  ///   - rows: how many points.
  ///   - z: row major, shape (rows, inputCount).
  ///   - bar: shaped as what `joint` returns.
  /// - Returns: row major, shape (rows, inputCount).
  func jointGradient(rows: Int, z: [Double], bar: JointPrediction) -> [Double]

  /// All rows' derivatives of the values with respect to z: one forward pass, one backward pass an output.
  /// - Returns: row major, shape (rows, outputCount, inputCount).
  func jacobian(rows: Int, z: [Double]) -> [Double]
}
