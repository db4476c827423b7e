import DMOCore
import Testing

@testable import DMOSearch

@Suite("termination and initial plans")
struct TerminationTests {
  private let two = Goals(OutputSpace([Output(id: "f", role: .minimize), Output(id: "g", role: .minimize)]))
  private let one = Goals(OutputSpace([Output(id: "gain", role: .maximize), Output(id: "c", role: .atMost(0))]))

  /// After how many answers the rules are met; nil when never.
  private func stop(_ rules: StopRules, _ goals: Goals, _ count: Int, _ y: (Int) -> [Double]) -> Int? {
    var termination = Termination(rules, goals: goals)
    for k in 1...count {
      termination.tell(EvaluationResult(id: UInt64(k), status: .ok, y: y(k)))
      if termination.reason != nil { return k }
    }
    return nil
  }

  @Test("a target counts in the output's own direction, and only at feasible points")
  func target() {
    let rules = StopRules(target: 50)
    #expect(stop(rules, one, 100) { [Double($0), -1] } == 50)
    #expect(stop(rules, one, 100) { [Double($0), $0 < 70 ? 1 : 0] } == 70)
    #expect(stop(rules, one, 40) { [Double($0), -1] } == nil)
  }

  @Test("each rule stops a search that stands still after 300 answers, within two windows, and none that goes on",
    arguments: StopRules.Progress.allCases)
  func standstill(kind: StopRules.Progress) throws {
    let rules = StopRules(progress: [kind: kind.defaultTolerance], window: 100)
    func improving(_ k: Int) -> [Double] {
      let t = Double(k % 11) / 10
      return [t / 10 - 0.001 * Double(k), (1 - t) / 10 - 0.001 * Double(k)]
    }
    #expect(stop(rules, two, 1000, improving) == nil)
    let stopped = try #require(stop(rules, two, 1000) { improving(min($0, 300)) })
    #expect((320...510).contains(stopped), "\(stopped)")
  }

  @Test("nothing stops while nothing feasible is known")
  func infeasible() {
    let rules = StopRules(progress: [.hypervolume: 0.1, .objectives: 0.1, .stagnation: 0.1], window: 20)
    #expect(stop(rules, one, 500) { _ in [1, 1] } == nil)
    #expect(stop(rules, one, 500) { [1, $0 < 300 ? 1.0 : 0] } ?? 0 > 315)
  }

  @Test("given points come first, results are told and not asked for, and a dynamic design goes on until enough are feasible")
  func plan() throws {
    let problem = TestProblem.smooth(2, [.minimize, .atLeast(0.7)]) { [$0[0] + $0[1], $0[0]] }
    let setup = problem.setup(budget: 60)
    let plan = InitialPlan(
      given: [.init(x: [0.1, 0.2]), .init(x: [0.9, 0.5], status: .ok, y: [1.4, 0.9]), .init(x: [0.3, 0.4])],
      feasible: 4, limit: 30)
    let base = try StrategyRegistry.make("nsga2", options: ["initial": "4"], setup: setup)
    var strategy: any SearchStrategy = try PreparedStrategy(base, plan: plan, setup: setup)
    var sources: [String] = []
    var points: [[Double]] = []
    var feasible = 1
    while sources.count < 40, let proposal = try strategy.ask(1).first {
      if proposal.source == "nsga2" { #expect(feasible >= 4) }
      if proposal.source == "initial" { #expect(feasible < 4) }
      sources.append(proposal.source)
      points.append(proposal.x)
      let result = problem.evaluate(proposal.x, id: sources.count)
      if problem.goals.isFeasible(result) { feasible += 1 }
      strategy.tell(Observation(x: proposal.x, result: result))
    }
    #expect(Array(points.prefix(2)) == [[0.1, 0.2], [0.3, 0.4]])
    #expect(sources.prefix(2) == ["given", "given"] && sources[2] == "initial" && sources.last == "nsga2")
    #expect(!points.contains([0.9, 0.5]))
  }

  @Test("a dynamic design ends at its limit where nothing is feasible")
  func limit() throws {
    let problem = TestProblem.smooth(2, [.minimize, .atLeast(7)]) { [$0[0], $0[0]] }
    let setup = problem.setup(budget: 60)
    let base = try StrategyRegistry.make("nsga2", options: ["initial": "4"], setup: setup)
    var strategy: any SearchStrategy = try PreparedStrategy(
      base, plan: InitialPlan(feasible: 3, limit: 15), setup: setup)
    var sources: [String] = []
    for id in 1...30 {
      let proposal = try #require(try strategy.ask(1).first)
      sources.append(proposal.source)
      strategy.tell(Observation(x: proposal.x, result: problem.evaluate(proposal.x, id: id)))
    }
    #expect(sources.count { $0 == "initial" } == 15 && sources.count { $0 == "nsga2" } == 15)
  }
}
