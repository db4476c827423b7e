import DMOCore
import DMOSurrogates

/// Online search along a surrogate's gradient: Algorithm 1 of arXiv 2501.19161, asynchronous.
///
/// Forward is always the simulator, backward the surrogate: from each of the best points one Adam step along
/// (dJ/dy at the true y)ᵀ Jac_g(x) in the unit cube, then the new point is simulated and learnt from. What the paper
/// leaves open is decided thus:
/// - The surrogate learns all losses and constraint violations, or (`target`) the outputs from which the
///   problem computes them exactly; unknown entries are NaN, which trainers mask.
/// - Adam's memory follows a line of descent: a better new point inherits it and takes the line over, with a rate grown
///   by half. A worse one lowers the rate of the point it came from, which forgets its direction, keeps its scales, and
///   has one local sample drawn around it next: the surrogate's gradient was wrong there, and near points mend it.
/// - One objective: J is the loss. Several: an augmented Chebyshev scalar with fresh random weights for every step,
///   whose direction is the bare gradient. Infeasible starts descend their violation; every step is projected into
///   the linearised constraints.
/// - Points whose nearest known neighbour is INFEASIBLE or failed are moved back towards their start, and such points
///   are never starts.
/// - Nothing waits: when no step is queued, a new iteration is prepared from what is known now, and points whose step
///   is still in flight are passed over. Without anything to start from, the design goes on.
public struct GradientStrategy: CodedStrategy {
  let space: SearchSpace
  let goals: Goals
  let options: GradientOptions
  let features: FeatureMap
  let targets: TargetMap
  /// Of each free coordinate: whether it wraps, and half the distance of its levels (0 when continuous).
  let isPeriodic: [Bool]
  let halfLevels: [Double]
  let seed: Seed
  /// The problem's own derivative, for telemetry; nil where there is none, or where steps follow it anyway.
  let exact: (any Surrogate)?
  /// Whether the "surrogate" is the problem itself.
  let isExact: Bool
  private var trainer: any SurrogateTrainer
  private(set) var surrogate: (any Surrogate)?
  private var data: Dataset
  private var fittedRows = 0
  /// Fits so far.
  private(set) var fits = 0
  private var design: SpaceFillingDesign
  /// Points of the design asked for, and points told without having been asked for.
  private var initialCount = 0

  var known: [KnownPoint] = []
  var seen = PointSet()
  var queue: [Proposal] = []
  /// By the fingerprint of x; what is queued or in flight.
  var pending: [UInt64: PendingStep] = [:]
  /// Iterations prepared so far: each has its own random streams.
  var iteration: UInt64 = 0
  var merit: Merit
  /// Names end up in the study's record.
  public internal(set) var telemetry: [String: Double] = [:]
  var predictions = PredictionRecord()
  /// A trust ratio came in since the last iteration.
  var hasNewTrustRatio = false

  init(setup: SearchSetup, options: GradientOptions, trainer: any SurrogateTrainer) throws(SearchError) {
    space = setup.space
    goals = setup.goals
    self.options = options
    features = FeatureMap(setup.space)
    isPeriodic = setup.space.free.map { setup.space.space.parameter(at: $0).isPeriodic }
    halfLevels = setup.space.free.map { i in
      setup.space.space.levelCount(at: i).map { 0.5 / Double(max($0 - 1, 1)) } ?? 0
    }
    seed = setup.seed.derived("gradient")
    self.trainer = trainer
    isExact = trainer is ExactTrainer
    exact = isExact || !options.isCompared ? nil : setup.exact
    targets = try TargetMap(trainer.target, setup)
    data = Dataset(inputCount: features.count, outputCount: targets.count)
    design = try SpaceFillingDesign(
      options.design, space: setup.space, seed: setup.seed.derived("initial-design"), size: options.initial)
    merit = Merit([], objectives: goals.objectives.count, constraints: goals.constraints.count)
  }

  public var learnt: [UInt8] { trainer.saved() }
  public var isReplayCostly: Bool { true }

  mutating func code(_ coder: inout StateCoder) throws {
    try coder.code(&trainer)
    try coder.code(&data)
    try coder.code(&fittedRows)
    try coder.code(&fits)
    try coder.code(&design)
    try coder.code(&initialCount)
    try coder.code(&known)
    try coder.code(&seen)
    try coder.code(&queue)
    try coder.code(&pending)
    try coder.code(&iteration)
    try merit.code(&coder)
    try coder.code(&telemetry)
    try predictions.code(&coder)
    try coder.code(&hasNewTrustRatio)
    var isFitted = surrogate != nil
    try coder.code(&isFitted)
    guard coder.isReading else { return }
    surrogate = isFitted ? trainer.fitted : nil
    guard (surrogate != nil) == isFitted else { throw StateCoder.damaged }
  }

  public mutating func ask(_ count: Int) throws -> [Proposal] {
    var proposals: [Proposal] = []
    while proposals.count < count {
      if queue.isEmpty && initialCount >= options.initial {
        try refit()
        try prepareIteration(wanted: count - proposals.count)
      }
      if queue.isEmpty {
        guard let proposal = nextOfDesign() else { break }
        proposals.append(proposal)
      } else {
        proposals.append(queue.removeFirst())
      }
    }
    return proposals
  }

  /// The design's next point; the very first one takes the values that the problem itself suggests.
  private mutating func nextOfDesign() -> Proposal? {
    guard var x = design.next(avoiding: seen) else { return nil }
    var source = initialCount < options.initial ? "initial" : "design"
    if initialCount == 0 && known.isEmpty {
      var suggested = x
      for i in space.free {
        if let value = space.space.parameter(at: i).initial { suggested[i] = space.space.canonical(value, at: i) }
      }
      if suggested != x && !seen.contains(suggested) {
        x = suggested
        source = "start"
      }
    }
    initialCount += 1
    enqueue(x, PendingStep(latent: space.encode(x), rate: options.step))
    return Proposal(x: x, source: source)
  }

  /// Notes a point as proposed.
  mutating func enqueue(_ x: [Double], _ step: PendingStep) {
    _ = seen.insert(x)
    pending[PointSet.fingerprint(x)] = step
    if let parent = step.parent { known[parent].pending += 1 }
  }

  /// Learns what arrived since the last fit, if anything did.
  private mutating func refit() throws {
    if options.isFittedOnce && surrogate != nil { return }
    guard data.count > fittedRows, data.inputCount > 0, data.outputCount > 0 else { return }
    do {
      surrogate = try trainer.fit(data)
      fits += 1
      if trainer.lastLoss.isFinite { telemetry["training_loss"] = trainer.lastLoss }
    } catch let error as SurrogateError where error.code == .nothingToLearn {
      surrogate = nil
    }
    fittedRows = data.count
  }

  public mutating func tell(_ observation: Observation) {
    let x = space.space.canonical(observation.x)
    let step = pending.removeValue(forKey: PointSet.fingerprint(x))
    if step == nil { initialCount += 1 }
    _ = seen.insert(x)

    let result = observation.result
    let unknown = { (count: Int) in [Double](repeating: .nan, count: count) }
    let hasOutputs = result.status.hasOutputs
    let losses = hasOutputs ? goals.losses(result.y) : unknown(goals.objectives.count)
    let violations = hasOutputs ? goals.violations(result.y) : unknown(goals.constraints.count)
    let z = space.encode(x)
    let learnt = targets.targets(result)
    let input = features.encode(z)
    scorePrediction(learnt, features: input, parent: step?.parent)
    if learnt.contains(where: \.isFinite) { data.append(z: input, y: learnt) }

    var point = KnownPoint(
      z: z, latent: step?.latent ?? z, losses: losses, violations: violations,
      violation: violations.reduce(0) { $0 + ($1.isNaN ? .infinity : max($1, 0)) }, status: result.status,
      rate: options.step, answer: targets.needsAnswers ? (x, result.y) : nil)
    if let step, let parent = step.parent { judge(&point, step, parent: parent) }
    known.append(point)
    telemetry["evaluations"] = Double(known.count)
    let word = result.status == .infeasible ? "infeasible" : result.status == .ok ? "ok" : "failed"
    telemetry[word, default: 0] += 1
  }

  /// Compares a new point with the one it came from, and hands on or takes back the rate and Adam's memory.
  private mutating func judge(_ point: inout KnownPoint, _ step: PendingStep, parent: Int) {
    known[parent].pending -= 1
    if point.isStart && merit.isBetter(point, known[parent], weights: step.weights) {
      point.rate = step.countsForRate ? min(step.rate * Self.growth, options.step * Self.largestGrowth) : step.rate
      // Feasible and infeasible points descend different functions.
      if (point.violation > 0) == (known[parent].violation > 0) { point.adam = step.adam }
      if goals.objectives.count < 2 {
        known[parent].isSuperseded = true
        known[parent].adam = AdamState()  // two numbers a coordinate that nothing reads any more
      }
    } else if step.countsForRate {
      known[parent].rate *= Self.shrinkage
      known[parent].adam.forgetDirection()
      known[parent].wantsLocal = options.isLocalAfterFailure
    }
    guard step.countsForRate, point.isStart, point.violation == 0, known[parent].violation == 0 else { return }
    let gain =
      merit.scalar(known[parent].losses, weights: step.weights) - merit.scalar(point.losses, weights: step.weights)
    if step.predicted > 0 {
      telemetry["trust_ratio"] = gain / step.predicted
      hasNewTrustRatio = true
    }
  }

  static let growth = 1.5
  static let shrinkage = 0.7
  /// The largest and the smallest rate, in terms of the first.
  static let largestGrowth = 2.0
  static let smallestShrinkage = 0x1p-10
}
