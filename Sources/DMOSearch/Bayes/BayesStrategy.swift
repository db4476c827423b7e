import DMOCore
import DMONumerics
import DMOSurrogates

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Bayesian optimisation with log expected improvement (Ament et al. 2023, arXiv 2310.20708), asynchronous.
///
/// - One objective: log EI over the best feasible loss, plus the log probability that each constraint holds (Schonlau,
///   Welch & Jones 1998). While nothing feasible is known: that probability alone.
/// - Several objectives: ParEGO (Knowles 2006): each proposal draws weights and learns the augmented Chebyshev scalar.
/// - INFEASIBLE and failed answers are one more constraint, learnt from −1 where the answer was whole and 1 where not.
/// - Points in flight are believed to answer the model's mean.
/// - The acquisition is looked at on scrambled Sobol points and near the best points, and climbed from a choice of
///   these in the unit cube; what is proposed is rounded to allowed values and was never proposed before.
public struct BayesStrategy: SearchStrategy {
  let space: SearchSpace
  let goals: Goals
  let options: BayesOptions
  let features: FeatureMap
  private let seed: Seed
  private var trainer: any SurrogateTrainer
  private var design: SpaceFillingDesign
  private var initialCount = 0
  private var known: [KnownPoint] = []
  private var seen = PointSet()
  /// Unit-cube coordinates of what is in flight, by the fingerprint of x.
  private var pending: [Awaited] = []
  private var model: (any ProbabilisticSurrogate)?
  private var fittedRows = 0
  private var proposals: UInt64 = 0
  public private(set) var telemetry: [String: Double] = [:]

  private struct Awaited: Stored {
    var key: UInt64
    var z: [Double]
    static var blank: Awaited { Awaited(key: 0, z: []) }
    mutating func code(_ coder: inout StateCoder) throws {
      try coder.code(&key)
      try coder.code(&z)
    }
  }

  /// Share of the raw points that lie near the best known ones, and their spread in the unit cube.
  private static let localShare = 0.2
  private static let localSpread = 0.05
  private static let localCentres = 5

  init(setup: SearchSetup, options: BayesOptions, trainer: any SurrogateTrainer) throws(SearchError) {
    guard trainer.target != .observed else {
      throw SearchError(
        .badPair, "--search bayes learns losses, not observed outputs: leave out --trainer-set target=observed")
    }
    space = setup.space
    goals = setup.goals
    self.options = options
    features = FeatureMap(setup.space)
    seed = setup.seed.derived("bayes")
    self.trainer = trainer
    design = try SpaceFillingDesign(
      options.design, space: setup.space, seed: setup.seed.derived("initial-design"), size: options.initial)
  }

  public var learnt: [UInt8] { trainer.saved() }

  public mutating func ask(_ count: Int) throws -> [Proposal] {
    var result: [Proposal] = []
    while result.count < count {
      var proposal: Proposal?
      if initialCount >= options.initial { proposal = try climb() }
      if proposal == nil {
        initialCount += 1
        proposal = design.next(avoiding: seen).map {
          Proposal(x: $0, source: initialCount <= options.initial ? "initial" : "design")
        }
      }
      guard let proposal else { break }
      _ = seen.insert(proposal.x)
      pending.append(Awaited(key: PointSet.fingerprint(proposal.x), z: space.encode(proposal.x)))
      result.append(proposal)
    }
    return result
  }

  public mutating func tell(_ observation: Observation) {
    let x = space.space.canonical(observation.x)
    let key = PointSet.fingerprint(x)
    if let at = pending.firstIndex(where: { $0.key == key }) {
      pending.remove(at: at)
    } else {
      initialCount += 1
    }
    _ = seen.insert(x)
    let result = observation.result
    let hasOutputs = result.status.hasOutputs
    let losses = hasOutputs ? goals.losses(result.y) : goals.objectives.map { _ in Double.nan }
    let violations = hasOutputs ? goals.violations(result.y) : goals.constraints.map { _ in Double.nan }
    let z = space.encode(x)
    known.append(
      KnownPoint(
        z: z, latent: z, losses: losses, violations: violations,
        violation: violations.reduce(0) { $0 + ($1.isNaN ? .infinity : max($1, 0)) }, status: result.status, rate: 0))
    telemetry["evaluations"] = Double(known.count)
  }

  /// The point of the largest acquisition; nil when there is nothing to learn from, or no new point to be had.
  private mutating func climb() throws -> Proposal? {
    guard features.count > 0, known.contains(where: { $0.status == .ok }) else { return nil }
    proposals += 1
    var stream = seed.derived("proposal", proposals).generator
    let weights = randomWeights(&stream)
    let merit = Merit(known, objectives: goals.objectives.count, constraints: goals.constraints.count)
    guard let model = try fit(merit, weights) else { return nil }
    let believed = model.believing(rows: pending.count, z: pending.flatMap { features.encode($0.z) })
    let feasible = known.filter { $0.isStart && $0.violation == 0 }.map { merit.scalar($0.losses, weights: weights) }
    let acquisition = Acquisition(
      surrogate: believed, best: goals.objectives.isEmpty ? nil : feasible.min(),
      constraints: (goals.objectives.isEmpty ? 0 : 1)..<believed.outputCount)
    let starts = rawPoints(merit, weights, &stream)
    let values = acquisition.values(rows: starts.count, features: starts.flatMap { features.encode($0) })
    var candidates: [(x: [Double], value: Double)] = []
    for k in choose(values, &stream) {
      let x = space.decode(climb(from: starts[k], acquisition))
      if seen.contains(x) { continue }
      let value = acquisition.values(rows: 1, features: features.encode(space.encode(x)))[0]
      if value > candidates.last?.value ?? -.infinity { candidates.append((x, value)) }
    }
    if candidates.isEmpty {
      // Rounding brought every climb to a known point: the best raw point that is new.
      let order = values.indices.filter { values[$0].isFinite }.sorted { values[$0] > values[$1] }
      for k in order {
        let x = space.decode(starts[k])
        if !seen.contains(x) {
          candidates.append((x, values[k]))
          break
        }
      }
    }
    guard let chosen = candidates.last else { return nil }
    telemetry["acquisition"] = chosen.value
    telemetry["training_loss"] = trainer.lastLoss
    return Proposal(x: chosen.x, source: "bayes")
  }

  /// The model of what is known; nil when nothing finite is. Scalars of several objectives change with the weights, so
  /// that only one objective's model outlives a proposal.
  private mutating func fit(_ merit: Merit, _ weights: [Double]) throws -> (any ProbabilisticSurrogate)? {
    if goals.objectives.count < 2, fittedRows == known.count { return model }
    let isFailureKnown = known.contains { $0.status != .ok }
    let columns = min(goals.objectives.count, 1) + goals.constraints.count + (isFailureKnown ? 1 : 0)
    var data = Dataset(inputCount: features.count, outputCount: columns)
    for point in known {
      var y = goals.objectives.isEmpty ? [] : [merit.scalar(point.losses, weights: weights)]
      y += point.violations
      if isFailureKnown { y.append(point.status == .ok ? -1 : 1) }
      data.append(z: features.encode(point.z), y: y.map { $0.isFinite ? $0 : .nan })
    }
    fittedRows = known.count
    do {
      let fitted = try trainer.fit(data)
      guard let sure = fitted as? any ProbabilisticSurrogate else {
        throw SearchError(
          .badPair, "--search bayes needs a trainer that knows how sure it is: --trainer gp or ensemble")
      }
      model = sure
    } catch let error as SurrogateError where error.code == .nothingToLearn {
      model = nil
    }
    return model
  }

  /// Uniform on the simplex.
  private func randomWeights(_ stream: inout RandomStream) -> [Double] {
    guard goals.objectives.count > 1 else { return goals.objectives.map { _ in 1 } }
    let weights = goals.objectives.map { _ in -log(1 - stream.uniform()) }
    let total = weights.reduce(0, +)
    return weights.map { $0 / total }
  }

  /// Unit-cube coordinates of allowed points: a scrambled Sobol sequence, and normal samples around the best points.
  private func rawPoints(_ merit: Merit, _ weights: [Double], _ stream: inout RandomStream) -> [[Double]] {
    let n = space.dimension
    let centres = known.filter(\.isStart).sorted { merit.isBetter($0, $1, weights: weights) }
      .prefix(Self.localCentres)
    let local = centres.isEmpty ? 0 : Int(Double(options.raw) * Self.localShare)
    let sobol = Sobol(dimension: n, scrambling: seed.derived("raw", proposals))
    var points = (0..<max(options.raw - local, 1)).map { k in
      space.encode(space.sample(sobol?.point(k) ?? (0..<n).map { _ in stream.uniform() }))
    }
    for k in 0..<local {
      let centre = centres[k % centres.count].z
      points.append(
        space.encode(
          space.decode((0..<n).map { i in
            let moved = centre[i] + Self.localSpread * stream.normal()
            return space.space.parameter(at: space.free[i]).isPeriodic
              ? moved - moved.rounded(.down) : min(max(moved, 0), 1)
          })))
    }
    return points
  }

  /// Which raw points to climb from: the best one, and others drawn in proportion to exp of their standardised values,
  /// so that more than one hill is tried.
  private func choose(_ values: [Double], _ stream: inout RandomStream) -> [Int] {
    var left = values.indices.filter { values[$0].isFinite }
    guard let best = left.max(by: { values[$0] < values[$1] }) else { return [] }
    let mean = left.reduce(0) { $0 + values[$1] } / Double(left.count)
    let variance = left.reduce(0) { $0 + (values[$1] - mean) * (values[$1] - mean) } / Double(left.count)
    var chosen = [best]
    left.removeAll { $0 == best }
    while chosen.count < options.restarts, !left.isEmpty {
      // The largest of exponentially distributed waiting times: Gumbel's way to draw in proportion to exp.
      let keyed = left.map { k -> (Double, Int) in
        let key = (values[k] - values[best]) / max(variance.squareRoot(), 1e-300)
        return (key - log(-log(max(stream.uniform(), 1e-300))), k)
      }
      guard let next = keyed.max(by: { $0.0 < $1.0 }) else { break }
      chosen.append(next.1)
      left.removeAll { $0 == next.1 }
    }
    return chosen
  }

  private func climb(from start: [Double], _ acquisition: Acquisition) -> [Double] {
    var minimizer = BoxMinimizer()
    minimizer.iterations = 100
    minimizer.valueTolerance = 1e-10  // of a logarithm
    minimizer.gradientTolerance = 1e-6
    let isPeriodic = space.free.map { space.space.parameter(at: $0).isPeriodic }
    let result = minimizer.minimize(
      from: start, lower: isPeriodic.map { $0 ? -.infinity : 0 }, upper: isPeriodic.map { $0 ? .infinity : 1 }
    ) { z, gradient in
      let (value, slope) = acquisition.value(features.encode(z))
      let pulled = features.pullback(slope[...], at: z)
      for i in gradient.indices { gradient[i] = -pulled[i] }
      return -value
    }
    return result.x.indices.map { isPeriodic[$0] ? result.x[$0] - result.x[$0].rounded(.down) : result.x[$0] }
  }
}

extension BayesStrategy: CodedStrategy {
  public var isReplayCostly: Bool { true }

  mutating func code(_ coder: inout StateCoder) throws {
    try coder.code(&trainer)
    try coder.code(&design)
    try coder.code(&initialCount)
    try coder.code(&known)
    try coder.code(&seen)
    try coder.code(&pending)
    try coder.code(&fittedRows)
    try coder.code(&proposals)
    try coder.code(&telemetry)
    var isFitted = model != nil
    try coder.code(&isFitted)
    guard coder.isReading else { return }
    model = isFitted ? trainer.fitted as? any ProbabilisticSurrogate : nil
    guard (model != nil) == isFitted else { throw StateCoder.damaged }
  }
}
