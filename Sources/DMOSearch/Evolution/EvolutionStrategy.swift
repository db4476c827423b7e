import DMOCore

/// An evolutionary algorithm on the simulator itself, asynchronous: an initial design, then whatever the algorithm proposes.
///
/// While answers of the initial design are still out, the algorithm begins with those that are in, and takes the others in
/// as they come. A candidate that is known already is replaced; where the algorithm offers nothing new, a point of the
/// design is.
struct EvolutionStrategy: CodedStrategy {
  /// How often the algorithm is asked again for a point that is not known.
  private static let patience = 50

  private let goals: Goals
  private let genes: GeneSpace
  private let source: String
  private var algorithm: any Evolution
  private var random: RandomStream
  private var initial: InitialDesign
  private var known: [Individual] = []
  private var hasStarted = false
  private var seen = PointSet()
  /// What is in flight, by the fingerprint of x; a nil key is the design's.
  private var pending: [UInt64: Awaited] = [:]
  private var counts: [String: Double] = [:]
  private var reportedGeneration = -1
  /// Told once a generation: each evaluation's would outgrow the answers.
  private(set) var telemetry: [String: Double] = [:]

  private struct Awaited: Stored {
    var key: Int?
    var z: [Double]
    static var blank: Awaited { Awaited(key: nil, z: []) }
    mutating func code(_ coder: inout StateCoder) throws {
      try coder.code(&key)
      try coder.code(&z)
    }
  }

  init(setup: SearchSetup, source: String, algorithm: any Evolution, initial: InitialDesign) {
    goals = setup.goals
    genes = GeneSpace(setup.space)
    self.source = source
    self.algorithm = algorithm
    self.initial = initial
    random = setup.seed.derived("evolution").generator
  }

  mutating func ask(_ count: Int) -> [Proposal] {
    telemetry = algorithm.generation == reportedGeneration ? [:] : counts
    reportedGeneration = algorithm.generation
    var proposals: [Proposal] = []
    while proposals.count < count, let proposal = initial.isComplete ? next() : nextOfDesign() {
      proposals.append(proposal)
    }
    return proposals
  }

  private mutating func nextOfDesign() -> Proposal? {
    guard let proposal = initial.next(avoiding: seen) else { return nil }
    note(proposal.x, key: nil, z: genes.encode(proposal.x))
    return proposal
  }

  private mutating func note(_ x: [Double], key: Int?, z: [Double]) {
    _ = seen.insert(x)
    pending[PointSet.fingerprint(x)] = Awaited(key: key, z: z)
  }

  private mutating func next() -> Proposal? {
    if !hasStarted {
      // One answer gives a genetic algorithm nothing to cross.
      guard known.count > 1 || pending.isEmpty && !known.isEmpty else { return nextOfDesign() }
      algorithm.start(with: known, &random)
      known = []
      hasStarted = true
    }
    for _ in 0..<Self.patience where genes.count > 0 {
      let candidate = algorithm.propose(&random)
      let x = genes.decode(candidate.z)
      if seen.contains(x) {
        algorithm.withdraw(candidate.key)
        continue
      }
      note(x, key: candidate.key, z: candidate.z)
      return Proposal(x: x, source: source)
    }
    return nextOfDesign()
  }

  mutating func tell(_ observation: Observation) {
    let x = genes.space.space.canonical(observation.x)
    let entry = pending.removeValue(forKey: PointSet.fingerprint(x))
    if entry == nil { initial.countGiven() }
    _ = seen.insert(x)
    let individual = Individual(z: entry?.z ?? genes.encode(x), observation.result, goals)
    if hasStarted {
      algorithm.learn(individual, key: entry?.key, &random)
    } else {
      known.append(individual)
    }
    counts["evaluations", default: 0] += 1
    let status = observation.result.status
    counts[status == .infeasible ? "infeasible" : status == .ok ? "ok" : "failed", default: 0] += 1
    counts["generation"] = Double(algorithm.generation)
  }
  mutating func code(_ coder: inout StateCoder) throws {
    try algorithm.code(&coder)
    try coder.code(&random)
    try coder.code(&initial)
    try coder.code(&known)
    try coder.code(&hasStarted)
    try coder.code(&seen)
    try coder.code(&pending)
    try coder.code(&counts)
    try coder.code(&reportedGeneration)
  }
}
