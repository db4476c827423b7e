#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// What a point is worth while none is known that meets every constraint: the chance that it is answered at all, times
/// what it is expected to come nearer than the best known point, a mean over the members of the ensemble.
///
/// The chance multiplies, since an answer that fails teaches nothing of the constraints, however near they seem there.
struct FeasibilityMerit {
  /// Of each constraint's violation; shape (constraints).
  private let weights: [Double]
  /// The smallest shortfall among the answered points, as the model sees them, so that its errors cancel.
  private let best: Double
  /// The doubt about a shortfall.
  private let doubt: Double
  /// How much nearer a point may come than the model says, for each unit of distance from all that is known.
  private let hope: Double

  private static let relativeDoubt = 0.01
  private static let smallest = 1e-12

  /// - Parameters:
  ///   - answered: views of known points with an answer.
  ///   - optimism: what lies a unit of distance away may be so much nearer, in terms of what half of the known points are
  ///     farther off than the best.
  init(answered: [JointModel.View], weights: [Double], optimism: Double) {
    self.weights = weights
    let known = answered.map { view in
      let all = Self.shortfalls(view, weights)
      return all.reduce(0, +) / Double(max(all.count, 1))
    }.filter(\.isFinite).sorted()
    best = known.first ?? 1
    doubt = max(Self.relativeDoubt * best, Self.smallest)
    hope = known.isEmpty ? 0 : optimism * (known[known.count / 2] - best)
  }

  /// Σ weight · violation as each member sees it, and a little for doubt.
  private static func shortfalls(_ view: JointModel.View, _ weights: [Double]) -> [Double] {
    view.violations.map { zip(weights, $0).reduce(view.doubtfulness) { $0 + $1.0 * $1.1 } }
  }

  /// Σ weight · violation of an answer. - Parameter margins: shape (constraints).
  func violation(_ margins: [Double]) -> Double { zip(weights, margins).reduce(0) { $0 + $1.0 * max($1.1, 0) } }

  /// Positive; a smoothed max(best − shortfall, 0) times the probability of an answer.
  /// - Parameter novelty: distance from all that is known.
  func callAsFunction(_ view: JointModel.View, novelty: Double) -> Double {
    let near = novelty.isFinite ? hope * novelty : 0
    let all = Self.shortfalls(view, weights)
    let gain = all.reduce(0) { sum, shortfall in
      let t = (best - max(shortfall - near, 0)) / doubt
      return sum + doubt * (t > 30 ? t : log1p(exp(t)))
    }
    let merit = exp(view.logAnswer) * gain / Double(max(all.count, 1))
    return merit.isNaN ? Self.least : max(merit, Self.least)
  }

  private static let least = 1e-300
}
