import DMOCore

/// A strategy that begins as an `InitialPlan` says: points with results are told to it, points without are simulated first,
/// then space-filling ones until enough are feasible. It counts all of them as part of its own initial design.
public struct PreparedStrategy: SearchStrategy {
  var base: any StorableStrategy
  private let goals: Goals
  private let space: SearchSpace
  private let plan: InitialPlan
  private var design: SpaceFillingDesign
  /// Given points still to be simulated, last first.
  private var waiting: [[Double]]
  private var known = PointSet()
  private var feasibleCount = 0
  private var designCount = 0

  /// - Throws: whatever the design throws.
  public init(_ base: any StorableStrategy, plan: InitialPlan, setup: SearchSetup) throws(SearchError) {
    self.base = base
    self.plan = plan
    goals = setup.goals
    space = setup.space
    // Without an end known beforehand the design must be good at any number of points.
    let kind: SpaceFillingDesign.Kind = setup.space.dimension <= 1111 ? .sobol : .random
    design = try SpaceFillingDesign(
      kind, space: setup.space, seed: setup.seed.derived("dynamic-design"), size: max(plan.limit, 1))
    waiting = plan.given.filter { $0.status == nil }.map(\.x).reversed()
    for point in plan.given {
      guard let status = point.status else { continue }
      let y = point.y.map { $0 ?? .nan }
      tell(Observation(x: point.x, result: EvaluationResult(id: 0, status: status, y: y)))
    }
  }

  public mutating func ask(_ count: Int) throws -> [Proposal] {
    var proposals: [Proposal] = []
    while proposals.count < count, let x = waiting.popLast() {
      if known.insert(x) { proposals.append(Proposal(x: x, source: "given")) }
    }
    while proposals.count < count, let wanted = plan.feasible, feasibleCount < wanted, designCount < plan.limit,
      let x = design.next(avoiding: known)
    {
      _ = known.insert(x)
      designCount += 1
      proposals.append(Proposal(x: x, source: "initial"))
    }
    if proposals.count < count { proposals += try base.ask(count - proposals.count) }
    return proposals
  }

  public mutating func tell(_ observation: Observation) {
    _ = known.insert(space.space.canonical(observation.x))
    if goals.isFeasible(observation.result) { feasibleCount += 1 }
    base.tell(observation)
  }

  public var telemetry: [String: Double] { base.telemetry }

  public var learnt: [UInt8] { base.learnt }

  mutating func code(_ coder: inout StateCoder) throws {
    try coder.code(&design)
    try coder.code(&waiting)
    try coder.code(&known)
    try coder.code(&feasibleCount)
    try coder.code(&designCount)
    var state = coder.isReading ? [] : try base.state()
    try coder.code(&state)
    if coder.isReading { try base.restore(state) }
  }
}
