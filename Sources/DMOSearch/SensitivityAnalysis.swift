import DMOCore
import DMONumerics
import DMOSurrogates

/// How much each parameter moves each objective and constraint, as a surrogate of what was evaluated sees it.
///
/// Three views side by side: the root mean square of ∂y/∂z over the box, by the surrogate's own gradient (exact, no
/// differences), the derivative-based bound, and Sobol's S1 and ST from a Saltelli design. Derivatives are with respect
/// to the unit cube: per full range of a parameter, logarithmic where the parameter is. Labels have none.
public struct SensitivityAnalysis: Sendable {
  /// One parameter's share in one output.
  public struct Entry: Sendable, Equatable {
    /// √E[(∂y/∂z)²] / sd(y); NaN for labels. Dimensionless.
    public var gradient: Double
    /// The bound ν/(π² V) on ST; NaN for labels.
    public var bound: Double
    /// Sobol's first-order and total index.
    public var first: Double
    public var total: Double
  }

  /// Labels of the free coordinates, in their order.
  public let parameters: [String]
  /// Labels of objectives, then constraints.
  public let outputs: [String]
  /// Row major, shape (parameters, outputs).
  public let entries: [Entry]
  /// Each parameter's gradient share over all outputs, √(Σ_j g_ij²), largest 1; for steering a search.
  public let overall: [Double]

  public func entry(parameter i: Int, output j: Int) -> Entry { entries[i * outputs.count + j] }

  /// Points at which gradients are taken, and base points of the Saltelli design (of dimension + 2 rows each).
  public struct Sizes: Sendable {
    public var gradients = 4096
    public var base = 1024
    public init(gradients: Int = 4096, base: Int = 1024) {
      self.gradients = gradients
      self.base = base
    }
  }

  /// - Parameters:
  ///   - space: the free parameters, over whose box everything is averaged.
  ///   - goals: name the losses and violations.
  ///   - surrogate: of losses, then violations, over the features of `space` (as the strategies fit it).
  ///   - sizes: points for gradients, and base points of the Saltelli design.
  ///   - seed: of the designs.
  public init(space: SearchSpace, goals: Goals, surrogate: any Surrogate, sizes: Sizes = Sizes(), seed: Seed) {
    let features = FeatureMap(space)
    let (n, m) = (space.dimension, surrogate.outputCount)
    precondition(surrogate.inputCount == features.count)
    parameters = space.free.map { space.space.labels[$0] }
    outputs = (goals.objectives.map(\.label) + goals.constraints.map(\.label))
    precondition(m == outputs.count)

    let byGradient = Self.derivatives(space, features, surrogate, count: sizes.gradients, seed: seed)
    let bySobol = Self.sobol(space, features, surrogate, count: sizes.base, seed: seed)
    let isLabel = Set(features.switches.filter { $0.levels > 2 }.map(\.coordinate))
    var entries: [Entry] = []
    for i in 0..<n {
      for j in 0..<m {
        let (d, sd) = byGradient[j]
        entries.append(
          Entry(
            gradient: isLabel.contains(i) || sd == 0 ? .nan : d.squares[i].squareRoot() / sd,
            bound: isLabel.contains(i) ? .nan : d.bounds[i], first: bySobol[j].first[i], total: bySobol[j].total[i]))
      }
    }
    self.entries = entries
    let sums = (0..<n).map { i -> Double in
      (0..<m).reduce(0) { total, j in
        let g = entries[i * m + j].gradient
        return total + (g.isNaN ? 0 : g * g)
      }
    }
    let largest = sums.max() ?? 0
    overall = sums.map { largest > 0 ? ($0 / largest).squareRoot() : 0 }
  }

  /// Uniform numbers of the free coordinates to allowed points and on to the surrogate's inputs.
  private static func inputs(_ u: ArraySlice<Double>, _ space: SearchSpace, _ features: FeatureMap) -> (
    z: [Double], row: [Double]
  ) {
    let z = space.encode(space.sample(Array(u)))
    return (z, features.encode(z))
  }

  /// Of each output, with its standard deviation over the points.
  private static func derivatives(
    _ space: SearchSpace, _ features: FeatureMap, _ surrogate: any Surrogate, count: Int, seed: Seed
  ) -> [(DerivativeSensitivity, Double)] {
    let (n, m, f) = (space.dimension, surrogate.outputCount, features.count)
    let sobol = Sobol(dimension: n, scrambling: seed.derived("gradients"))
    var random = seed.derived("gradients").generator
    let points = (0..<count).map { i in
      inputs((sobol?.point(i) ?? (0..<n).map { _ in random.uniform() })[...], space, features)
    }
    let rows = points.flatMap(\.row)
    let responses = surrogate.predict(rows: count, z: rows)
    let jacobian = (surrogate as? any FeasibilitySurrogate)?.jacobian(rows: count, z: rows)
    return (0..<m).map { j in
      let gradients: [Double]
      if let jacobian {
        var own: [Double] = []
        for r in 0..<count { own += jacobian[(r * m + j) * f..<(r * m + j + 1) * f] }
        gradients = own
      } else {
        let bar: [Double] = (0..<count * m).map { $0 % m == j ? 1 : 0 }
        gradients = surrogate.vjp(rows: count, z: rows, ybar: bar)
      }
      var pulled: [Double] = []
      for r in 0..<count { pulled += features.pullback(gradients[r * f..<(r + 1) * f], at: points[r].z) }
      let y = (0..<count).map { responses[$0 * m + j] }
      let mean = y.reduce(0, +) / Double(count)
      let sd = (y.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(count)).squareRoot()
      let widths = [Double](repeating: 1, count: n)
      return (DerivativeSensitivity(gradients: pulled, responses: y, widths: widths), sd)
    }
  }

  private static func sobol(
    _ space: SearchSpace, _ features: FeatureMap, _ surrogate: any Surrogate, count: Int, seed: Seed
  ) -> [SobolIndices] {
    let (n, m) = (space.dimension, surrogate.outputCount)
    let design = SobolIndices.design(count: count, dimension: n, secondOrder: false, seed: seed.derived("saltelli"))
    let total = count * SobolIndices.rowsPerPoint(dimension: n, secondOrder: false)
    let rows = (0..<total).flatMap { r in inputs(design[r * n..<(r + 1) * n], space, features).row }
    let responses = surrogate.predict(rows: total, z: rows)
    return (0..<m).map { j in
      SobolIndices(responses: (0..<total).map { responses[$0 * m + j] }, dimension: n, secondOrder: false)
    }
  }
}

extension SearchSpace {
  /// How many surrogate inputs each free parameter takes, in their order: labels are one-hot, angles a point of a
  /// circle.
  public var featureGroups: [Int] { FeatureMap(self).groups }

  /// What a surrogate learns from evaluated points: losses and violations over the features of the free coordinates.
  /// Points without an answer stand in it with what they hold, as a trainer of the risk needs them.
  public func dataset(_ goals: Goals, _ observations: [Observation]) -> Dataset {
    let features = FeatureMap(self)
    var data = Dataset(
      inputCount: features.count, outputCount: goals.objectives.count + goals.constraints.count,
      constraintCount: goals.constraints.count)
    for o in observations { data.append(o, goals, z: features.encode(encode(space.canonical(o.x)))) }
    return data
  }
}

extension Dataset {
  /// One answer: losses, violations, and whether there was one.
  /// - Parameter observed: positions in y of what is learnt in place of the losses; nil: these.
  mutating func append(_ o: Observation, _ goals: Goals, z: [Double], observed: [Int]? = nil) {
    let hasOutputs = o.result.status.hasOutputs && !o.result.y.isEmpty
    let first = hasOutputs ? observed?.map { o.result.y[$0] } ?? goals.losses(o.result.y) : []
    let y = hasOutputs ? first + goals.violations(o.result.y) : []
    let targets = hasOutputs ? y.map { $0.isFinite ? $0 : .nan } : Array(repeating: .nan, count: outputCount)
    append(z: z, y: targets, answered: o.result.status == .ok)
  }
}
