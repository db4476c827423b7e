import DMOCore
import DMOSurrogates

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A joint surrogate as the search sees it: coordinates in, losses and the chance of feasibility out.
struct JointModel {
  let surrogate: any FeasibilitySurrogate
  let features: FeatureMap
  let objectives: Int
  /// Whether both kinds of each constraint are known, so that its classifier has something to say; shape (constraints).
  let isClassified: [Bool]
  /// Spread of each constraint's known margins; shape (constraints).
  let marginScale: [Double]
  var constraints: Int { isClassified.count }

  /// What the surrogate says of one point.
  struct View {
    /// Each member's losses; shape (members, objectives).
    var losses: [[Double]]
    var mean: [Double]
    /// Margins over their scales; shape (constraints).
    var margins: [Double]
    /// Probability of an answer that meets every constraint, and its logarithm.
    var logFeasible: Double
    /// Logarithm of the probability of an answer, whatever it is.
    var logAnswer: Double
    var feasible: Double { exp(logFeasible) }
    var violation: Double { margins.reduce(0) { $0 + max($1, 0) } }
    /// Each member's violations in the goals' scales, 0 where a constraint is met; shape (members, constraints).
    var violations: [[Double]]
    /// Counts a little beside the violations: how doubtful it is that an answer is feasible.
    var doubtfulness: Double { 0.1 * (logAnswer - logFeasible) }
  }

  private static let smallest = 1e-6

  func views(_ z: [[Double]]) -> [View] {
    guard !z.isEmpty else { return [] }
    let rows = z.flatMap { features.encode($0) }
    let members = surrogate.eachMember(rows: z.count, z: rows)
    let (m, k) = (objectives, constraints)
    let share = 1 / Double(members.count)
    return z.indices.map { r in
      let losses = members.map { Array($0.values[r * (m + k)..<r * (m + k) + m]) }
      let mean = (0..<m).map { j in losses.reduce(0) { $0 + $1[j] } * share }
      let margins = (0..<k).map { j in
        surrogate.tellsMargins ? members.reduce(0) { $0 + $1.values[r * (m + k) + m + j] } * share / marginScale[j] : 0
      }
      let logAnswer = log(max(1 - members.reduce(0) { $0 + $1.crash[r] } * share, Self.smallest))
      var logFeasible = logAnswer
      for j in 0..<k {
        let classified = members.reduce(0) { $0 + $1.feasibility[r * k + j] } * share
        var p = classified
        if surrogate.tellsMargins {
          p = MarginOdds.probability(margins[j], members.map { $0.values[r * (m + k) + m + j] / marginScale[j] })
          // A classifier knows of all answers, the margins of those nearby: each corrects the other.
          if isClassified[j] { p = (p * classified).squareRoot() }
        }
        logFeasible += log(max(p, Self.smallest))
      }
      return View(
        losses: losses, mean: mean, margins: margins, logFeasible: logFeasible, logAnswer: logAnswer,
        violations: members.map { p in (0..<k).map { surrogate.tellsMargins ? max(p.values[r * (m + k) + m + $0], 0) : 0 } })
    }
  }

  /// P(margin ≤ 0) from the members' spread.
  private enum MarginOdds {
    /// As a part of the margins' own spread.
    private static let leastSpread = 0.03

    static func probability(_ mean: Double, _ members: [Double]) -> Double {
      let variance = members.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(max(members.count - 1, 1))
      // A few members underestimate their spread.
      let sd = (variance + leastSpread * leastSpread).squareRoot()
      return 0.5 * erfc(mean / sd / 2.0.squareRoot())
    }
  }

  /// The direction that lowers −log P(feasible), focally weighted so that what is met already hardly pulls
  /// (−(1 − p)² log p; Lin et al. 2017), plus the violated margins. Downhill cotangents; one row a point.
  func feasibilityBars(_ z: [[Double]]) -> JointPrediction {
    let rows = z.flatMap { features.encode($0) }
    let p = surrogate.joint(rows: z.count, z: rows)
    let (m, k) = (objectives, constraints)
    var bar = JointPrediction(
      values: [Double](repeating: 0, count: z.count * (m + k)),
      feasibility: [Double](repeating: 0, count: z.count * k), crash: [Double](repeating: 0, count: z.count))
    func focal(_ p: Double) -> Double {
      let q = max(p, Self.smallest)
      return 2 * (1 - q) * log(q) - (1 - q) * (1 - q) / q
    }
    for r in z.indices {
      for j in 0..<k {
        if isClassified[j] { bar.feasibility[r * k + j] = focal(p.feasibility[r * k + j]) }
        if p.values[r * (m + k) + m + j] > 0 { bar.values[r * (m + k) + m + j] = 1 / marginScale[j] }
      }
      bar.crash[r] = -focal(1 - p.crash[r])
    }
    return bar
  }

  /// Gradients of Σ bar · prediction with respect to the coordinates; shape (points, dimension).
  func gradients(_ z: [[Double]], _ bar: JointPrediction) -> [[Double]] {
    let flat = surrogate.jointGradient(rows: z.count, z: z.flatMap { features.encode($0) }, bar: bar)
    let n = features.count
    return z.indices.map { features.pullback(flat[$0 * n..<($0 + 1) * n], at: z[$0]) }
  }

  /// √ of the mean square slope of every coordinate over some points, outputs in their spreads; largest 1.
  func sensitivities(_ z: [[Double]], scales: [Double]) -> [Double] {
    let (m, n) = (surrogate.outputCount, features.count)
    let jacobian = surrogate.jacobian(rows: z.count, z: z.flatMap { features.encode($0) })
    var sums = [Double](repeating: 0, count: z.first?.count ?? 0)
    for r in z.indices {
      for c in 0..<m where scales[c] > 0 {
        let at = (r * m + c) * n
        for (i, g) in features.pullback(jacobian[at..<at + n], at: z[r]).enumerated() {
          sums[i] += g * g / (scales[c] * scales[c])
        }
      }
    }
    let largest = sums.max() ?? 0
    return sums.map { largest > 0 && largest.isFinite ? ($0 / largest).squareRoot() : 1 }
  }
}
