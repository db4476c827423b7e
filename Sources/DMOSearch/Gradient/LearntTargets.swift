import DMOCore

/// What the surrogate learns of an answer: losses and violations, or, where the plugin offers the exact goals as a function
/// of its observed outputs, these outputs, so that only the unknown part of the problem is learnt (J(g(x)), arXiv
/// 2501.19161).
struct LearntTargets {
  enum Choice: String, CaseIterable { case auto, goals, outputs }

  /// A cotangent of the goals as the surrogate needs it.
  struct Cotangent {
    /// Of the learnt targets; shape (count).
    var targets: [Double]
    /// What the goals depend on x directly, in the unit cube; shape (dimension). Empty: not at all.
    var direct: [Double]
  }

  private let space: SearchSpace
  private let goals: Goals
  private let composite: (any Composite)?
  /// Positions in y of what is learnt, with a composite.
  private let observed: [Int]
  let count: Int
  /// Whether points must remember x and y.
  var needsOutputs: Bool { composite != nil }

  /// - Parameter learns: false for the exact gradient, which is one of the goals.
  /// - Throws: `SearchError.badOption` when outputs are wanted and the plugin offers no composite, or nothing learns.
  init(_ choice: Choice, _ setup: SearchSetup, learns: Bool) throws(SearchError) {
    (space, goals) = (setup.space, setup.goals)
    observed = setup.outputs.outputs.indices.filter { setup.outputs.outputs[$0].role == .observe }.flatMap { k in
      let first = setup.outputs.offsets[k]
      return Array(first..<first + setup.outputs.outputs[k].width)
    }
    let wanted: (any Composite)? = choice == .goals || observed.isEmpty || !learns ? nil : setup.composite
    if choice == .outputs && wanted == nil {
      throw SearchError(
        .badOption,
        "learn=outputs needs a plugin that computes its goals from observed outputs (extension dmo.composite/1) and a "
          + "trainer that learns: leave it out, or write learn=goals")
    }
    // An observed output that is itself a goal or a bound of this study could not be told from its exact twin.
    let aims = Set(goals.objectives.map(\.index) + goals.constraints.map(\.index))
    composite = observed.contains(where: aims.contains) ? nil : wanted
    count = composite == nil ? goals.objectives.count + goals.constraints.count : observed.count
  }

  /// A row of the data set; NaN where nothing is known. Shape (count).
  func row(losses: [Double], violations: [Double], y: [Double]) -> [Double] {
    let values = composite == nil ? losses + violations : observed.map { y[$0] }
    return values.map { $0.isFinite ? $0 : .nan }
  }

  /// - Parameter bars: of losses, then violations; each of shape (objectives + constraints).
  /// - Returns: one for each; NaN where the plugin fails.
  func cotangents(_ bars: [[Double]], at point: KnownPoint) -> [Cotangent] {
    guard let composite else { return bars.map { Cotangent(targets: $0, direct: []) } }
    let (n, m) = (point.x.count, point.y.count)
    var zbar = [Double](repeating: 0, count: bars.count * m)
    var xbar = [Double](repeating: 0, count: bars.count * n)
    let failed = Cotangent(targets: Array(repeating: .nan, count: count), direct: [])
    do {
      try composite.composeVJP(
        rows: bars.count, x: bars.flatMap { _ in point.x }, y: bars.flatMap { _ in point.y },
        ybar: bars.flatMap { goals.pullback($0, y: point.y) }, zbar: &zbar, xbar: &xbar)
    } catch { return bars.map { _ in failed } }
    return bars.indices.map { r in
      Cotangent(
        targets: observed.map { zbar[r * m + $0] }, direct: space.chain(Array(xbar[r * n..<(r + 1) * n]), at: point.x))
    }
  }

  /// What a row of targets would mean as an answer at z; nil where it is not finite or the plugin fails.
  /// - Parameter point: the answered point whose other properties the new one takes over.
  func point(_ row: [Double], z: [Double], like point: KnownPoint) -> KnownPoint? {
    guard row.allSatisfy(\.isFinite) else { return nil }
    var result = point
    result.z = z
    guard let composite else {
      result.losses = Array(row.prefix(goals.objectives.count))
      result.violations = Array(row.dropFirst(goals.objectives.count))
      return result
    }
    result.x = space.decode(z)
    for (k, i) in observed.enumerated() { result.y[i] = row[k] }
    do { try composite.compose(rows: 1, x: result.x, y: &result.y) } catch { return nil }
    result.losses = goals.losses(result.y)
    result.violations = goals.violations(result.y)
    return result.losses.allSatisfy(\.isFinite) ? result : nil
  }
}
