import DMOCore
import DMOSurrogates

extension GradientStrategy {
  /// Inner steps where none are asked for: surrogates of observed outputs keep much more of the problem than one slope.
  private static let defaultInner = 30

  /// How many inner steps each step makes.
  var inner: Int { options.inner ?? (targets.needsAnswers ? Self.defaultInner : 0) }

  /// Inner steps start so long, as a part of the region, and shorten evenly to nothing.
  private static let innerLength = 0.4

  /// The step that minimises the corrected model y + g(z + d) − g(z) within the box |d_i| ≤ rate: true value at the start,
  /// the surrogate's change from there (first-order model management, Alexandrov et al. 1998).
  ///
  /// Projected Adam; one forward and one backward pass over a single row for each inner step, no evaluation.
  /// - Returns: nil when the model is not made for it (several objectives, an infeasible start), or sees no descent.
  func modelStep(
    from point: KnownPoint, slopes: [[Double]], weights: [Double]
  ) throws -> (step: [Double], predicted: Double)? {
    guard let surrogate, !isExact, goals.objectives.count == 1, point.violation == 0 else { return nil }
    let base = surrogate.predict(rows: 1, z: features.encode(point.z))
    let truth = targets.targets(point)
    let constraints = LinearisedConstraints(values: point.violations, gradients: Array(slopes.dropFirst()))
    let here = merit.scalar(point.losses, weights: weights)
    var adam = AdamState()
    var d = [Double](repeating: 0, count: point.z.count)
    var best: (step: [Double], predicted: Double)?
    for k in 0...inner {
      let z = bounded(point.latent.indices.map { point.latent[$0] + d[$0] })
      let input = features.encode(z)
      let guess = zip(truth, zip(surrogate.predict(rows: 1, z: input), base)).map { $0 + $1.0 - $1.1 }
      guard let model = try targets.point(guess, z: z, like: point) else { return best }
      let gain = here - merit.scalar(model.losses, weights: weights)
      if gain > best?.predicted ?? 0 { best = (d, gain) }
      if k == inner { break }
      let (seeds, direct) = try targets.pullback(
        rows: 1, bars: merit.gradient(model, weights: weights), points: model.answer.map { [$0] } ?? [])
      var slope = features.pullback(surrogate.vjp(rows: 1, z: input, ybar: seeds)[...], at: z)
      if !direct.isEmpty { slope = zip(slope, direct).map(+) }
      guard slope.allSatisfy(\.isFinite) else { return best }
      let length = Self.innerLength * point.rate * (1 - Double(k) / Double(inner))
      let moves = adam.step(slope)
      for i in d.indices {
        d[i] = min(max(d[i] + length * moves[i], -point.rate), point.rate)
        if !isPeriodic[i] { d[i] = min(max(d[i], -point.latent[i]), 1 - point.latent[i]) }
      }
      d = constraints.project(d, limit: point.rate)
    }
    return best
  }
}
