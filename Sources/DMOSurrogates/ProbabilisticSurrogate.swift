/// A surrogate that knows how sure it is. Immutable.
public protocol ProbabilisticSurrogate: Surrogate {
  /// Mean and variance of what the simulator would answer, noise left out, in the targets' units (and their squares).
  /// - Parameters:
  ///   - rows: how many points.
  ///   - z: row major, shape (rows, inputCount).
  /// - Returns: row major, shapes (rows, outputCount).
  func posterior(rows: Int, z: [Double]) -> (mean: [Double], variance: [Double])

  /// One point's posterior and the gradient of a scalar of it, in one pass.
  /// - Parameters:
  ///   - z: shape (inputCount).
  ///   - cotangents: from mean and variance, shapes (outputCount), to the scalar's derivatives with respect to them.
  /// - Returns: the scalar's gradient with respect to z; shape (inputCount).
  func posteriorGradient(
    z: [Double], _ cotangents: (_ mean: [Double], _ variance: [Double]) -> (mean: [Double], variance: [Double])
  ) -> [Double]

  /// The surrogate after it was told its own mean at some points, so that it is sure there while answers are awaited
  /// ("kriging believer", Ginsbourger, Le Riche & Carraro 2010).
  /// - Parameters:
  ///   - rows: how many points.
  ///   - z: row major, shape (rows, inputCount).
  func believing(rows: Int, z: [Double]) -> any ProbabilisticSurrogate
}
