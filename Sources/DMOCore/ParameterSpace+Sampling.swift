#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

extension ParameterSpace {
  /// How many values coordinate `i` can take; nil for a continuous one.
  public func levelCount(at i: Int) -> Int? {
    let p = parameter(at: i)
    if p.min == p.max { return 1 }
    switch p.kind {
    case .categorical(let labels): return labels.count
    case .boolean: return 2
    case .integer: return Int(p.max - p.min) + (p.isPeriodic ? 0 : 1)
    case .real:
      guard p.step > 0 else { return nil }
      let steps = ((p.max - p.min) / p.step * (1 + 1e-12)).rounded(.down)
      // On a circle the last grid point is the first one again.
      return Int(steps) + (p.isPeriodic && canonical(p.min + steps * p.step, at: i) == p.min ? 0 : 1)
    }
  }

  /// The value of a level, counted from 0. - Precondition: 0 ≤ level < levelCount.
  public func value(ofLevel level: Int, at i: Int) -> Double {
    let p = parameter(at: i)
    return canonical(p.min + Double(level) * (p.kind == .real ? p.step : 1), at: i)
  }

  /// The value that a uniform number stands for, so that all labels, whole numbers or grid points are equally likely.
  ///
  /// `decode` rounds to the nearest value, which leaves the first and the last only half their share; designs use this.
  /// Continuous coordinates, and logarithmic ones, are decoded: there even shares of the logarithm are meant.
  /// - Parameters:
  ///   - u: in [0, 1).
  ///   - i: the coordinate's position in x.
  public func sample(_ u: Double, at i: Int) -> Double {
    let p = parameter(at: i)
    guard let levels = levelCount(at: i) else { return decode(u, at: i) }
    if p.scale == .log && p.min < p.max {
      guard p.kind == .integer else { return decode(u, at: i) }
      let (low, high) = (log(p.min - 0.5), log(p.max + 0.5))
      return canonical(exp(low + u * (high - low)), at: i)
    }
    return value(ofLevel: Swift.min(Int(u * Double(levels)), levels - 1), at: i)
  }
}
