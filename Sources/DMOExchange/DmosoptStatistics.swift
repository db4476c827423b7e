import DMOCore

/// The table `stats` of an epoch: how long all evaluations up to it took, in seconds.
struct DmosoptStatistics {
  /// In dmosopt's order. Timings that dmo does not take (`init_sampling`, `model_init`, `results_collected`) are NaN.
  static let names = [
    "cvar_actual_over_estd_time_per_call", "eval_max", "eval_mean", "eval_median", "eval_min", "eval_std", "eval_sum",
    "init_sampling", "mean_time_per_call", "model_init", "results_collected", "stdev_time_per_call",
    "total_evaluation_time",
  ]
  /// With more epochs than this only the last one's table is written: each needs all times sorted.
  private static let epochLimit = 64

  private var epoch: UInt32?
  private var epochCount = 0
  /// What the simulator says it cost, else the call's duration; and the call's duration.
  private var costs: [Float] = []
  private var walls: [Float] = []

  /// - Returns: the statistics of the epoch before, if this one is another.
  mutating func begin(_ next: UInt32) -> (epoch: UInt32, values: [Double])? {
    defer { epoch = next }
    guard let epoch, epoch != next else { return nil }
    epochCount += 1
    return epochCount <= Self.epochLimit ? (epoch, values) : nil
  }

  mutating func add(_ result: EvaluationResult) {
    costs.append(Float(result.costSeconds.isNaN ? result.wallSeconds : result.costSeconds))
    walls.append(Float(result.wallSeconds))
  }

  /// The statistics of the last epoch; nil when there was none.
  func end() -> (epoch: UInt32, values: [Double])? { epoch.map { ($0, values) } }

  private var values: [Double] {
    let (cost, wall) = (Summary(costs), Summary(walls))
    return [
      wall.deviation / wall.mean, cost.max, cost.mean, cost.median, cost.min, cost.deviation, cost.sum, .nan, wall.mean,
      .nan, .nan, wall.deviation, wall.sum,
    ]
  }

  private struct Summary {
    var sum = 0.0, mean = 0.0, deviation = 0.0, min = 0.0, max = 0.0, median = 0.0

    init(_ values: [Float]) {
      let sorted = values.sorted()
      guard let first = sorted.first, let last = sorted.last else { return }
      let n = Double(sorted.count)
      sum = sorted.reduce(0) { $0 + Double($1) }
      mean = sum / n
      deviation = (sorted.reduce(0) { $0 + (Double($1) - mean) * (Double($1) - mean) } / n).squareRoot()
      (min, max) = (Double(first), Double(last))
      let middle = sorted.count / 2
      median = sorted.count % 2 == 1 ? Double(sorted[middle]) : Double(sorted[middle - 1] + sorted[middle]) / 2
    }
  }
}
