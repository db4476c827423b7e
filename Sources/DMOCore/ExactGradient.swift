/// A problem's own exact derivative, where its plugin offers one (`dmo.gradient/1`).
///
/// Reaches trainers and strategies as a value, so that none of them ever sees a plugin.
public protocol ExactGradient: AnyObject, Sendable {
  /// The outputs at x, and Jᵀ(x) ȳ: the gradient of Σ ȳ·y(x) with respect to x, in the parameters' units. Blocks; costs
  /// the plugin about two evaluations.
  /// - Parameters:
  ///   - x: canonical values; shape (space.dimension).
  ///   - ybar: shape (outputs.dimension).
  /// - Returns: nil when the plugin gave no answer there.
  func vjp(x: [Double], ybar: [Double]) -> (y: [Double], xbar: [Double])?
}
