/// The box in which a search moves: parameters in table order, laid out as one vector x.
///
/// Two coordinate systems: *values* in the parameters' units, and the *unit cube* [0, 1]ⁿ in which strategies and
/// surrogates work (logarithmic parameters are mapped through the logarithm, integers and labels linearly).
public struct ParameterSpace: Equatable, Sendable, Codable {
  public let parameters: [Parameter]
  /// The number of coordinates, blocks expanded.
  public let dimension: Int
  /// The parameter that each coordinate belongs to; shape (dimension).
  public let owner: [Int]

  public init(_ parameters: [Parameter]) {
    self.parameters = parameters
    owner = parameters.enumerated().flatMap { Array(repeating: $0.offset, count: $0.element.width) }
    dimension = owner.count
  }

  /// The parameter that coordinate `i` belongs to.
  public func parameter(at i: Int) -> Parameter { parameters[owner[i]] }

  /// The names of all coordinates, blocks expanded to `id[0]`, `id[1]`, …; shape (dimension).
  public var labels: [String] { parameters.flatMap { p in (0..<p.width).map { p.label($0) } } }

  /// Where a parameter's numbers lie in x, by its id.
  public func range(of id: String) -> Range<Int>? {
    var start = 0
    for p in parameters {
      if p.id == id { return start..<start + p.width }
      start += p.width
    }
    return nil
  }

  /// The coordinate with the label `id` or `id[index]`.
  public func coordinate(_ label: String) -> Int? {
    var start = 0
    for p in parameters {
      if p.count == 0 {
        if label == p.id { return start }
      } else if label.hasPrefix(p.id), label.hasSuffix("]"), label.dropFirst(p.id.count).first == "[",
        let index = Int(label.dropFirst(p.id.count + 1).dropLast()), (0..<p.count).contains(index)
      {
        return start + index
      }
      start += p.width
    }
    return nil
  }

  /// The nearest allowed value of coordinate `i`: wrapped when periodic, else clipped to the bounds; then rounded to
  /// whole numbers or the grid. Idempotent; NaN stays NaN.
  public func canonical(_ value: Double, at i: Int) -> Double {
    let p = parameter(at: i)
    if value.isNaN || p.min == p.max { return value.isNaN ? value : p.min }
    var v = value
    if p.isPeriodic && !(v >= p.min && v < p.max) {
      let period = p.max - p.min
      v = p.min + (v - p.min - period * ((v - p.min) / period).rounded(.down))
      if !(v >= p.min && v < p.max) { v = p.min }
    } else if !p.isPeriodic {
      v = Swift.min(Swift.max(v, p.min), p.max)
    }
    switch p.kind {
    case .integer:
      v = v.rounded()
      if p.isPeriodic && v >= p.max { v = p.min }
    case .categorical, .boolean: v = v.rounded()
    case .real where p.step > 0:
      // The last grid point at or below max; rounding noise of (max − min) / step is forgiven.
      let last = ((p.max - p.min) / p.step * (1 + 1e-12)).rounded(.down)
      // The sum may round beyond max: 0.1 + 2 · 0.1 > 0.3.
      v = Swift.min(p.min + Swift.min(((v - p.min) / p.step).rounded(), last) * p.step, p.max)
      if p.isPeriodic && v >= p.max { v = p.min }
    case .real: break
    }
    return v
  }

  /// The nearest allowed point; shape (dimension) in and out.
  public func canonical(_ x: [Double]) -> [Double] { x.indices.map { canonical(x[$0], at: $0) } }

  /// Why `value` is not allowed at coordinate `i`, in words, or nil. Periodic values are always allowed.
  public func objection(to value: Double, at i: Int) -> String? {
    let p = parameter(at: i)
    let name = p.label(i - (range(of: p.id)?.lowerBound ?? 0))
    guard value.isFinite else { return "\(name) = \(value) is not a finite number" }
    if p.isPeriodic { return nil }
    if value < p.min || value > p.max {
      return "\(name) = \(value) is outside its range \(p.min) … \(p.max)\(p.unit.isEmpty ? "" : " " + p.unit)"
    }
    switch p.kind {
    case .integer where value != value.rounded(): return "\(name) = \(value) is not a whole number"
    case .boolean where value != value.rounded(): return "\(name) = \(value) is neither 0 nor 1"
    case .categorical(let labels) where value != value.rounded():
      return "\(name) = \(value) is not one of 0 … \(labels.count - 1) (\(labels.joined(separator: ", ")))"
    case .real where p.step > 0:
      if abs(canonical(value, at: i) - value) > 1e-9 * Swift.max(p.step, abs(value)) {
        return "\(name) = \(value) is not on its grid \(p.min) + k · \(p.step)"
      }
      return nil
    default: return nil
    }
  }
}
