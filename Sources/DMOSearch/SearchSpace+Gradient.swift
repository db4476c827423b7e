import DMOCore

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

extension SearchSpace {
  /// The chain rule from values to the unit cube: ∂/∂z = (∂x/∂z) ∂/∂x at x, for the free coordinates; rounding is not
  /// seen. Shapes (space.dimension) both in → (dimension).
  func chain(_ xbar: [Double], at x: [Double]) -> [Double] {
    free.map { i in
      let p = space.parameter(at: i)
      if p.min == p.max { return 0 }
      switch p.scale {
      case .linear: return xbar[i] * (p.max - p.min)
      case .log: return xbar[i] * x[i] * (log(p.max) - log(p.min))
      }
    }
  }
}
