import DMOCore
import Testing

@testable import DMOSearch

@Suite("evolutionary strategies")
struct EvolutionStrategyTests {
  static let multiObjective = ["nsga2", "age-moea", "smpso", "mo-cmaes", "trs"]

  /// A plane front: f1 = x1, f2 = 1 − x1 + Σ (x_k − 0.3)², with x1 ≥ 0.2 as a constraint.
  private static let planar = TestProblem.smooth(5, [.minimize, .minimize, .atLeast(0.2)]) { x in
    let distance = x.dropFirst().reduce(0) { $0 + ($1 - 0.3) * ($1 - 0.3) }
    return [x[0], 1 - x[0] + distance, x[0]]
  }

  private static let mixed = TestProblem(
    space: ParameterSpace([
      Parameter(id: "real"), Parameter(id: "angle", min: 0, max: 360, isPeriodic: true),
      Parameter(id: "count", kind: .integer, min: 0, max: 9), Parameter(id: "flag", kind: .boolean),
      Parameter(id: "label", kind: .categorical(["a", "b", "c"])),
      Parameter(id: "log", scale: .log, min: 1e-3, max: 1e3), Parameter(id: "grid", min: 0, max: 1, step: 0.25),
    ]),
    outputs: OutputSpace([Output(id: "f", role: .minimize), Output(id: "g", role: .minimize)]), fixed: [0: 0.5],
    answer: { x in
      if x[2] == 5 { return (.infeasible, [.nan, .nan]) }
      if x[6] == 0.5 { return (.crashed, []) }
      return (.ok, [x[2] + (x[4] == 1 ? 0 : 3) + abs(x[1] - 350) / 360, 9 - x[2] + abs(x[5]) + (x[3] == 1 ? 0 : 1)])
    })

  @Test("every strategy comes nearer to the front than as many random points, and mostly at feasible points",
    arguments: multiObjective)
  func progress(id: String) throws {
    let problem = Self.planar
    var strategy = try StrategyRegistry.make(
      id, options: ["population-size": "20"], setup: problem.setup(seed: 3, budget: 600))
    var random = try StrategyRegistry.make("random", setup: problem.setup(seed: 3, budget: 600))
    let (_, results) = try problem.run(&strategy, 600)
    let (_, others) = try problem.run(&random, 600)
    #expect(results.count == 600)
    func distance(_ results: [EvaluationResult]) -> Double {
      let front = Ranking.paretoFront(results, problem.goals).map { results[$0].y }
      return front.reduce(0) { $0 + $1[0] + $1[1] - 1 } / Double(front.count)
    }
    #expect(distance(results) < 0.3 * distance(others), "\(distance(results)), random \(distance(others))")
    #expect(results.suffix(200).count { problem.goals.isFeasible($0) } > 120)
    let front = Ranking.paretoFront(results, problem.goals).map { results[$0].y[0] }
    #expect((front.min() ?? 1) < 0.35 && (front.max() ?? 0) > 0.85)
  }

  @Test("all kinds of parameters: proposals are canonical, new, and keep what is pinned; failures do no harm",
    arguments: multiObjective)
  func kinds(id: String) throws {
    let problem = Self.mixed
    var strategy = try StrategyRegistry.make(id, setup: problem.setup(budget: 300))
    let (points, results) = try problem.run(&strategy, 300)
    #expect(points.count == 300)
    #expect(points.allSatisfy { problem.space.canonical($0) == $0 && $0[0] == 0.5 })
    #expect(Set(points).count == 300)
    let late = results.suffix(100).count { $0.status == .ok }
    #expect(late > results.prefix(40).count { $0.status == .ok } * 100 / 40 - 15, "\(late)")
  }

  @Test("CMA-ES moves all kinds of parameters too")
  func cmaesKinds() throws {
    var problem = Self.mixed
    problem.outputs = OutputSpace([Output(id: "f", role: .minimize), Output(id: "g", role: .observe)])
    var strategy = try StrategyRegistry.make("cmaes", setup: problem.setup(budget: 200))
    let (points, results) = try problem.run(&strategy, 200)
    #expect(points.count == 200 && Set(points).count == 200)
    #expect(points.allSatisfy { problem.space.canonical($0) == $0 && $0[0] == 0.5 })
    let best = results.filter { $0.status == .ok }.map { $0.y[0] }.min() ?? .infinity
    #expect(best < 0.1, "\(best)")
  }

  @Test("the same order of questions and answers gives the same proposals; another seed others",
    arguments: multiObjective + ["cmaes"])
  func determinism(id: String) throws {
    let problem = id == "cmaes" ? TestProblem.smooth(3, [.minimize]) { [$0[0] + $0[1]] } : Self.planar
    func proposals(seed: UInt64) throws -> [[Double]] {
      var strategy = try StrategyRegistry.make(id, setup: problem.setup(seed: seed, budget: 200))
      return try Self.asynchronous(&strategy, problem, workers: 7, count: 200).points
    }
    let first = try proposals(seed: 5)
    #expect(first == (try proposals(seed: 5)))
    #expect(first != (try proposals(seed: 6)))
  }

  /// Answers return in an order of their own while others are in flight; a worker never waits.
  static func asynchronous(
    _ strategy: inout some SearchStrategy, _ problem: TestProblem, workers: Int, count: Int
  ) throws -> (points: [[Double]], results: [EvaluationResult], idle: Int) {
    var stream = Seed(99).generator
    var flying: [[Double]] = []
    var points: [[Double]] = []
    var results: [EvaluationResult] = []
    var idle = 0
    while results.count < count {
      let proposals = try strategy.ask(workers - flying.count).map(\.x)
      points += proposals
      flying += proposals
      idle += workers - flying.count
      if flying.isEmpty { break }
      let x = flying.remove(at: stream.index(below: flying.count))
      let result = problem.evaluate(x, id: results.count + 1)
      results.append(result)
      strategy.tell(Observation(x: x, result: result))
    }
    return (points, results, idle)
  }

  @Test("with many workers none is ever without a point, none is proposed twice, and the search still gets on",
    arguments: multiObjective)
  func workers(id: String) throws {
    let problem = Self.planar
    var strategy = try StrategyRegistry.make(
      id, options: ["population-size": "20"], setup: problem.setup(budget: 600))
    let run = try Self.asynchronous(&strategy, problem, workers: 16, count: 600)
    #expect(run.idle == 0)
    #expect(Set(run.points).count == run.points.count)
    let front = Ranking.paretoFront(run.results, problem.goals).map { run.results[$0].y }
    let distance = front.reduce(0) { $0 + $1[0] + $1[1] - 1 } / Double(front.count)
    #expect(distance < 0.05, "\(distance)")
  }

  @Test("a small discrete space is used up point by point, and then the search ends", arguments: multiObjective)
  func exhaustion(id: String) throws {
    let problem = TestProblem(
      space: ParameterSpace([
        Parameter(id: "a", kind: .integer, min: 0, max: 5), Parameter(id: "b", kind: .categorical(["x", "y", "z"])),
      ]),
      outputs: OutputSpace([Output(id: "f", role: .minimize), Output(id: "g", role: .minimize)]),
      answer: { (.ok, [$0[0], 5 - $0[0] + $0[1]]) })
    var strategy = try StrategyRegistry.make(id, setup: problem.setup(budget: 100))
    let (points, _) = try problem.run(&strategy, 100)
    #expect(points.count == 18 && Set(points).count == 18)
  }

  @Test("points told from elsewhere count as the design and are not proposed again")
  func given() throws {
    let problem = Self.planar
    var strategy = try StrategyRegistry.make(
      "nsga2", options: ["population-size": "10"], setup: problem.setup(budget: 100))
    var given: [[Double]] = []
    for k in 0..<10 {
      let x = [Double(k) / 10, 0.3, 0.3, 0.3, 0.3]
      given.append(x)
      strategy.tell(Observation(x: x, result: problem.evaluate(x, id: 0)))
    }
    let proposals = try strategy.ask(5)
    #expect(proposals.allSatisfy { $0.source == "nsga2" && !given.contains($0.x) })
  }

  @Test("options go by dmosopt's names, with underscores as well")
  func names() throws {
    let setup = Self.planar.setup()
    for options in [
      ["population_size": "20", "di_crossover": "5", "initial_method": "slh"],
      ["population-size": "20", "di-crossover": "5", "design": "slh"],
    ] {
      var strategy = try StrategyRegistry.make("nsga2", options: options, setup: setup)
      #expect(try strategy.ask(20).map(\.source) == [String](repeating: "initial", count: 20))
      #expect(try strategy.ask(1).first?.source == "design")  // nothing was answered
    }
    for design in ["mc", "lh", "glp", "halton", "maximin", "sobol", "uniform"] {
      var strategy = try StrategyRegistry.make("trs", options: ["initial-method": design], setup: setup)
      #expect(try strategy.ask(3).count == 3, "\(design)")
    }
  }

  @Test("AGE-MOEA estimates the exponent of a spherical and of a plane front")
  func geometry() {
    func front(_ p: Double) -> [[Double]] {
      (0...20).map { k in
        let t = Double(k) / 20
        return [_pow(t, 1 / p), _pow(1 - t, 1 / p)]
      }
    }
    for p in [0.5, 1, 2] {
      let geometry = AGESurvival.Geometry(front(p).map { [3 + 10 * $0[0], -1 + 0.1 * $0[1]] })
      #expect(abs(geometry.exponent - p) < 1e-9, "\(p): \(geometry.exponent)")
      #expect(abs(geometry.intercepts[0] - 10) < 1e-9 && abs(geometry.intercepts[1] - 0.1) < 1e-9)
      #expect(geometry.survivalScores.first == .infinity && geometry.survivalScores.last == .infinity)
    }
  }

  @Test("the trust region grows while its candidates succeed and shrinks when they fail")
  func trustRegion() {
    let genes = GeneSpace(SearchSpace(ParameterSpace([Parameter(id: "a"), Parameter(id: "b")])))
    let variation = Variation(
      space: genes, crossoverIndex: [15, 15], mutationIndex: [20, 20], crossoverProbability: 1, mutationProbability: 1,
      mutationRate: 0.5)
    func length(after generations: Int, _ loss: (Int) -> Double) -> Double {
      var random = Seed(1).generator
      var search = TrustRegionSearch(
        genes: genes, populationSize: 10, settings: .init(dimension: 2), variation: variation, seed: Seed(2))
      search.start(with: [Individual(z: [0.5, 0.5], losses: [100], violation: 0)], &random)
      for k in 0..<10 * generations {
        let candidate = search.propose(&random)
        #expect(candidate.z.allSatisfy { $0 >= 0 && $0 <= 1 })
        search.learn(Individual(z: candidate.z, losses: [loss(k)], violation: 0), key: candidate.key, &random)
      }
      return search.length
    }
    #expect(length(after: 14) { -Double($0) } > 0.1)
    #expect(length(after: 14) { 1000 + Double($0) } < 0.1)
  }
}
