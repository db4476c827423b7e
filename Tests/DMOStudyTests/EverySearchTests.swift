import DMOCore
import DMOSearch
import DMOSurrogates
import DMOWorker
import Foundation
import Testing

@testable import DMOStudy

/// Every search with every trainer that it goes with, taken from the registry, so that a new one is tested as it comes.
@Suite struct EverySearchTests {
  let folder = TemporaryFolder()

  struct Pair: CustomTestStringConvertible, Sendable {
    var search: StrategyInfo
    var trainer: String?
    var objectives = 1
    var plan: InitialPlan?
    var testDescription: String {
      "\(search.id) \(trainer ?? "alone"), \(objectives) objectives\(plan == nil ? "" : ", points given")"
    }
    var budget: Int { trainer == nil ? 100 : 36 }
  }

  static let pairs: [Pair] =
    StrategyRegistry.all.flatMap { info -> [Pair] in
      // The problem's own derivative is no part of this one.
      let others = info.trainers.filter { $0 != "exact" }
      // On evolutionary searches a trainer is one of three parts that do not know each other: two kinds tell enough.
      let trainers = info.isTrainerOptional ? [nil, "mae", "gp"] : info.trainers.isEmpty ? [nil] : others.map { $0 }
      return trainers.flatMap { trainer in
        // CMA-ES has one objective.
        (info.id == "cmaes" ? [1] : [1, 2]).map { Pair(search: info, trainer: trainer, objectives: $0) }
      }
    }
    + [("nsga2", nil), ("gradient", "mae")].compactMap { id, trainer in
      let given = [InitialPlan.Given(x: [1, 2, 3, 0.5]), .init(x: [2, 0, 4, 0.1], status: .ok, y: [1, 0.5, -1])]
      return StrategyRegistry.all.first { $0.id == id }.map {
        Pair(search: $0, trainer: trainer, plan: InitialPlan(given: given, feasible: 5, limit: 12))
      }
    }

  /// A number, labels, whole numbers and an angle; one or two objectives and a bound; some points have no answer.
  private final class Simulator: Evaluator {
    let spec: ProblemSpec
    let capacity = 1
    private var queue: [EvaluationRequest] = []
    init(objectives: Int) {
      spec = ProblemSpec(
        space: ParameterSpace([
          Parameter(id: "x", min: -5, max: 5), Parameter(id: "c", kind: .categorical(["a", "b", "d"]), min: 0, max: 2),
          Parameter(id: "n", kind: .integer, min: 0, max: 9), Parameter(id: "t", min: 0, max: 1, isPeriodic: true),
        ]),
        outputs: OutputSpace([
          Output(id: "f", role: .minimize), Output(id: "h", role: objectives > 1 ? .minimize : .observe),
          Output(id: "g", role: .atMost(0)),
        ]))
    }
    func submit(_ request: EvaluationRequest) { queue.append(request) }
    func next(timeout seconds: Double?) -> EvaluationResult? {
      if queue.isEmpty { return nil }
      let r = queue.removeFirst()
      if r.id % 13 == 0 { return EvaluationResult(id: r.id, status: .failed, y: [.nan, .nan, .nan], message: "no") }
      if r.id % 11 == 0 { return EvaluationResult(id: r.id, status: .infeasible, y: [.nan, .nan, 1]) }
      let (x, c, n, t) = (r.x[0], r.x[1], r.x[2], r.x[3])
      let f = (x - 1) * (x - 1) + c + abs(n - 4) + sin(2 * .pi * t)
      return EvaluationResult(id: r.id, status: .ok, y: [f, (x + 2) * (x + 2) + n / 3, x + n / 10 - 1.5])
    }
    func vjp(_ request: EvaluationRequest, ybar: [Double]) -> (result: EvaluationResult, xbar: [Double]?) {
      preconditionFailure("has no derivative")
    }
    var composite: (any Composite)? { nil }
    func draw(_ request: EvaluationRequest) throws -> [Artifact] { [] }
    func shutdown() {}
  }

  private struct Killed: Error {}
  private final class Fuse { var left = Int.max }

  /// Dies without taking leave when its fuse has burnt down.
  private struct Mortal: StorableStrategy {
    var base: any StorableStrategy
    let fuse: Fuse
    static let stateFormat = "mortal"
    var isReplayCostly: Bool { base.isReplayCostly }
    var telemetry: [String: Double] { base.telemetry }
    mutating func ask(_ count: Int) throws -> [Proposal] {
      fuse.left -= 1
      if fuse.left < 0 { throw Killed() }
      return try base.ask(count)
    }
    mutating func tell(_ observation: Observation) { base.tell(observation) }
    func state() throws -> [UInt8] { try base.state() }
    mutating func restore(_ state: [UInt8]) throws { try base.restore(state) }
  }

  private func strategy(_ pair: Pair) throws -> any StorableStrategy {
    let spec = Simulator(objectives: pair.objectives).spec
    let setup = SearchSetup(
      space: SearchSpace(spec.space), outputs: spec.outputs, goals: Goals(spec.outputs), seed: Seed(3),
      budget: pair.budget)
    let options: [String: [String]] = [
      "mae": ["hidden=8", "cold_epochs=20", "epochs=4"],
      "joint": ["members=2", "width=16", "cold_epochs=20", "epochs=5"],
    ]
    let small = pair.trainer.map { id in
      options[id] ?? (id == "gp" ? [] : (id == "ensemble" ? ["members=2"] : []) + (options["mae"] ?? []))
    }
    let trainer = try pair.trainer.map {
      try TrainerRegistry.make(
        id: $0, options: small ?? [],
        setup: TrainerSetup(seed: Seed(4), featureGroups: setup.space.featureGroups))
    }
    var settings: [String: String] = [:]
    let keys = Set(pair.search.options.map(\.key))
    for (key, value) in [("population-size", "12"), ("num-generations", "3"), ("raw", "24"), ("restarts", "2")]
    where keys.contains(key) && pair.search.id != "cmaes" { settings[key] = value }
    // By itself a grid may end before the budget does.
    if keys.contains("levels") { settings["levels"] = "5" }
    if pair.trainer != nil && keys.contains("initial") { settings["initial"] = "12" }
    let made = try StrategyRegistry.make(pair.search.id, options: settings, setup: setup, trainer: trainer)
    guard let plan = pair.plan else { return made }
    return try PreparedStrategy(made, plan: plan, setup: setup)
  }

  private func store(_ name: String, _ pair: Pair) throws -> StudyStore {
    try StudyStore.create(
      path: folder.file(name), Bowl.description(budget: pair.budget, spec: Simulator(objectives: pair.objectives).spec))
  }

  private func essence(_ store: StudyStore) throws -> [String] {
    let rows = try store.rows().map {
      "\($0.request) \($0.answer ?? 0) \($0.source) \($0.decision) \($0.result.map { "\($0.status) \($0.y)" } ?? "-")"
    }
    return try rows
      + store.decisions().map { d in
        "\(d.id) \(d.after) \(d.requested) \(d.proposed) \(d.telemetry.sorted { $0.key < $1.key })"
      }
  }

  @Test("a study stopped and killed at random moments equals the one that was not, to the bit", arguments: pairs)
  func interrupted(_ pair: Pair) throws {
    let whole = try store("whole.dmo", pair)
    let simulator = { Simulator(objectives: pair.objectives) }
    let uninterrupted = StudyRunner(
      store: whole, evaluator: simulator(), strategy: Mortal(base: try strategy(pair), fuse: Fuse()), clock: { 0 })
    #expect(try uninterrupted.run() == .budgetSpent)
    try store("parts.dmo", pair).close()
    var stream = Seed(UInt64(pair.budget)).derived(pair.testDescription).generator
    var (stops, restored) = (0, 0)
    while true {
      let store = try StudyStore.open(path: folder.file("parts.dmo"), readOnly: false)
      let fuse = Fuse()
      let runner = StudyRunner(
        store: store, evaluator: simulator(), strategy: Mortal(base: try strategy(pair), fuse: fuse), clock: { 0 })
      let known = runner.incumbents.total
      #expect(try runner.replay() == nil, "the replay proposes other points")
      if runner.snapshotAt > known { restored += 1 }
      if runner.strategy.isCostly { #expect(runner.told - runner.snapshotAt <= 1, "what was learnt is learnt anew") }
      var left = 1 + stream.index(below: pair.budget / 4)
      let way = stream.index(below: 3)
      if way == 0 { fuse.left = left }
      do {
        let outcome = try runner.run(
          request: { way > 0 && left <= 0 ? (way == 1 ? .finish : .abandon) : .goOn }, onAnswer: { _ in left -= 1 })
        // Some end without taking leave.
        if stream.uniform() < 0.5 { store.close() }
        if outcome == .budgetSpent { break }
        try #require(outcome != .exhausted, "the search ended before its budget")
      } catch is Killed {}
      stops += 1
    }
    #expect(stops >= 3 && restored > 0, "\(stops) stops, \(restored) of them restored")
    let parts = try StudyStore.open(path: folder.file("parts.dmo"))
    #expect(try essence(parts) == essence(whole))
    #expect(try parts.incumbents().front.map(\.id) == whole.incumbents().front.map(\.id))
  }

  @Test(
    "a state that was cut, changed in a bit, or of another set-up is refused, and nothing changes", arguments: pairs)
  func damaged(_ pair: Pair) throws {
    var one = try strategy(pair)
    let simulator = Simulator(objectives: pair.objectives)
    func advance(_ strategy: inout any StorableStrategy, _ count: Int, _ id: inout UInt64) throws -> [Proposal] {
      var all: [Proposal] = []
      for _ in 0..<count {
        for proposal in try strategy.ask(1) {
          id += 1
          all.append(proposal)
          simulator.submit(EvaluationRequest(id: id, x: proposal.x))
          if let result = simulator.next(timeout: 0) { strategy.tell(Observation(x: proposal.x, result: result)) }
        }
      }
      return all
    }
    var id: UInt64 = 0
    _ = try advance(&one, 20, &id)
    let state = try one.state()
    var two = try strategy(pair)
    try two.restore(state)
    #expect(try two.state() == state, "what is restored is stored as the same bytes")
    var flipped = state
    flipped[state.count / 2] ^= 4
    for bad in [flipped, Array(state.dropLast()), state + [0], []] {
      #expect(throws: (any Error).self) { try two.restore(bad) }
      #expect(try two.state() == state, "a refusal changes nothing")
    }
    var again = id
    #expect(try advance(&one, 3, &id) == advance(&two, 3, &again))
  }
}

extension SearchStrategy {
  fileprivate var isCostly: Bool { (self as? any StorableStrategy)?.isReplayCostly == true }
}
