import DMOCore
import DMONumerics
import DMOSurrogates

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Bayesian optimisation of several objectives: expected hypervolume improvement (Emmerich et al. 2006) times the
/// probability that every constraint holds, asynchronous; a baseline.
///
/// The front is that of the model's means at the feasible points known, so that noise in single answers does not decide
/// (the plug-in form of Daulton et al. 2021, arXiv 2105.08195). The expectation is a mean over normal samples, the same for
/// all candidates. Points in flight are believed to answer the model's mean. While nothing feasible is known, the
/// probability of feasibility alone decides. INFEASIBLE and failed answers are one more constraint, as in `bayes`.
struct BayesFrontStrategy: CodedStrategy {
  private let goals: Goals
  private let genes: GeneSpace
  private let features: FeatureMap
  private let seed: Seed
  private let raw: Int
  private var trainer: any SurrogateTrainer
  private var initial: InitialDesign
  private var known: [Individual] = []
  private var rows: [(features: [Double], y: [Double], isWhole: Bool)] = []
  private var seen = PointSet()
  /// Unit-cube coordinates of what is in flight with the means believed there, by the fingerprint of x.
  private var pending: [UInt64: [Double]] = [:]
  private var model: (any ProbabilisticSurrogate)?
  private var fittedRows = 0
  private var round: UInt64 = 0
  private(set) var telemetry: [String: Double] = [:]
  private var score: PredictionScore
  private var foreseen: [UInt64: [Double]] = [:]

  /// Hypervolumes in up to three objectives are cheap; beyond, fewer candidates and samples must do.
  private static let cheap = (objectives: 3, samples: 48, shortlist: 96)
  private static let dear = (samples: 16, shortlist: 32)
  /// Shares and spreads of raw points around the front, and of the rounds that refine the best candidates.
  private static let localShare = 0.4
  private static let spreads = [0.05, 0.02, 0.005]

  init(setup: SearchSetup, options: BayesOptions, trainer: any SurrogateTrainer) throws(SearchError) {
    goals = setup.goals
    genes = GeneSpace(setup.space)
    features = FeatureMap(setup.space)
    seed = setup.seed.derived("bayes-mo")
    raw = options.raw
    self.trainer = trainer
    initial = try InitialDesign(setup: setup, kind: options.design, count: options.initial, sweeps: 5)
    score = PredictionScore(objectives: setup.goals.objectives.count)
  }

  var learnt: [UInt8] { trainer.saved() }

  mutating func ask(_ count: Int) throws -> [Proposal] {
    var proposals: [Proposal] = []
    while proposals.count < count {
      var proposal: Proposal?
      if initial.isComplete && known.count > 1 && genes.count > 0 { proposal = try next() }
      guard let chosen = proposal ?? initial.next(avoiding: seen) else { break }
      _ = seen.insert(chosen.x)
      pending[PointSet.fingerprint(chosen.x)] = genes.encode(chosen.x)
      proposals.append(chosen)
    }
    return proposals
  }

  mutating func tell(_ observation: Observation) {
    let x = genes.space.space.canonical(observation.x)
    let key = PointSet.fingerprint(x)
    if pending.removeValue(forKey: key) == nil && !seen.contains(x) { initial.countGiven() }
    _ = seen.insert(x)
    let (z, result) = (genes.encode(x), observation.result)
    let individual = Individual(z: z, result, goals)
    known.append(individual)
    score.note(individual.losses, predicted: foreseen.removeValue(forKey: key))
    telemetry["prediction_nrmse"] = score.nrmse
    telemetry["evaluations"] = Double(known.count)
    let y =
      result.status.hasOutputs
      ? goals.losses(result.y) + goals.violations(result.y)
      : [Double](repeating: .nan, count: goals.objectives.count + goals.constraints.count)
    rows.append((features.encode(z), y.map { $0.isFinite ? $0 : .nan }, result.status == .ok))
  }

  /// Learns what arrived since the last fit. - Returns: nil when there is nothing to learn from.
  private mutating func fit() throws -> (any ProbabilisticSurrogate)? {
    guard rows.count > fittedRows else { return model }
    let isFailureKnown = rows.contains { !$0.isWhole }
    let width = goals.objectives.count + goals.constraints.count + (isFailureKnown ? 1 : 0)
    var data = Dataset(inputCount: features.count, outputCount: width)
    for row in rows { data.append(z: row.features, y: row.y + (isFailureKnown ? [row.isWhole ? -1 : 1] : [])) }
    fittedRows = rows.count
    do {
      let fitted = try trainer.fit(data)
      guard let sure = fitted as? any ProbabilisticSurrogate else {
        throw SearchError(
          .badPair, "--search bayes-mo needs a trainer that knows how sure it is: --trainer gp or ensemble")
      }
      model = sure
      telemetry["training_loss"] = trainer.lastLoss
    } catch let error as SurrogateError where error.code == .nothingToLearn { model = nil }
    return model
  }

  private mutating func next() throws -> Proposal? {
    guard let fitted = try fit() else { return nil }
    round += 1
    var random = seed.derived("round", round).generator
    let waiting = pending.values.sorted { $0.lexicographicallyPrecedes($1) }
    let believed = fitted.believing(rows: waiting.count, z: waiting.flatMap { features.encode($0) })
    let scale = Scale(surrogate: believed, features: features, objectives: goals.objectives.count)
    let means = scale.views(known.map(\.z))
    let smoothed = zip(known, means).map { Individual(z: $0.z, losses: $1.mean, violation: $0.violation) }
    let awaited = scale.views(waiting).filter { $0.logFeasible > log(0.5) }.map(\.mean)
    let frame = JointFrame(known: smoothed, awaited: awaited, objectives: goals.objectives.count)
    let centres = Self.centres(smoothed)
    let local = centres.isEmpty ? 0 : Int(Double(raw) * Self.localShare)
    var pool = fresh((0..<raw - local).map { _ in (0..<genes.count).map { _ in random.uniform() } })
    pool += fresh((0..<local).map { around(centres[$0 % centres.count], Self.spreads[$0 % 3], &random) })
    var best = judge(pool, scale, frame, random)
    for spread in Self.spreads {
      let starts = best.prefix(8)
      let near = fresh((0..<8 * starts.count).map { around(starts[$0 % starts.count].z, spread, &random) })
      best = (best + judge(near, scale, frame, random)).sorted { $0.value > $1.value }
    }
    guard let chosen = best.first else { return nil }
    telemetry["acquisition"] = chosen.value
    let x = genes.decode(chosen.z)
    foreseen[PointSet.fingerprint(x)] = scale.views([chosen.z])[0].mean
    return Proposal(x: x, source: "bayes")
  }

  /// The front's points, or where nothing is feasible the least violating ones.
  private static func centres(_ known: [Individual]) -> [[Double]] {
    let feasible = known.filter { $0.violation == 0 }
    if feasible.isEmpty { return known.sorted { $0.violation < $1.violation }.prefix(5).map(\.z) }
    return Ranking.nonDominated(feasible.map(\.losses)).map { feasible[$0].z }
  }

  private func around(_ z: [Double], _ spread: Double, _ random: inout RandomStream) -> [Double] {
    z.indices.map { genes.reflected(z[$0] + spread * random.normal(), at: $0) }
  }

  /// As they would be simulated, without those known.
  private func fresh(_ points: [[Double]]) -> [[Double]] {
    points.compactMap { point in
      let x = genes.decode(point)
      return seen.contains(x) ? nil : genes.encode(x)
    }
  }

  /// The acquisition of points, the best first.
  private func judge(
    _ points: [[Double]], _ scale: Scale, _ frame: JointFrame, _ random: RandomStream
  ) -> [(z: [Double], value: Double)] {
    var random = random
    let views = scale.views(points)
    if frame.isFeasibilityFirst || goals.objectives.isEmpty {
      return points.indices.map { (points[$0], views[$0].logFeasible) }.sorted { $0.1 > $1.1 }
    }
    let likely = views.filter { $0.logFeasible > log(0.5) }.map { frame.normalised($0.mean) }
    let scope = frame.scope(adding: likely)
    let base = Hypervolume.of(scope.front, reference: scope.reference)
    func gain(_ losses: [Double]) -> Double {
      let p = frame.normalised(losses)
      if scope.front.contains(where: { zip($0, p).allSatisfy { $0 <= $1 } }) { return 0 }
      return max(Hypervolume.of(scope.front + [p], reference: scope.reference) - base, 0)
    }
    let isCheap = goals.objectives.count <= Self.cheap.objectives
    let normals = (0..<(isCheap ? Self.cheap.samples : Self.dear.samples)).map { _ in
      goals.objectives.map { _ in random.normal() }
    }
    // An optimistic value tells which candidates are worth the whole expectation.
    let promise = views.map { v in gain(zip(v.mean, v.sd).map { $0 - $1 }) * exp(v.logFeasible) }
    let order = promise.indices.sorted { promise[$0] > promise[$1] }
    return order.prefix(isCheap ? Self.cheap.shortlist : Self.dear.shortlist).map { i in
      let v = views[i]
      let total = normals.reduce(0) { sum, e in
        sum + gain(v.mean.indices.map { v.mean[$0] + v.sd[$0] * e[$0] })
      }
      // Where nothing is expected to improve, feasibility orders the rest.
      return (points[i], (total / Double(normals.count) + 1e-12) * exp(v.logFeasible))
    }.sorted { $0.1 > $1.1 }
  }

  /// The model as the acquisition reads it.
  private struct Scale {
    let surrogate: any ProbabilisticSurrogate
    let features: FeatureMap
    let objectives: Int

    struct View {
      var mean, sd: [Double]
      var logFeasible: Double
    }

    func views(_ z: [[Double]]) -> [View] {
      guard !z.isEmpty else { return [] }
      let (m, width) = (objectives, surrogate.outputCount)
      let (mean, variance) = surrogate.posterior(rows: z.count, z: z.flatMap { features.encode($0) })
      return z.indices.map { r in
        let logFeasible = (m..<width).reduce(0) { sum, c in
          let (mu, sd) = (mean[r * width + c], variance[r * width + c].squareRoot())
          return sum + NormalTails.logBelow(-mu / max(sd, 1e-9 * abs(mu), 1e-300)).value
        }
        return View(
          mean: (0..<m).map { mean[r * width + $0] }, sd: (0..<m).map { max(variance[r * width + $0], 0).squareRoot() },
          logFeasible: logFeasible)
      }
    }
  }
}

extension BayesFrontStrategy {
  var isReplayCostly: Bool { true }

  mutating func code(_ coder: inout StateCoder) throws {
    try coder.code(&trainer)
    try coder.code(&initial)
    try coder.code(&known)
    var (inputs, outputs, whole) = (rows.map(\.features), rows.map(\.y), rows.map(\.isWhole))
    try coder.code(&inputs)
    try coder.code(&outputs)
    try coder.code(&whole)
    guard inputs.count == outputs.count, inputs.count == whole.count else { throw StateCoder.damaged }
    if coder.isReading { rows = inputs.indices.map { (inputs[$0], outputs[$0], whole[$0]) } }
    try coder.code(&seen)
    try coder.code(&pending)
    try coder.code(&fittedRows)
    try coder.code(&round)
    try coder.code(&telemetry)
    try score.code(&coder)
    try coder.code(&foreseen)
    var isFitted = model != nil
    try coder.code(&isFitted)
    guard coder.isReading else { return }
    model = isFitted ? trainer.fitted as? any ProbabilisticSurrogate : nil
    guard (model != nil) == isFitted else { throw StateCoder.damaged }
  }
}
