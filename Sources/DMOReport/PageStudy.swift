import DMOCore
import DMOStudy
import Foundation

/// A study as the page's scripts read it. The numbers are `StudyDigest`'s and so those of `dmo show`.
struct PageStudy: Encodable {
  struct Parameter: Encodable {
    var label, unit: String
    /// Coordinate in x.
    var index: Int
    var min, max: Double
    var isLog, isFree: Bool
    /// Names of a label's values; nil for numbers.
    var choices: [String]?
  }
  struct Output: Encodable {
    var label, unit: String
  }
  struct Objective: Encodable {
    /// Place among the page's outputs.
    var output: Int
    var maximize: Bool
  }
  struct Constraint: Encodable {
    var output: Int
    var lower, upper: Double?
    var scale: Double
  }
  struct Rows: Encodable {
    var stride: Int
    var columns: [Column]
    var texts: [String]
  }
  struct Bins: Encodable {
    var width: Int
    var feasible, infeasible, failed, violation: Column
    /// By constraint: answers that violate it, of those where that is known.
    var violated, known: [Column]
  }
  struct Series: Encodable {
    var answers, costs, values: Column
    var ids: Column?
    /// Of a hypervolume, in the objectives' own units.
    var reference: [Double]?
  }
  struct Times: Encodable {
    var edges, feasible, infeasible, failed: Column
  }
  struct Telemetry: Encodable {
    var stride: Int
    var names: [String]
    var after: Column
    var values: [Column]
  }
  struct Failure: Encodable {
    var status, message: String
    var count: Int
    var first: UInt64
    var command: String
  }
  struct Nearest: Encodable {
    var id: UInt64
    var violation: Double
  }
  /// A design to compare the best one with.
  struct Baseline: Encodable {
    var name: String
    /// Of the page's outputs; null where not known.
    var values: [Double?]
  }

  var name, path, problem, plugin, state: String
  /// Names and texts.
  var settings: [[String]]
  var budget, total, feasible: Int
  /// Status words and counts, in a fixed order.
  var counts: [[String]]
  var parameters: [Parameter]
  var outputs: [Output]
  var objectives: [Objective]
  var constraints: [Constraint]
  var omitted: [String]
  var own: [String]
  var rows: Rows
  /// Rows that the page has in any case: the front, the nearest, the first.
  var kept: [Column]
  var front: Column
  /// How many designs the front has, of which `front` is an even part when they are too many.
  var frontTotal: Int
  var best: UInt64?
  var chosen: UInt64?
  var nearest: Nearest?
  var baselines: [Baseline]
  var bins: Bins
  var improvements: Series
  var hypervolume: Series?
  var times: Times
  var cost, wall, elapsed: Double
  var telemetry: Telemetry
  var failures: [Failure]
  var health: [HealthCheck]
  var insights: Insights?
  var pictures: Pictures?
}
