#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// What a point is worth while none is known that meets every constraint: the chance that it is answered at all, times
/// what it is expected to come nearer than the best known point.
///
/// The chance multiplies, since an answer that fails teaches nothing of the constraints, however near they seem there.
struct FeasibilityMerit {
  /// The smallest shortfall among the answered points, as the model sees them, so that its errors cancel.
  private let best: Double
  /// The doubt about a shortfall.
  private let doubt: Double

  private static let relativeDoubt = 0.1
  private static let smallest = 1e-12

  /// - Parameter answered: views of known points with an answer.
  init(answered: [JointModel.View]) {
    best = answered.map(\.shortfall).min() ?? 1
    doubt = max(Self.relativeDoubt * best, Self.smallest)
  }

  /// Positive; a smoothed max(best − shortfall, 0) times the probability of an answer.
  func callAsFunction(_ view: JointModel.View) -> Double {
    let t = (best - view.shortfall) / doubt
    let gain = doubt * (t > 30 ? t : log1p(exp(t)))
    return max(exp(view.logAnswer) * gain, 1e-300)
  }
}
