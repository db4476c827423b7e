import DMOCore
import DMOSurrogates
import Testing

@testable import DMOSearch

@Suite("gradient: asynchronous behaviour and odd answers")
struct GradientBehaviourTests {
  private let bowl = TestProblem.smooth(4, [.minimize]) { x in [x.reduce(0) { $0 + ($1 - 0.4) * ($1 - 0.4) }] }

  private func make(_ problem: TestProblem, seed: UInt64 = 1, budget: Int = 200, _ options: [String: String] = [:])
    throws -> any SearchStrategy
  {
    try StrategyRegistry.make(
      "gradient", options: options, setup: problem.setup(seed: seed, budget: budget), trainer: problem.exactTrainer)
  }

  /// A study with several points in flight, answered in an order that a seed decides.
  private func shuffledRun(_ problem: TestProblem, seed: UInt64, order: UInt64, inFlight: Int, _ count: Int) throws
    -> [Proposal]
  {
    var strategy = try make(problem, seed: seed)
    var stream = Seed(order).generator
    var (waiting, all): ([Proposal], [Proposal]) = ([], [])
    while all.count < count {
      let fresh = try strategy.ask(inFlight - waiting.count)
      #expect(!fresh.isEmpty, "a free worker always gets a point")
      waiting += fresh
      all += fresh
      let proposal = waiting.remove(at: stream.index(below: waiting.count))
      let result = problem.evaluate(proposal.x, id: all.count)
      strategy.tell(Observation(x: proposal.x, result: result))
    }
    return all
  }

  @Test("the same order of calls gives the same proposals; another seed or order gives others")
  func determinism() throws {
    let a = try shuffledRun(bowl, seed: 1, order: 1, inFlight: 4, 80)
    #expect(a == (try shuffledRun(bowl, seed: 1, order: 1, inFlight: 4, 80)))
    #expect(a != (try shuffledRun(bowl, seed: 1, order: 2, inFlight: 4, 80)))
    #expect(a.first != (try shuffledRun(bowl, seed: 2, order: 1, inFlight: 4, 80)).first)
  }

  @Test("with many in flight nothing is proposed twice, and the search still descends", arguments: [2, 8, 30])
  func manyInFlight(count: Int) throws {
    let all = try shuffledRun(bowl, seed: 3, order: 7, inFlight: count, 150)
    #expect(Set(all.map(\.x)).count == all.count)
    let best = all.map { bowl.answer($0.x).1[0] }.min() ?? .infinity
    #expect(best < 2e-3)
    #expect(all.contains { $0.source == "gradient" })
  }

  @Test("without any answer the design goes on, as many points as are asked for")
  func noAnswers() throws {
    var strategy = try make(bowl)
    let all = try strategy.ask(90)
    #expect(all.count == 90)
    #expect(all.prefix(20).allSatisfy { $0.source == "initial" })
    #expect(all.dropFirst(20).allSatisfy { $0.source == "design" })
  }

  @Test("the surrogate is fitted when new answers came, not for every point asked")
  func fits() throws {
    final class Counter: @unchecked Sendable { var rows: [Int] = [] }  // one thread: the test's
    struct Counting: SurrogateTrainer {
      var inner: ExactTrainer
      let counter: Counter
      var lastLoss: Double { 0.25 }
      mutating func fit(_ data: Dataset) throws -> any Surrogate {
        counter.rows.append(data.count)
        return try inner.fit(data)
      }
    }
    let counter = Counter()
    var strategy = try StrategyRegistry.make(
      "gradient", options: ["starts": "3"], setup: bowl.setup(),
      trainer: Counting(inner: bowl.exactTrainer, counter: counter))
    for proposal in try strategy.ask(20) {
      strategy.tell(Observation(x: proposal.x, result: bowl.evaluate(proposal.x, id: 1)))
    }
    _ = try strategy.ask(2)
    _ = try strategy.ask(1)
    _ = try strategy.ask(4)
    #expect(counter.rows == [20])
    #expect(strategy.telemetry["training_loss"] == 0.25)
    #expect(strategy.telemetry["evaluations"] == 20)
    #expect((strategy.telemetry["step_length"] ?? 0) > 0)
    #expect((strategy.telemetry["predicted_improvement"] ?? 0) > 0)
  }

  @Test("pinned parameters never move and the surrogate does not see them")
  func pinned() throws {
    var problem = bowl
    problem.fixed = [1: 0.9, 2: 0.125]
    var strategy = try make(problem)
    let (points, results) = try problem.run(&strategy, 100)
    #expect(points.allSatisfy { $0[1] == 0.9 && $0[2] == 0.125 })
    let best = try #require(Ranking.best(results, problem.goals))
    #expect(results[best].y[0] < 0.25 + 0.275 * 0.275 + 1e-3)
  }

  @Test("INFEASIBLE and failed points are never starts, and the minimum beside them is found")
  func hiddenConstraint() throws {
    // The bowl's lowest point lies at 0.4; half of the space beyond x0 = 0.45 is refused, a corner crashes.
    let problem = TestProblem(
      space: bowl.space, outputs: bowl.outputs,
      answer: { [bowl] x in
        if x[0] > 0.45 { return (.infeasible, [.nan]) }
        if x[1] < 0.2 && x[2] < 0.2 { return (.crashed, []) }
        return bowl.answer(x)
      })
    let trainer = bowl.exactTrainer
    var strategy = try StrategyRegistry.make("gradient", setup: problem.setup(), trainer: trainer)
    let results = try problem.run(&strategy, 120).results
    let best = try #require(Ranking.best(results, problem.goals))
    #expect(results[best].y[0] < 1e-3)
    let counts = Ranking.counts(results)
    #expect(strategy.telemetry["infeasible"] == Double(counts[.infeasible] ?? 0))
    #expect(results.dropFirst(20).filter { $0.status != .ok }.count < 20)
  }

  @Test("when everything fails the search keeps sampling new points")
  func allFail() throws {
    let problem = TestProblem(space: bowl.space, outputs: bowl.outputs, answer: { _ in (.timedOut, []) })
    var strategy = try make(problem)
    let (points, _) = try problem.run(&strategy, 80)
    #expect(points.count == 80 && Set(points).count == 80)
    #expect(strategy.telemetry["failed"] == 80)
  }

  @Test("INFEASIBLE answers with some outputs known are learnt from, and the search goes on")
  func partialOutputs() throws {
    let problem = TestProblem.smooth(3, [.minimize, .atMost(0.5)]) { [$0[0] + $0[1], $0[2]] }
    var strategy = try make(problem)
    for (k, proposal) in try strategy.ask(20).enumerated() {
      let result = EvaluationResult(id: UInt64(k), status: .infeasible, y: [proposal.x[0] + proposal.x[1], .nan])
      strategy.tell(Observation(x: proposal.x, result: result))
    }
    #expect(try strategy.ask(3).count == 3)
    #expect(strategy.telemetry["training_loss"] == 0, "a fit took place")
  }

  @Test("a discrete space is searched without repeats until nothing is left")
  func exhaustion() throws {
    let problem = TestProblem(
      space: ParameterSpace([
        Parameter(id: "n", kind: .integer, min: 0, max: 9), Parameter(id: "m", kind: .integer, min: 0, max: 4),
      ]),
      outputs: OutputSpace([Output(id: "y", role: .minimize)]),
      answer: { x in (.ok, [(x[0] - 7) * (x[0] - 7) + (x[1] - 1) * (x[1] - 1)]) })
    var strategy = try make(problem)
    let points = try problem.run(&strategy, 200).x
    #expect(points.count == 50)
    #expect(Set(points).count == 50)
    #expect(points.prefix(32).contains([7, 1]))
  }

  @Test("points given by the user count as initial ones and are built upon")
  func givenPoints() throws {
    var strategy = try make(bowl)
    for k in 0..<20 {
      let x = [0.1, 0.2 + 0.01 * Double(k), 0.5, 0.9]
      strategy.tell(Observation(x: x, result: bowl.evaluate(x, id: k)))
    }
    let proposal = try #require(try strategy.ask(1).first)
    #expect(proposal.source == "gradient")
    #expect(bowl.answer(proposal.x).1[0] < bowl.answer([0.1, 0.39, 0.5, 0.9]).1[0])
  }

  @Test("the problem's own starting values come first")
  func suggestedStart() throws {
    let problem = TestProblem(
      space: ParameterSpace([Parameter(id: "a", min: 0, max: 8, initial: 3), Parameter(id: "b", initial: 0.25)]),
      outputs: bowl.outputs, answer: { (.ok, [$0[0]]) })
    var strategy = try make(problem)
    let first = try strategy.ask(2)
    #expect(first[0] == Proposal(x: [3, 0.25], source: "start"))
    #expect(first[1].source == "initial")
  }

  @Test("the initial design takes at most half the budget and stays affordable in thousands of dimensions")
  func initialCount() {
    let count = GradientOptions.initialCount
    #expect(count(10, 200) == 20)
    #expect(count(20, 200) == 20)
    #expect(count(25, 200) == 50)
    #expect(count(999, 200) == 64)
    #expect(count(3600, 200) == 20)
    #expect(count(10, 30) == 15)
    #expect(count(10, 1) == 1)
  }

  @Test("only objectives' signs count: maximising the negative gives the same proposals")
  func directions() throws {
    let negative = TestProblem(
      space: bowl.space, outputs: OutputSpace([Output(id: "y", role: .maximize)]),
      answer: { [bowl] x in (.ok, [-bowl.answer(x).1[0]]) })
    var (a, b) = (try make(bowl), try make(negative))
    #expect(try bowl.run(&a, 60).x == negative.run(&b, 60).x)
  }

  @Test("a surrogate whose gradient is not a number leads to local samples, never to a bad point")
  func divergedSurrogate() throws {
    let trainer = ExactTrainer(inputCount: 4) { _ in [.nan] }
    var strategy = try StrategyRegistry.make("gradient", setup: bowl.setup(), trainer: trainer)
    var proposals: [Proposal] = []
    for k in 0..<40 {
      let proposal = try #require(try strategy.ask(1).first)
      proposals.append(proposal)
      strategy.tell(Observation(x: proposal.x, result: bowl.evaluate(proposal.x, id: k)))
    }
    #expect(proposals.allSatisfy { $0.x.allSatisfy { (0...1).contains($0) } })
    #expect(proposals.dropFirst(20).allSatisfy { $0.source == "local" })
  }

  @Test("a study of constraints alone finds a feasible point and goes on around it")
  func feasibilityOnly() throws {
    let problem = TestProblem.smooth(5, [.atMost(0.01)]) { x in [x.reduce(0) { $0 + ($1 - 0.6) * ($1 - 0.6) }] }
    var strategy = try make(problem)
    let (points, results) = try problem.run(&strategy, 90)
    #expect(Ranking.best(Array(results.prefix(20)), problem.goals) == nil)
    #expect(Ranking.best(results, problem.goals) != nil)
    #expect(Set(points).count == 90)
  }

  @Test("local samples are drawn around each new point when asked for")
  func localSamples() throws {
    var strategy = try make(bowl, ["local": "2", "sigma": "0.01"])
    for proposal in try strategy.ask(20) {
      strategy.tell(Observation(x: proposal.x, result: bowl.evaluate(proposal.x, id: 1)))
    }
    let three = try strategy.ask(3)
    #expect(three.map(\.source) == ["gradient", "local", "local"])
    for local in three.dropFirst() {
      #expect(zip(local.x, three[0].x).allSatisfy { abs($0 - $1) < 0.06 })  // six standard deviations
    }
  }
}
