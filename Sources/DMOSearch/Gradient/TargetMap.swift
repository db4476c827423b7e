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

  /// `auto` learns observed outputs up to so many: thousands cost a surrogate much more than they were seen to bring
  /// (docs/benchmarks.md).
  static let observedLimit = 256

  /// - Throws: `SearchError.badOption` when observed outputs are to be learnt and the problem has no exact reverse.
  init(_ target: TrainingTarget, _ setup: SearchSetup) throws(SearchError) {
    goals = setup.goals
    space = setup.space
    outputs = setup.outputs
    let positions =
      setup.composite == nil
      ? [] : setup.outputs.outputs.enumerated().flatMap { k, o -> [Int] in
        o.role == .observe ? Array(setup.outputs.offsets[k]..<setup.outputs.offsets[k] + o.width) : []
      }
    let isObserved = target == .observed || (target == .auto && (1...Self.observedLimit).contains(positions.count))
    composite = isObserved ? setup.composite : nil
    observed = isObserved ? positions : []
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

  /// The same of a point that is known.
  func targets(_ point: KnownPoint) -> [Double] {
    let values =
      observed.isEmpty
      ? point.losses + point.violations
      : observed.map { i in point.status.hasOutputs ? point.answer.map { $0.y[i] } ?? .nan : .nan }
    return values.map { $0.isFinite ? $0 : .nan }
  }

  /// What a row of targets would mean as an answer at z, everything else as at `point`; nil where it is not finite.
  func point(_ row: [Double], z: [Double], like point: KnownPoint) throws -> KnownPoint? {
    guard row.allSatisfy(\.isFinite) else { return nil }
    var result = point
    result.z = z
    guard let composite, var y = point.answer?.y else {
      result.losses = Array(row.prefix(goals.objectives.count))
      result.violations = Array(row.dropFirst(goals.objectives.count))
      return result
    }
    let x = space.decode(z)
    for (k, i) in observed.enumerated() { y[i] = row[k] }
    try composite.compose(rows: 1, x: x, y: &y)
    result.answer = (x, y)
    (result.losses, result.violations) = (goals.losses(y), goals.violations(y))
    return result.losses.allSatisfy(\.isFinite) ? result : nil
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
    for r in 0..<rows { ybar += goals.pullback(bars[r * width..<(r + 1) * width], y: points[r].y) }
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
