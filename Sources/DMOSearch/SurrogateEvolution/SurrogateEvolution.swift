import DMOCore
import DMONumerics
import DMOSurrogates

/// An evolutionary algorithm on surrogates, in epochs: the scheme of MO-ASMO (Gong et al., Environ. Model. Softw. 80 (2016))
/// and dmosopt, asynchronous.
///
/// 1. An initial design is evaluated.
/// 2. An epoch fits the surrogate to all answers, runs the algorithm on it from the known points and a fresh hypercube, and
///    queues `resample-fraction` of a population: those that are predicted to add most to the hypervolume, or where nothing
///    is predicted to add any, the least crowded.
/// 3. When the queue is empty the next epoch begins with what is known by then. Points in flight count as predicted, so
///    that none is proposed twice and none beside another; no worker waits.
struct SurrogateEvolution: CodedStrategy {
  private let goals: Goals
  private let genes: GeneSpace
  private let features: FeatureMap
  private let source: String
  private let seed: Seed
  private let generations: Int
  private let batch: Int
  private let makeAlgorithm: (Int) throws -> any Evolution
  private var trainer: any SurrogateTrainer
  private var initial: InitialDesign
  private var data: Dataset
  private var known: [Individual] = []
  private var seen = PointSet()
  /// Proposed and not answered, by the fingerprint of x; with the prediction where there was one.
  private var pending: [UInt64: Individual] = [:]
  private var queue: [Individual] = []
  private var epoch = 0
  /// Σ |predicted − true| of each objective, and how many, since the last fit.
  private var errors: (sum: Double, count: Int) = (0, 0)
  private var score: PredictionScore
  private(set) var telemetry: [String: Double] = [:]

  init(
    _ context: EvolutionEntry.Context, trainer: any SurrogateTrainer, initial: InitialDesign, source: String,
    make: @escaping @Sendable (EvolutionEntry.Context) throws(SearchError) -> any Evolution
  ) throws(SearchError) {
    goals = context.setup.goals
    genes = context.genes
    features = FeatureMap(context.setup.space)
    self.source = source
    seed = context.setup.seed.derived("surrogate-evolution")
    generations = context.options.generations
    batch = max(1, Int(Double(context.populationSize) * context.options.resampleFraction))
    score = PredictionScore(objectives: goals.objectives.count)
    self.trainer = trainer
    self.initial = initial
    data = Dataset(inputCount: features.count, outputCount: goals.objectives.count + goals.constraints.count)
    // What is wrong with the options shows now, not at the first epoch.
    _ = try make(context)
    makeAlgorithm = { epoch in
      var own = context
      own.setup.seed = context.setup.seed.derived("epoch", UInt64(epoch))
      return try make(own)
    }
  }

  mutating func ask(_ count: Int) throws -> [Proposal] {
    var proposals: [Proposal] = []
    while proposals.count < count {
      if queue.isEmpty && initial.isComplete && known.count > 1 { try runEpoch() }
      if queue.isEmpty {
        guard let proposal = initial.next(avoiding: seen) else { break }
        note(Individual(z: genes.encode(proposal.x), losses: unknownLosses, violation: .infinity), proposal.x)
        proposals.append(proposal)
      } else {
        let next = queue.removeFirst()
        let x = genes.decode(next.z)
        if seen.contains(x) { continue }
        note(next, x)
        proposals.append(Proposal(x: x, source: source))
      }
    }
    return proposals
  }

  private var unknownLosses: [Double] { [Double](repeating: .nan, count: goals.objectives.count) }

  private mutating func note(_ individual: Individual, _ x: [Double]) {
    _ = seen.insert(x)
    pending[PointSet.fingerprint(x)] = individual
  }

  /// Fits, searches the surrogate, fills the queue; leaves it empty when nothing can be learnt or nothing new was found.
  private mutating func runEpoch() throws {
    let surrogate: any Surrogate
    do {
      surrogate = try trainer.fit(data)
    } catch let error as SurrogateError where error.code == .nothingToLearn { return }
    telemetry["training_loss"] = trainer.lastLoss
    if errors.count > 0 { telemetry["prediction_error"] = errors.sum / Double(errors.count) }
    errors = (0, 0)
    epoch += 1
    telemetry["epoch"] = Double(epoch)
    let found = try search(surrogate)
    var front = known.filter { $0.violation == 0 }.map(\.losses)
    front += pending.values.sorted { $0.z.lexicographicallyPrecedes($1.z) }.filter { $0.violation == 0 }.map(\.losses)
    let fresh = found.filter { !seen.contains(genes.decode($0.z)) }
    queue = Resampling.choose(fresh, count: batch, known: front)
  }

  /// The algorithm's population after its generations on the surrogate.
  private func search(_ surrogate: any Surrogate) throws -> [Individual] {
    var algorithm = try makeAlgorithm(epoch)
    var random = seed.derived("epoch", UInt64(epoch)).generator
    let size = algorithm.generationSize
    let feasible = known.filter { $0.violation == 0 }
    let hypercube = LatinHypercube.points(
      count: size, dimension: genes.count, seed: seed.derived("hypercube", UInt64(epoch)))
    let fresh = (0..<size).map { genes.encode(genes.decode(Array(hypercube[$0 * genes.count..<($0 + 1) * genes.count]))) }
    let start = (feasible.isEmpty ? known : feasible).map(\.z) + fresh
    algorithm.start(with: predict(start, surrogate), &random)
    while algorithm.generation < generations {
      let candidates = (0..<size).map { _ in algorithm.propose(&random) }
      let answers = predict(candidates.map(\.z), surrogate)
      for (candidate, answer) in zip(candidates, answers) { algorithm.learn(answer, key: candidate.key, &random) }
    }
    return algorithm.population
  }

  /// The surrogate's word for the points as they would be simulated (rounded, within the cube), in one call.
  private func predict(_ z: [[Double]], _ surrogate: any Surrogate) -> [Individual] {
    let rows = z.flatMap { features.encode(genes.encode(genes.decode($0))) }
    let y = surrogate.predict(rows: z.count, z: rows)
    let width = surrogate.outputCount
    let m = goals.objectives.count
    return z.indices.map { i in
      let row = y[i * width..<(i + 1) * width]
      let violation = row.dropFirst(m).prefix(goals.constraints.count).reduce(0) { $0 + max($1, 0) }
      return Individual(z: z[i], losses: Array(row.prefix(m)), violation: violation)
    }
  }

  mutating func tell(_ observation: Observation) {
    let x = genes.space.space.canonical(observation.x)
    let expected = pending.removeValue(forKey: PointSet.fingerprint(x))
    if expected == nil { initial.countGiven() }
    _ = seen.insert(x)
    let result = observation.result
    let z = genes.encode(x)
    known.append(Individual(z: z, result, goals))
    let width = goals.objectives.count + goals.constraints.count
    let targets =
      result.status.hasOutputs
      ? (goals.losses(result.y) + goals.violations(result.y)).map { $0.isFinite ? $0 : .nan }
      : [Double](repeating: .nan, count: width)
    if targets.contains(where: \.isFinite) { data.append(z: features.encode(z), y: targets) }
    for (predicted, actual) in zip(expected?.losses ?? [], targets) where predicted.isFinite && actual.isFinite {
      errors.sum += abs(predicted - actual)
      errors.count += 1
    }
    score.note(Array(targets.prefix(goals.objectives.count)), predicted: expected?.losses)
    telemetry["prediction_nrmse"] = score.nrmse
    telemetry["evaluations"] = Double(known.count)
    telemetry[result.status == .infeasible ? "infeasible" : result.status == .ok ? "ok" : "failed", default: 0] += 1
  }
  var learnt: [UInt8] { trainer.saved() }
  var isReplayCostly: Bool { true }

  mutating func code(_ coder: inout StateCoder) throws {
    try coder.code(&trainer)
    try coder.code(&initial)
    try coder.code(&data)
    try coder.code(&known)
    try coder.code(&seen)
    try coder.code(&pending)
    try coder.code(&queue)
    try coder.code(&epoch)
    try coder.code(&errors.sum)
    try coder.code(&errors.count)
    try score.code(&coder)
    try coder.code(&telemetry)
  }
}
