import DMOCore
import DMOSurrogates

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// The way from learnt observed outputs to losses and violations, J(x, observed), and back.
struct Composition: Sendable {
  let space: SearchSpace
  private let goals: Goals
  private let composite: any Composite
  /// Positions in y of what is learnt.
  let observed: [Int]
  /// Numbers of an answer.
  let dimension: Int

  /// Losses and violations.
  var width: Int { goals.objectives.count + goals.constraints.count }

  init(_ composite: any Composite, _ setup: SearchSetup) {
    self.composite = composite
    space = setup.space
    goals = setup.goals
    observed = setup.outputs.observed
    dimension = setup.outputs.dimension
  }

  /// Whole answers.
  /// - Parameters:
  ///   - x: in the parameters' units; shape (rows, space.space.dimension).
  ///   - learnt: shape (rows, stride), each row's first numbers the observed outputs.
  /// - Returns: shape (rows, outputs.dimension).
  func answers(rows: Int, x: [Double], learnt: [Double], stride: Int) throws -> [Double] {
    var y = [Double](repeating: .nan, count: rows * dimension)
    for r in 0..<rows { for (k, i) in observed.enumerated() { y[r * dimension + i] = learnt[r * stride + k] } }
    try composite.compose(rows: rows, x: x, y: &y)
    return y
  }

  /// Losses, then violations, of whole answers; shape (rows, width).
  func judged(rows: Int, y: [Double]) -> [Double] {
    (0..<rows).flatMap { r -> [Double] in
      let row = Array(y[r * dimension..<(r + 1) * dimension])
      return goals.losses(row) + goals.violations(row)
    }
  }

  /// Cotangents of losses and violations to those of the observed outputs, and of the coordinates directly.
  /// - Parameters: `x`, `y` as in `answers`; `bars` of losses and violations, shape (rows, width).
  /// - Returns: shapes (rows, observed.count), and (rows, space.dimension) or empty when all are 0.
  func pullback(rows: Int, x: [Double], y: [Double], bars: [Double]) throws -> (seeds: [Double], direct: [Double]) {
    let (m, n) = (dimension, space.space.dimension)
    var ybar: [Double] = []
    for r in 0..<rows {
      ybar += goals.pullback(bars[r * width..<(r + 1) * width], y: Array(y[r * m..<(r + 1) * m]))
    }
    // A goal that the user put on an observed output goes there without a detour.
    var zbar = [Double](repeating: 0, count: rows * m)
    for r in 0..<rows { for i in observed { zbar[r * m + i] = ybar[r * m + i] } }
    var xbar = [Double](repeating: 0, count: rows * n)
    try composite.composeVJP(rows: rows, x: x, y: y, ybar: ybar, zbar: &zbar, xbar: &xbar)
    let seeds = (0..<rows).flatMap { r in observed.map { zbar[r * m + $0] } }
    guard xbar.contains(where: { $0 != 0 }) else { return (seeds, []) }
    return (seeds, (0..<rows).flatMap { r in space.free.map { xbar[r * n + $0] * rate(of: x[r * n + $0], at: $0) } })
  }

  /// dx/dz of a coordinate, 0 where x is one of a few values.
  private func rate(of x: Double, at i: Int) -> Double {
    let p = space.space.parameter(at: i)
    switch p.kind {
    case .categorical, .boolean: return 0
    default: return p.scale == .log ? x * log(p.max / p.min) : p.max - p.min
    }
  }
}

extension SearchSetup {
  /// `auto` learns observed outputs up to so many: thousands cost a surrogate much more than they were seen to bring
  /// (docs/benchmarks.md).
  static let observedLimit = 256

  /// How goals and bounds follow where the observed outputs are learnt; nil where losses and violations are.
  /// - Throws: `SearchError.badOption` when observed outputs are to be learnt and the problem does not tell how.
  func composition(for target: TrainingTarget) throws(SearchError) -> Composition? {
    let count = composite == nil ? 0 : outputs.observed.count
    guard target == .observed || (target == .auto && (1...Self.observedLimit).contains(count)) else { return nil }
    guard count > 0, let composite else {
      throw SearchError(
        .badOption,
        "--trainer-set target=observed: the problem does not tell how its goals follow from observed outputs "
          + "(dmo.composite/1): leave the option out")
    }
    return Composition(composite, self)
  }
}
