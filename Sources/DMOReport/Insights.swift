import DMOCore
import DMOSearch
import DMOSurrogates

/// What a surrogate of a study says: which parameters matter, slices and contours through the chosen design, and how
/// far it can be trusted.
public struct Insights: Encodable, Sendable {
  /// An objective or a constraint, in the output's own unit where that is possible.
  struct Target: Encodable, Sendable {
    var label: String
    var unit: String
    var isConstraint: Bool
    var lower, upper: Double?
  }
  struct Sensitivity: Encodable, Sendable {
    var parameters: [String]
    /// Each parameter's slope over all targets, largest 1.
    var overall: Column
    /// Row major, shape (parameters, targets); as `dmo sensitivity` prints them.
    var slope, first, total, bound: Column
  }
  /// Answers held out against what a surrogate that never saw them foretold.
  struct Parity: Encodable, Sendable {
    var label: String
    var unit: String
    var truth, predicted: Column
    /// `PointClass` of each.
    var classes: Column
    var mae, rmse: Double?
    /// 1 − Σ(y − ŷ)² / Σ(y − ȳ)²; nil for constant truths.
    var r2: Double?
  }
  /// Foretold probabilities of being feasible against what came, on held-out answers.
  struct Calibration: Encodable, Sendable {
    /// Of each bin: mean probability, observed share, answers.
    var predicted, observed, count: Column
    /// Mean squared error of the probability; and of always saying the mean share.
    var brier, constant: Double
  }
  struct Slice: Encodable, Sendable {
    /// Coordinate in x.
    var coordinate: Int
    var at: Column
    /// Of each target: the ensemble's mean, and its members' least and greatest.
    var mean, low, high: [Column]
    /// Probability of being feasible.
    var feasibility: Column
  }
  struct Contour: Encodable, Sendable {
    /// Coordinates in x along the plot's x and y axis.
    var a, b: Int
    var x, y: Column
    /// Of each target, row major with x fastest.
    var mean: [Column]
    var feasibility: Column
  }

  var trainer: String
  /// Answers learnt from, of how many; and how many of them the parity plot held out.
  var learnt, of, heldOut: Int
  var targets: [Target] = []
  var sensitivity: Sensitivity?
  var parity: [Parity] = []
  var calibration: Calibration?
  var slices: [Slice] = []
  var contours: [Contour] = []
  /// Evaluation through which slices and contours go.
  var through: Int?
  /// Why there is no surrogate; nil when there is one.
  public internal(set) var reason: String?
}
