import DMOCore
import DMOSurrogates

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// What the surrogate learns of an answer, and how gradients of losses and violations come back to it.
///
/// Either the losses and violations themselves, or the problem's observed outputs: then the exact goals and bounds
/// J(x, observed) are applied by the problem's `Composite`, and its reverse brings d/dJ to d/d observed and d/dx.
struct TargetMap {
  private let goals: Goals
  private let space: SearchSpace
  private let outputs: OutputSpace
  private let composite: (any Composite)?
  /// Positions in y of what is learnt; empty when losses and violations are.
  private let observed: [Int]

  /// Whether `pullback` looks at points and answers.
  var needsAnswers: Bool { composite != nil }
  /// How many numbers the surrogate learns.
  let count: Int

  /// - Throws: `SearchError.badOption` when observed outputs are to be learnt and the problem has no exact reverse.
  init(_ target: TrainingTarget, _ setup: SearchSetup) throws(SearchError) {
    goals = setup.goals
    space = setup.space
    outputs = setup.outputs
    let isObserved = target == .observed
    composite = isObserved ? setup.composite : nil
    observed =
      isObserved
      ? setup.outputs.outputs.enumerated().flatMap { k, o -> [Int] in
        o.role == .observe ? Array(setup.outputs.offsets[k]..<setup.outputs.offsets[k] + o.width) : []
      } : []
    count = isObserved ? observed.count : goals.objectives.count + goals.constraints.count
    guard !isObserved || (composite != nil && !observed.isEmpty) else {
      throw SearchError(
        .badOption,
        "--trainer-set target=observed: the problem does not tell how its goals follow from observed outputs "
          + "(dmo.composite/1 with compose_vjp): leave the option out")
    }
  }

  /// What is learnt of an answer; NaN where nothing is known. Shape (count).
  func targets(_ result: EvaluationResult) -> [Double] {
    guard result.status.hasOutputs else { return [Double](repeating: .nan, count: count) }
    let values = observed.isEmpty ? goals.losses(result.y) + goals.violations(result.y) : observed.map { result.y[$0] }
    return values.map { $0.isFinite ? $0 : .nan }
  }

  /// Cotangents of losses and violations to those of what is learnt, and what depends on x directly.
  /// - Parameters: `bars` row major, shape (rows, objectives + constraints); `points` the row's point and answer.
  /// - Returns: shapes (rows, count), and (rows, space.dimension) in unit-cube coordinates or empty when all 0.
  func pullback(
    rows: Int, bars: [Double], points: [(x: [Double], y: [Double])]
  ) throws -> (seeds: [Double], direct: [Double]) {
    guard let composite else { return (bars, []) }
    let (m, n) = (outputs.dimension, space.space.dimension)
    let width = goals.objectives.count + goals.constraints.count
    var ybar: [Double] = []
    for r in 0..<rows { ybar += cotangent(bars[r * width..<(r + 1) * width], y: points[r].y) }
    // A goal that the user put on an observed output goes there without a detour.
    var zbar = [Double](repeating: 0, count: rows * m)
    for r in 0..<rows { for i in observed { zbar[r * m + i] = ybar[r * m + i] } }
    var xbar = [Double](repeating: 0, count: rows * n)
    try composite.composeVJP(
      rows: rows, x: points.flatMap(\.x), y: points.flatMap(\.y), ybar: ybar, zbar: &zbar, xbar: &xbar)
    let seeds = (0..<rows).flatMap { r in observed.map { zbar[r * m + $0] } }
    let direct = (0..<rows).flatMap { r in
      space.free.map { xbar[r * n + $0] * rate(of: points[r].x[$0], at: $0) }
    }
    return (seeds, direct)
  }

  /// d/dy of one row of losses and violations; shape (outputs.dimension).
  private func cotangent(_ bar: ArraySlice<Double>, y: [Double]) -> [Double] {
    var result = [Double](repeating: 0, count: outputs.dimension)
    for (j, objective) in goals.objectives.enumerated() {
      result[objective.index] += (objective.maximize ? -1 : 1) * bar[bar.startIndex + j]
    }
    for (j, c) in goals.constraints.enumerated() {
      let value = bar[bar.startIndex + goals.objectives.count + j] / c.scale
      let below = c.lower.map { $0 - y[c.index] } ?? -.infinity
      let above = c.upper.map { y[c.index] - $0 } ?? -.infinity
      result[c.index] += below > above ? -value : value
    }
    return result
  }

  /// dx/dz of a coordinate, 0 where x is one of a few values.
  private func rate(of x: Double, at i: Int) -> Double {
    let p = space.space.parameter(at: i)
    switch p.kind {
    case .categorical, .boolean: return 0
    default: break
    }
    return p.scale == .log ? x * log(p.max / p.min) : p.max - p.min
  }
}
