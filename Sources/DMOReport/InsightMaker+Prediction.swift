import DMOCore
import DMOSearch
import DMOSurrogates

extension InsightMaker {
  /// What a surrogate says of points, in the targets' units; shapes (targets)(points) and (points).
  struct Prediction {
    var mean, low, high: [[Double]]
    var feasibility: [Double]
  }

  /// Objectives, then constraints.
  var targets: [Insights.Target] {
    let outputs = digest.description.spec.outputs
    func unit(_ index: Int) -> String {
      outputs.offsets.lastIndex { $0 <= index }.map { outputs.outputs[$0].unit } ?? ""
    }
    return goals.objectives.map {
      Insights.Target(label: $0.label, unit: unit($0.index), isConstraint: false, lower: nil, upper: nil)
    }
      + goals.constraints.map {
        // Between two bounds the surrogate knows the violation alone.
        let isOneSided = $0.lower == nil || $0.upper == nil
        return Insights.Target(
          label: isOneSided ? $0.label : "violation of \($0.label)", unit: isOneSided ? unit($0.index) : "",
          isConstraint: true, lower: isOneSided ? $0.lower : nil, upper: isOneSided ? $0.upper : 0)
      }
  }

  /// A loss or a violation in the output's unit: the inverse of `Goals.losses` and `Goals.violations`.
  func value(_ t: Double, of target: Int) -> Double {
    if target < goals.objectives.count { return goals.objectives[target].maximize ? -t : t }
    let c = goals.constraints[target - goals.objectives.count]
    switch (c.lower, c.upper) {
    case (let lower?, nil): return lower - c.scale * t
    case (nil, let upper?): return upper + c.scale * t
    default: return t
    }
  }

  /// - Parameter points: canonical values; shape (points)(space.dimension).
  func predict(_ points: [[Double]], _ surrogate: any FeasibilitySurrogate) -> Prediction {
    // Rows of a data set without answers: the same encoding as that of what was learnt.
    let unknown = EvaluationResult(id: 0, status: .failed, y: [])
    let z = space.dataset(goals, points.map { Observation(x: $0, result: unknown) }).inputs
    let (n, m) = (points.count, surrogate.outputCount)
    let all = surrogate.joint(rows: n, z: z)
    let members = surrogate.eachMember(rows: n, z: z).map(\.values)
    func column(_ values: [Double], _ j: Int) -> [Double] { (0..<n).map { value(values[$0 * m + j], of: j) } }
    var result = Prediction(mean: [], low: [], high: [], feasibility: [])
    for j in 0..<m {
      let mean = column(all.values, j)
      var (low, high) = (mean, mean)
      for member in members {
        for (r, v) in column(member, j).enumerated() { (low[r], high[r]) = (min(low[r], v), max(high[r], v)) }
      }
      result.mean.append(mean)
      result.low.append(low)
      result.high.append(high)
    }
    let c = surrogate.constraintCount
    // Constraints and the lack of an answer are taken as independent.
    result.feasibility = (0..<n).map { r in
      (0..<c).reduce(1 - all.crash[r]) { $0 * all.feasibility[r * c + $1] }
    }
    return result
  }

  /// Learns from four fifths, and compares what it says of the last fifth with what came.
  func judge(_ observations: [Observation], _ insights: inout Insights) throws {
    let held = observations.indices.filter { $0 % Self.holdOut == Self.holdOut - 1 }.map { observations[$0] }
    let known = observations.indices.filter { $0 % Self.holdOut != Self.holdOut - 1 }.map { observations[$0] }
    guard held.contains(where: { $0.result.status == .ok }), known.contains(where: { $0.result.status == .ok }) else {
      return
    }
    guard let surrogate = try learn(known, "parity") else { return }
    insights.heldOut = held.count
    let prediction = predict(held.map(\.x), surrogate)
    let classes = held.map { PointClass($0.result, goals) }
    for (j, target) in insights.targets.enumerated() {
      let truths = held.map { o -> Double in
        guard o.result.status.hasOutputs, !o.result.y.isEmpty else { return .nan }
        return value((goals.losses(o.result.y) + goals.violations(o.result.y))[j], of: j)
      }
      let rows = truths.indices.filter { truths[$0].isFinite }
      insights.parity.append(
        Self.parity(
          target, truths: rows.map { truths[$0] }, predicted: rows.map { prediction.mean[j][$0] },
          classes: rows.map { classes[$0] }))
    }
    insights.calibration = Self.calibration(prediction.feasibility, classes.map { $0 == .feasible })
  }

  private static func parity(
    _ target: Insights.Target, truths: [Double], predicted: [Double], classes: [PointClass]
  ) -> Insights.Parity {
    let n = Double(truths.count)
    let errors = zip(truths, predicted).map { $0 - $1 }
    let squares = errors.reduce(0) { $0 + $1 * $1 }
    let mean = truths.reduce(0, +) / n
    let spread = truths.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    return Insights.Parity(
      label: target.label, unit: target.unit, truth: Column(truths), predicted: Column(predicted),
      classes: Column(classes.map { Double($0.rawValue) }),
      mae: truths.isEmpty ? nil : errors.reduce(0) { $0 + abs($1) } / n,
      rmse: truths.isEmpty ? nil : (squares / n).squareRoot(), r2: spread > 0 ? 1 - squares / spread : nil)
  }

  /// In bins of a tenth; nil without answers.
  static func calibration(_ probabilities: [Double], _ isFeasible: [Bool]) -> Insights.Calibration? {
    guard !probabilities.isEmpty else { return nil }
    var sums = [(p: Double, hits: Double, n: Double)](repeating: (0, 0, 0), count: 10)
    var brier = 0.0
    for (p, hit) in zip(probabilities, isFeasible) {
      let k = min(max(Int(p * 10), 0), 9)
      sums[k] = (sums[k].p + p, sums[k].hits + (hit ? 1 : 0), sums[k].n + 1)
      brier += (p - (hit ? 1 : 0)) * (p - (hit ? 1 : 0))
    }
    let used = sums.filter { $0.n > 0 }
    let n = Double(probabilities.count)
    let share = Double(isFeasible.filter(\.self).count) / n
    return Insights.Calibration(
      predicted: Column(used.map { $0.p / $0.n }), observed: Column(used.map { $0.hits / $0.n }),
      count: Column(used.map(\.n)), brier: brier / n, constant: share * (1 - share))
  }
}
