import DMOCore

/// The exact derivative of the problem that an evaluator runs. Its calls are not evaluations of a study: no budget counts
/// them, and a stochastic problem is differentiated at one fixed draw (seed 0).
public final class EvaluatorGradient<Source: Evaluator & Sendable>: ExactGradient {
  private let source: Source

  /// - Precondition: the problem has `dmo.gradient/1`.
  public init(_ source: Source) { self.source = source }

  public func vjp(x: [Double], ybar: [Double]) -> (y: [Double], xbar: [Double])? {
    let (result, xbar) = source.vjp(EvaluationRequest(id: 0, x: x), ybar: ybar)
    return xbar.map { (result.y, $0) }
  }
}
