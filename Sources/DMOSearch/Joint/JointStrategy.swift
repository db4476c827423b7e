import DMOCore
import DMONumerics
import DMOSurrogates

/// Constrained multi-objective search on one joint network: a portfolio of operators and gradient steps proposes,
/// expected
/// improvement weighted by feasibility decides, and what paid is asked for more.
///
/// 1. A space-filling design is evaluated.
/// 2. When the queue is empty, the network learns all answers, those without outputs included, and a pool is made:
///    NSGA-II on the surrogate, the unified gradient from the front and from that population, samples around the front
///    within the trust region, and a few points anywhere. Sensitivities set each coordinate's distribution indices,
///    steps
///    and side of the region.
/// 3. A batch is chosen greedily (`JointSelection`) and queued. Points in flight count as predicted, so that none is
///    proposed beside another; no worker waits.
/// While no feasible point is known, all of it looks for feasibility first.
struct JointStrategy: CodedStrategy, BatchedStrategy, Sendable {
  let goals: Goals
  let options: JointOptions
  let genes: GeneSpace
  let features: FeatureMap
  let seed: Seed
  let isPeriodic: [Bool]
  let background: Background
  /// Where the observed outputs are learnt in place of losses.
  private let composition: Composition?
  private var trainer: any SurrogateTrainer
  private var model: JointModel?
  private var data: Dataset
  private var fittedRows = 0
  private var initial: InitialDesign

  var known: [Individual] = []
  /// Of `known`, ready for a frame.
  private var losses: KnownLosses
  /// Margins of every known point; shape (known, constraints), NaN where unknown.
  private(set) var margins: [[Double]] = []
  var seen = PointSet()
  /// Proposed and not answered, by the fingerprint of x.
  private var pending: [UInt64: JointCandidate] = [:]
  private var queue: [JointCandidate] = []
  var round: UInt64 = 0
  var region: TrustRegion
  /// What each source brought lately, in shares of the largest.
  var credit: [String: Double] = [:]
  private(set) var telemetry: [String: Double] = [:]
  private var score: PredictionScore
  /// The next batch, being made; only with several workers.
  private var lookahead: JointLookahead?

  /// How much an answer's realised gain counts in its source's credit.
  private static let creditRate = 0.15
  /// Distance of points of a batch, as a part of the trust region.
  private static let spacing = 0.01

  init(setup: SearchSetup, options: JointOptions, trainer: any SurrogateTrainer) throws(SearchError) {
    goals = setup.goals
    self.options = options
    genes = GeneSpace(setup.space)
    features = FeatureMap(setup.space)
    isPeriodic = genes.genes.map(\.isPeriodic)
    seed = setup.seed.derived("joint")
    background = setup.background
    self.trainer = trainer
    composition = try setup.composition(for: trainer.target)
    data = Dataset(
      inputCount: features.count, outputCount: (composition?.observed.count ?? goals.objectives.count) + goals.constraints.count,
      constraintCount: goals.constraints.count, areMarginsRead: composition == nil)
    initial = try InitialDesign(setup: setup, kind: options.design, count: options.initial, sweeps: options.sweeps)
    region = TrustRegion(dimension: genes.count)
    score = PredictionScore(objectives: goals.objectives.count)
    losses = KnownLosses(objectives: goals.objectives.count)
  }

  mutating func ask(_ count: Int) throws -> [Proposal] {
    var proposals: [Proposal] = []
    while proposals.count < count {
      if queue.isEmpty && initial.isComplete && isEnoughKnown {
        if let lookahead {
          // Many workers wait for what was found already, not for what is being made.
          if options.isWide && !proposals.isEmpty { break }
          adopt(try lookahead.wait())
          self.lookahead = nil
        }
        if queue.isEmpty {
          try refit()
          try prepare(count: max(options.batch(known: known.count), count - proposals.count))
        }
      }
      if queue.isEmpty {
        guard let proposal = initial.next(avoiding: seen) else { break }
        _ = seen.insert(proposal.x)
        proposals.append(proposal)
      } else {
        let next = queue.removeFirst()
        guard seen.insert(next.x) else { continue }
        pending[PointSet.fingerprint(next.x)] = next
        proposals.append(Proposal(x: next.x, source: next.source))
      }
      lookAhead()
    }
    return proposals
  }

  /// Whether a network may choose. Many workers have more points than the design before its first answer is known: they
  /// go on with it until so many answers are known, since the first batch is a large one.
  private var isEnoughKnown: Bool {
    genes.count > 0 && known.count >= (options.isWide ? max(initial.count, 2) : 2)
  }

  /// Begins the next batch when few points are left to hand out: with several workers none then waits for the network.
  /// When it begins, and with which answers, follows from the order of calls alone.
  private mutating func lookAhead() {
    // The first fit waits for most of the design: a network of a few points would choose the first batch.
    let left = initial.remaining > 0 ? initial.remaining * Self.designWeight : queue.count
    let ahead = options.ahead(known: known.count)
    guard ahead > 0, lookahead == nil, isEnoughKnown, left <= ahead || isLong(rows: data.count) else { return }
    lookahead = JointLookahead(self)
  }

  /// This strategy after a fit, with a batch chosen beside what is queued now.
  func withNextBatch() throws -> JointStrategy {
    var next = self
    for candidate in queue where next.seen.insert(candidate.x) {
      next.pending[PointSet.fingerprint(candidate.x)] = candidate
    }
    next.queue = []
    try next.refit()
    let count = options.batch(known: known.count)
    try next.prepare(count: next.isLong(rows: data.count + count) ? Self.longBatches * count : count)
    return next
  }

  /// A fit that begins anew takes so many batches' time: the one before it is as much larger, and it begins at once.
  /// With fewer rows than this any fit is quick.
  private static let (longBatches, longRows) = (2, 100)

  private func isLong(rows: Int) -> Bool {
    !options.isWide && fittedRows > 0 && rows >= Self.longRows && trainer.startsAnew(rows: rows)
  }

  /// Takes over what a look-ahead made; what was told meanwhile stays.
  private mutating func adopt(_ next: JointStrategy) {
    (trainer, model, fittedRows, round) = (next.trainer, next.model, next.fittedRows, next.round)
    queue = next.queue.filter { !seen.contains($0.x) }
    telemetry.merge(next.telemetry.filter { Self.ofRounds.contains($0.key) }) { $1 }
  }

  /// A point of the design that is left counts as so many of a batch.
  private static let designWeight = 4

  /// Telemetry that a round sets.
  private static let ofRounds: Set = ["training_loss", "trust_region", "feasible_known", "candidates"]

  /// Learns what arrived since the last fit, if it is enough.
  private mutating func refit() throws {
    guard data.count > fittedRows, Double(data.count - fittedRows) >= options.freshShare * Double(fittedRows)
    else { return }
    do {
      let surrogate = try trainer.fit(data)
      telemetry["training_loss"] = trainer.lastLoss
      fittedRows = data.count
      if let joint = surrogate as? any FeasibilitySurrogate { model = model(joint) }
    } catch let error as SurrogateError where error.code == .nothingToLearn { model = nil }
  }

  /// The surrogate beside what was known when it was fitted.
  private func model(_ surrogate: any FeasibilitySurrogate) -> JointModel {
    JointModel(
      surrogate: composition.map { ComposedSurrogate(surrogate, $0) } ?? surrogate, features: features,
      objectives: goals.objectives.count,
      isClassified: (0..<goals.constraints.count).map { isClassified($0) },
      marginScale: (0..<goals.constraints.count).map { j in spread(margins.prefix(fittedRows).map { $0[j] }) })
  }

  private static let fewestOfAClass = 3

  private func isClassified(_ j: Int) -> Bool {
    let values = margins.prefix(fittedRows).map { $0[j] }.filter { !$0.isNaN }
    let met = values.filter { $0 <= 0 }.count
    return met >= Self.fewestOfAClass && values.count - met >= Self.fewestOfAClass
  }

  /// The inner 80 % of the finite values, at least something positive.
  func spread(_ values: [Double]) -> Double {
    let sorted = values.filter(\.isFinite).sorted()
    guard let low = sorted.first, let high = sorted.last, high > low else { return 1 }
    let inner = sorted[sorted.count - 1 - sorted.count / 10] - sorted[sorted.count / 10]
    return inner > 0 ? inner : high - low
  }

  /// Fills the queue with a batch; leaves it empty when nothing new was found.
  private mutating func prepare(count: Int) throws {
    guard let model else { return }
    round += 1
    let frame = JointFrame(known: losses, awaited: queuedLosses)
    let merit = frame.isFeasibilityFirst ? feasibilityMerit(model) : nil
    let pool = candidates(model, frame, merit, scale: options.poolScale(count: count))
    let scope = frame.scope(pool)
    var selection = JointSelection(
      ideal: frame.ideal, range: frame.range, front: scope.front, reference: scope.reference,
      merit: merit, spacing: Self.spacing * region.length)
    queue = options.isWide ? selection.chooseMany(pool, count: count) : selection.choose(pool, count: count)
    try (model.surrogate as? ComposedSurrogate)?.check()
    telemetry["trust_region"] = region.length
    telemetry["feasible_known"] = frame.isFeasibilityFirst ? 0 : 1
    telemetry["candidates"] = Double(pool.count)
  }

  /// Predicted losses of likely feasible points in flight, in a fixed order.
  private var queuedLosses: [[Double]] {
    pending.values.filter { $0.view.feasible >= 0.5 }.sorted { $0.z.lexicographicallyPrecedes($1.z) }.map(\.view.mean)
  }

  mutating func tell(_ observation: Observation) {
    let x = genes.space.space.canonical(observation.x)
    let expected = pending.removeValue(forKey: PointSet.fingerprint(x))
    if expected == nil && !seen.contains(x) { initial.countGiven() }
    _ = seen.insert(x)
    let z = genes.encode(x)
    let individual = Individual(z: z, observation.result, goals)
    if let expected { judge(individual, expected) }
    score.note(individual.losses, predicted: expected?.view.mean)
    telemetry["prediction_nrmse"] = score.nrmse
    known.append(individual)
    losses.append(individual)
    let hasOutputs = observation.result.status.hasOutputs
    margins.append(
      hasOutputs ? goals.violations(observation.result.y) : goals.constraints.map { _ in Double.nan })
    data.append(observation, goals, z: features.encode(z), observed: composition?.observed)
    telemetry["evaluations"] = Double(known.count)
    let status = observation.result.status
    telemetry[status == .infeasible ? "infeasible" : status == .ok ? "ok" : "failed", default: 0] += 1
  }

  /// What a proposed point really brought: to its source's credit, and to the trust region.
  private mutating func judge(_ point: Individual, _ expected: JointCandidate) {
    let frame = JointFrame(known: losses, awaited: [])
    let gain: Double
    if frame.isFeasibilityFirst {
      let best = known.map(\.violation).min() ?? .infinity
      gain = point.violation < best ? 1 : 0
    } else if point.violation > 0 {
      gain = 0
    } else {
      let p = frame.normalised(point.losses)
      let scope = frame.scope(adding: [p])
      gain = max(
        Hypervolume.of(scope.front + [p], reference: scope.reference)
          - Hypervolume.of(scope.front, reference: scope.reference), 0)
    }
    region.note(success: gain > 0)
    credit[expected.source, default: 0] *= 1 - Self.creditRate
    credit[expected.source, default: 0] += Self.creditRate * gain
    if expected.expected > 0 && !frame.isFeasibilityFirst { telemetry["trust_ratio"] = gain / expected.expected }
  }
}

extension JointStrategy {
  var learnt: [UInt8] { trainer.saved() }
  var isReplayCostly: Bool { true }

  mutating func code(_ coder: inout StateCoder) throws {
    try coder.code(&trainer)
    try coder.code(&data)
    try coder.code(&fittedRows)
    try coder.code(&initial)
    try coder.code(&known)
    try coder.code(&margins)
    guard fittedRows >= 0, fittedRows <= margins.count, margins.count == known.count,
      margins.allSatisfy({ $0.count == goals.constraints.count })
    else { throw StateCoder.damaged }
    try coder.code(&seen)
    try coder.code(&pending)
    try coder.code(&queue)
    try coder.code(&round)
    try region.code(&coder)
    try coder.code(&credit)
    try coder.code(&telemetry)
    try score.code(&coder)
    try codeLookahead(&coder)
    var isFitted = model != nil
    try coder.code(&isFitted)
    guard coder.isReading else { return }
    losses = KnownLosses(known, objectives: goals.objectives.count)
    model = isFitted ? (trainer.fitted as? any FeasibilitySurrogate).map { model($0) } : nil
    guard (model != nil) == isFitted else { throw StateCoder.damaged }
  }

  /// What a look-ahead began with, not what came of it: so nobody waits for it, and reading begins it again.
  private mutating func codeLookahead(_ coder: inout StateCoder) throws {
    var isAhead = lookahead != nil
    try coder.code(&isAhead)
    guard isAhead else { return lookahead = nil }
    var origin = lookahead?.origin ?? self
    origin.lookahead = nil
    try origin.code(&coder)
    if coder.isReading { lookahead = JointLookahead(origin) }
  }

  /// `--search joint`. - Throws: `SearchError` when the space or a trainer is missing.
  static func make(
    _ values: OptionValues, _ setup: SearchSetup, _ trainer: (any SurrogateTrainer)?
  ) throws(SearchError) -> any StorableStrategy {
    guard let trainer else {
      throw SearchError(
        .badPair, "--search joint needs a trainer: choose among \(JointOptions.info.trainers.joined(separator: ", "))")
    }
    return try JointStrategy(setup: setup, options: JointOptions(values, setup), trainer: trainer)
  }
}
