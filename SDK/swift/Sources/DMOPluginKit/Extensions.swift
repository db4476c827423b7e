/// A simulator that knows good points: `dmo.reference/1`. Never shown to a trainer.
public protocol ReferenceSimulator: Simulation {
  /// The points of this instance, with its options. Asked for once.
  func references() -> [ReferencePoint]
}

/// A simulator with exact derivatives: `dmo.gradient/1`.
public protocol GradientSimulator: Simulation {
  /// Writes xbar = J(x)ᵀ ybar, and the outputs as `evaluate` does.
  ///
  /// - Parameters:
  ///   - point: x, and room for the outputs.
  ///   - ybar: one number for each of `point.y`; entries that are 0 need no work.
  ///   - xbar: one number for each of `point.x`, holding 0 on entry; leave it 0 for integers and categories.
  func vjp(_ point: Evaluation, ybar: UnsafeBufferPointer<Double>, xbar: UnsafeMutableBufferPointer<Double>) throws
}

/// A simulator that also has directional derivatives.
public protocol ForwardGradientSimulator: GradientSimulator {
  /// Writes ydot = J(x) xdot, and the outputs as `evaluate` does.
  func jvp(_ point: Evaluation, xdot: UnsafeBufferPointer<Double>, ydot: UnsafeMutableBufferPointer<Double>) throws
}

/// A simulator that is faster at many points together: `dmo.batch/1`.
public protocol BatchSimulator: Simulation {
  /// The batch size that suits it best; 0: any. It must take every size.
  static var preferredBatchSize: Int { get }

  /// Evaluates every point of the batch and reports each: the same answers as single calls, to the bit.
  ///
  /// - Throws: only what spoils the batch as a whole; then the host uses none of its answers.
  func evaluate(_ batch: Batch) throws
}

/// A simulator whose goals and bounds are a cheap function J of x and the observed outputs: `dmo.composite/1`.
public protocol CompositeSimulator: Simulation {
  /// For each row: from x and the observed entries of y computes all other entries of y, in place, as `evaluate` gives
  /// them.
  ///
  /// - Parameters:
  ///   - count: how many rows.
  ///   - x: `count` rows of the parameters' numbers, row major.
  ///   - y: `count` rows of the outputs' numbers, row major. NaN in gives NaN out.
  func compose(count: Int, x: UnsafeBufferPointer<Double>, y: UnsafeMutableBufferPointer<Double>) throws
}

/// A composite with its derivatives.
public protocol GradientCompositeSimulator: CompositeSimulator {
  /// For each row: reads ybar where y is not observed, adds to zbar where it is, and to xbar J's direct part.
  ///
  /// - Parameters:
  ///   - count: how many rows; all arrays are row major.
  ///   - x: the parameters' numbers.
  ///   - y: the outputs' numbers, as `compose` left them.
  ///   - ybar: derivatives with respect to all outputs.
  ///   - zbar: derivatives with respect to the observed outputs, shaped as y; added to.
  ///   - xbar: derivatives with respect to the parameters, added to; `nil` where the host does not want them.
  func composeVJP(
    count: Int, x: UnsafeBufferPointer<Double>, y: UnsafeBufferPointer<Double>, ybar: UnsafeBufferPointer<Double>,
    zbar: UnsafeMutableBufferPointer<Double>, xbar: UnsafeMutableBufferPointer<Double>?) throws
}
