import DMOCore
import DMOSurrogates

/// Moves a population on a joint surrogate towards better *and* feasible, inside trust regions.
///
/// A point's direction is g_V / ‖g_V‖ + κ g_C / ‖g_C‖: the gradient of the set's hypervolume (or of a Chebyshev
/// scalar, see
/// `SetGradient`) and that of the constraints' focal log-probability and violated margins, balanced by their norms as
/// in
/// Gressmann et al. (arXiv 2603.20984), yet point by point. κ is 1 where feasibility is unlikely, and small elsewhere.
/// Adam takes the steps; all points move together, two backward passes of the ensemble a step.
struct UnifiedGradient {
  let model: JointModel
  /// Losses are normalised by these; shape (objectives).
  let ideal: [Double]
  let range: [Double]
  /// Normalised losses of points that are known or awaited, which take part in the hypervolume but do not move.
  let front: [[Double]]
  let reference: [Double]
  /// While no feasible point is known, feasibility comes first and losses hardly count.
  let isFeasibilityFirst: Bool
  let isPeriodic: [Bool]

  private static let unlikely = 0.5
  private static let kappa = (unlikely: 1.0, likely: 0.1)
  private static let lossShare = 0.1
  private static let smallest = 1e-300

  /// Downhill directions in the unit cube; shape (points, dimension).
  func directions(_ z: [[Double]], preferences: [[Double]]) -> [[Double]] {
    let views = model.views(z)
    let (m, k) = (model.objectives, model.constraints)
    let losses = views.map { v in (0..<m).map { (v.mean[$0] - ideal[$0]) / range[$0] } }
    let bars = SetGradient.cotangents(losses, fixed: front, reference: reference, preferences: preferences)
    var values = JointPrediction(
      values: [Double](repeating: 0, count: z.count * (m + k)),
      feasibility: [Double](repeating: 0, count: z.count * k), crash: [Double](repeating: 0, count: z.count))
    for r in z.indices { for j in 0..<m { values.values[r * (m + k) + j] = bars[r][j] / range[j] } }
    let volume = model.gradients(z, values)
    let feasible = model.gradients(z, model.feasibilityBars(z))
    return z.indices.map { r in
      let isLikely = views[r].feasible >= Self.unlikely
      let weight = isLikely ? Self.kappa.likely : Self.kappa.unlikely
      return Self.balanced(volume[r], feasible[r], weight: weight, lossShare: isFeasibilityFirst ? Self.lossShare : 1)
    }
  }

  /// lossShare · a/‖a‖ + weight · b/‖b‖; a part without a direction, or with one that is not finite, is left out.
  static func balanced(_ a: [Double], _ b: [Double], weight: Double, lossShare: Double) -> [Double] {
    func unit(_ v: [Double]) -> [Double] {
      let norm = v.reduce(0) { $0 + $1 * $1 }.squareRoot()
      return norm > smallest && norm.isFinite ? v.map { $0 / norm } : v.map { _ in 0 }
    }
    return zip(unit(a), unit(b)).map { lossShare * $0 + weight * $1 }
  }

  /// A population after some steps, and where it passed on the way.
  /// - Parameters:
  ///   - sides: half the trust region of each coordinate; shape (dimension).
  ///   - trace: after how many steps the points are noted.
  func descend(_ start: [[Double]], sides: [Double], preferences: [[Double]], trace: [Int]) -> [[Double]] {
    var z = start
    var adam = [AdamState](repeating: AdamState(), count: z.count)
    var passed: [[Double]] = []
    for step in 1...(trace.max() ?? 1) {
      let g = directions(z, preferences: preferences)
      for i in z.indices {
        let move = adam[i].step(g[i])
        for j in z[i].indices {
          // A twelfth of the region a step: it may be crossed, and the end is not overshot by much.
          let target = z[i][j] + move[j] * sides[j] / 6
          let inside = min(max(target, start[i][j] - sides[j]), start[i][j] + sides[j])
          z[i][j] = isPeriodic[j] ? inside : min(max(inside, 0), 1)
        }
      }
      if trace.contains(step) { passed += z }
    }
    return passed.map { row in row.indices.map { isPeriodic[$0] ? row[$0] - row[$0].rounded(.down) : row[$0] } }
  }
}
