import DMOCore
import DMOSurrogates

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// The problem itself in a surrogate's place: losses and violations over the strategy's features, with the plugin's own
/// derivative.
///
/// Each row costs one call of the plugin. Where it gives no answer, values and gradients are NaN, which strategies
/// treat as "no direction known". Labels have no derivative: their features' gradients are 0.
public struct ExactModel: Surrogate {
  private let space: SearchSpace
  private let goals: Goals
  private let outputDimension: Int
  private let source: any ExactGradient
  private let features: FeatureMap

  public var inputCount: Int { features.count }
  public var outputCount: Int { goals.objectives.count + goals.constraints.count }

  public init(space: SearchSpace, outputs: OutputSpace, goals: Goals, source: any ExactGradient) {
    self.space = space
    self.goals = goals
    outputDimension = outputs.dimension
    self.source = source
    features = FeatureMap(space)
  }

  private var hasTwoSidedBound: Bool { goals.constraints.contains { $0.lower != nil && $0.upper != nil } }

  public func predict(rows: Int, z: [Double]) -> [Double] {
    (0..<rows).flatMap { r -> [Double] in
      let x = space.decode(features.decode(z[r * inputCount..<(r + 1) * inputCount]))
      guard let (y, _) = source.vjp(x: x, ybar: Array(repeating: 0, count: outputDimension)) else {
        return Array(repeating: .nan, count: outputCount)
      }
      return goals.losses(y) + goals.violations(y)
    }
  }

  public func vjp(rows: Int, z: [Double], ybar: [Double]) -> [Double] {
    (0..<rows).flatMap { r -> [Double] in
      let unit = features.decode(z[r * inputCount..<(r + 1) * inputCount])
      let x = space.decode(unit)
      let zeros = [Double](repeating: 0, count: outputDimension)
      // Which side of a two-sided bound counts depends on y.
      let y = hasTwoSidedBound ? source.vjp(x: x, ybar: zeros)?.y : zeros
      let bar = ybar[r * outputCount..<(r + 1) * outputCount]
      guard let y, let (_, xbar) = source.vjp(x: x, ybar: goals.pullback(bar, y: y)) else {
        return Array(repeating: .nan, count: inputCount)
      }
      return features.pushback(space.chain(xbar, at: x), at: unit)
    }
  }
}
