extension Goals {
  /// Brings a cotangent of (losses, violations) back to the outputs: ȳ = (∂(losses, violations)/∂y)ᵀ bar.
  ///
  /// At a two-sided bound the side with the larger violation counts; entries that y does not reach are 0.
  /// - Parameters:
  ///   - bar: losses first, then violations; shape (objectives.count + constraints.count).
  ///   - y: the outputs at the point; shape (outputs.dimension). Read for two-sided bounds only.
  public func pullback(_ bar: some Collection<Double>, y: [Double]) -> [Double] {
    var result = [Double](repeating: 0, count: y.count)
    for (objective, b) in zip(objectives, bar) { result[objective.index] += objective.maximize ? -b : b }
    for (c, b) in zip(constraints, bar.dropFirst(objectives.count)) {
      let isBelow: Bool
      switch (c.lower, c.upper) {
      case (let lower?, let upper?): isBelow = lower - y[c.index] > y[c.index] - upper
      case (.some, nil): isBelow = true
      default: isBelow = false
      }
      result[c.index] += (isBelow ? -b : b) / c.scale
    }
    return result
  }
}
