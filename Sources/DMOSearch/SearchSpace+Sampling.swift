import DMOCore

extension SearchSpace {
  /// Uniform numbers to a full canonical point, every label, whole number and grid point equally likely;
  /// shapes (dimension) → (space.dimension). - Parameter u: in [0, 1).
  public func sample(_ u: [Double]) -> [Double] {
    var x = (0..<space.dimension).map { fixed[$0] ?? 0 }
    for (k, i) in free.enumerated() { x[i] = space.sample(u[k], at: i) }
    return x
  }

  /// How many different points there are; nil when uncountable, or above `limit`.
  func cardinality(limit: Int) -> Int? {
    var count = 1
    for i in free {
      guard let levels = space.levelCount(at: i) else { return nil }
      let (product, overflow) = count.multipliedReportingOverflow(by: levels)
      if overflow || product > limit { return nil }
      count = product
    }
    return count
  }

  /// The point of a number in 0 ..< cardinality, the last free coordinate changing fastest.
  func point(number: Int) -> [Double] {
    var x = (0..<space.dimension).map { fixed[$0] ?? 0 }
    var rest = number
    for i in free.reversed() {
      let levels = space.levelCount(at: i) ?? 1
      x[i] = space.value(ofLevel: rest % levels, at: i)
      rest /= levels
    }
    return x
  }
}
