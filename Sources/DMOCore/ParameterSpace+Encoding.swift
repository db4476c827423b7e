#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

extension ParameterSpace {
  /// The unit-cube coordinate of a value: 0 at `min`, 1 at `max`, even in the logarithm for logarithmic parameters.
  /// A parameter with min = max maps to 0.5.
  public func encode(_ value: Double, at i: Int) -> Double {
    let p = parameter(at: i)
    if p.min == p.max { return 0.5 }
    switch p.scale {
    case .linear: return (value - p.min) / (p.max - p.min)
    case .log: return (log(value) - log(p.min)) / (log(p.max) - log(p.min))
    }
  }

  /// The allowed value at a unit-cube coordinate (canonical: clipped or wrapped, rounded).
  public func decode(_ z: Double, at i: Int) -> Double {
    let p = parameter(at: i)
    if p.min == p.max { return p.min }
    switch p.scale {
    case .linear: return canonical(p.min + z * (p.max - p.min), at: i)
    case .log: return canonical(exp(log(p.min) + z * (log(p.max) - log(p.min))), at: i)
    }
  }

  /// Values to the unit cube; shape (dimension) in and out.
  public func encode(_ x: [Double]) -> [Double] { x.indices.map { encode(x[$0], at: $0) } }

  /// The unit cube to allowed values; shape (dimension) in and out.
  public func decode(_ z: [Double]) -> [Double] { z.indices.map { decode(z[$0], at: $0) } }

  /// A unit-cube coordinate brought back into [0, 1]: wrapped when periodic, else clipped.
  public func bounded(_ z: Double, at i: Int) -> Double {
    if parameter(at: i).isPeriodic { return z - z.rounded(.down) }
    return Swift.min(Swift.max(z, 0), 1)
  }
}
