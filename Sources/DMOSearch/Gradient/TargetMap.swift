import DMOCore
import DMOSurrogates

/// What the surrogate learns of an answer, and how gradients of losses and violations come back to it.
///
/// Either the losses and violations themselves, or the problem's observed outputs: then the exact goals and bounds
/// J(x, observed) are applied by the problem's `Composite`, and its reverse brings d/dJ to d/d observed and d/dx.
struct TargetMap {
  private let goals: Goals
  /// Nil when losses and violations are learnt.
  private let composition: Composition?

  /// Whether `pullback` looks at points and answers.
  var needsAnswers: Bool { composition != nil }
  /// How many numbers the surrogate learns.
  let count: Int

  /// - Throws: `SearchError.badOption` when observed outputs are to be learnt and the problem does not tell how.
  init(_ target: TrainingTarget, _ setup: SearchSetup) throws(SearchError) {
    goals = setup.goals
    composition = try setup.composition(for: target)
    count = composition?.observed.count ?? goals.objectives.count + goals.constraints.count
  }

  /// What is learnt of an answer; NaN where nothing is known. Shape (count).
  func targets(_ result: EvaluationResult) -> [Double] {
    guard result.status.hasOutputs else { return [Double](repeating: .nan, count: count) }
    let values = composition?.observed.map { result.y[$0] } ?? goals.losses(result.y) + goals.violations(result.y)
    return values.map { $0.isFinite ? $0 : .nan }
  }

  /// The same of a point that is known.
  func targets(_ point: KnownPoint) -> [Double] {
    let values =
      composition?.observed.map { i in point.status.hasOutputs ? point.answer.map { $0.y[i] } ?? .nan : .nan }
      ?? point.losses + point.violations
    return values.map { $0.isFinite ? $0 : .nan }
  }

  /// What a row of targets would mean as an answer at z, everything else as at `point`; nil where it is not finite.
  func point(_ row: [Double], z: [Double], like point: KnownPoint) throws -> KnownPoint? {
    guard row.allSatisfy(\.isFinite) else { return nil }
    var result = point
    result.z = z
    guard let composition, point.answer != nil else {
      result.losses = Array(row.prefix(goals.objectives.count))
      result.violations = Array(row.dropFirst(goals.objectives.count))
      return result
    }
    let x = composition.space.decode(z)
    let y = try composition.answers(rows: 1, x: x, learnt: row, stride: row.count)
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
    guard let composition else { return (bars, []) }
    return try composition.pullback(rows: rows, x: points.flatMap(\.x), y: points.flatMap(\.y), bars: bars)
  }
}
