import DMOCore
import Testing

@testable import DMOSearch

@Suite("evolution on surrogates")
struct SurrogateEvolutionTests {
  private static let problem = TestProblem.smooth(4, [.minimize, .minimize, .atLeast(0.2)]) { x in
    let distance = x.dropFirst().reduce(0) { $0 + ($1 - 0.3) * ($1 - 0.3) }
    return [x[0], 1 - x[0] + distance, x[0]]
  }
  private static let quick = ["population-size": "20", "num-generations": "30", "initial": "10"]

  private func make(_ id: String, _ options: [String: String] = quick, budget: Int = 60) throws -> any SearchStrategy {
    try StrategyRegistry.make(
      id, options: options, setup: Self.problem.setup(budget: budget), trainer: Self.problem.exactTrainer)
  }

  @Test(
    "with an exact surrogate an epoch lands on the front, feasible and spread",
    arguments: ["nsga2", "age-moea", "smpso", "mo-cmaes", "trs"])
  func exact(id: String) throws {
    var strategy = try make(id)
    let (_, results) = try Self.problem.run(&strategy, 40)
    let searched = results.dropFirst(10)
    let distances = searched.map { $0.y[0] + $0.y[1] - 1 }.sorted()
    #expect(distances[distances.count / 2] < 0.05, "\(distances)")
    #expect(searched.count { Self.problem.goals.isFeasible($0) } > 24)
    let ends = searched.map { $0.y[0] }
    #expect((ends.max() ?? 0) - (ends.min() ?? 0) > 0.5)
    #expect((strategy.telemetry["prediction_error"] ?? 1) < 1e-9)
  }

  @Test("CMA-ES on an exact surrogate finds the one optimum")
  func single() throws {
    let problem = TestProblem.smooth(3, [.minimize]) { [$0.reduce(0) { $0 + ($1 - 0.6) * ($1 - 0.6) }] }
    var strategy = try StrategyRegistry.make(
      "cmaes", options: ["initial": "6", "num-generations": "40"], setup: problem.setup(budget: 12),
      trainer: problem.exactTrainer)
    let (_, results) = try problem.run(&strategy, 12)
    #expect((results.map { $0.y[0] }.min() ?? 1) < 1e-4)
  }

  @Test("an epoch evaluates the resample fraction of the population before the next fit")
  func epochs() throws {
    var strategy = try make("nsga2", Self.quick.merging(["resample-fraction": "0.5"]) { $1 })
    let (_, results) = try Self.problem.run(&strategy, 40)
    #expect(results.count == 40)
    #expect(strategy.telemetry["epoch"] == 3)  // 10 initial points, then 10 in each
  }

  @Test("many workers: nobody waits, nothing is proposed twice, the order of answers decides alone")
  func asynchronous() throws {
    var runs: [[[Double]]] = []
    for _ in 0..<2 {
      var strategy = try make("nsga2")
      let run = try EvolutionStrategyTests.asynchronous(&strategy, Self.problem, workers: 6, count: 40)
      #expect(run.idle == 0)
      #expect(Set(run.points).count == run.points.count)
      runs.append(run.points)
    }
    #expect(runs[0] == runs[1])
  }

  @Test("points that are in flight keep others away: the next ones add to the hypervolume beside them")
  func resampling() {
    func point(_ a: Double, _ b: Double, _ violation: Double = 0) -> Individual {
      Individual(z: [a, b], losses: [a, b], violation: violation)
    }
    let found = [point(0.5, 0.5), point(0.1, 0.9), point(0.9, 0.1), point(0.45, 0.55), point(0, 0, 1)]
    let first = Resampling.choose(found, count: 2, known: [[1, 1]])
    #expect(first.first?.losses == [0.5, 0.5])
    let beside = Resampling.choose(found, count: 2, known: [[0.5, 0.5], [0.48, 0.53]])
    #expect(Set(beside.map(\.losses)) == [[0.1, 0.9], [0.9, 0.1]])
    let all = Resampling.choose(found, count: 9, known: [])
    #expect(all.count == 5 && all.last?.violation == 1)
  }

  @Test("without a trainer the same ids search the simulator, and every trainer goes with them")
  func registry() throws {
    for id in ["nsga2", "age-moea", "smpso", "mo-cmaes", "cmaes", "trs"] {
      #expect(try StrategyRegistry.pair(search: id, trainer: nil).trainer == nil)
      #expect(try StrategyRegistry.pair(search: id, trainer: "mae").trainer == "mae")
    }
    // A trainer alone still means the strategy that needs one.
    #expect(try StrategyRegistry.pair(search: nil, trainer: "mae").search.id == "gradient")
  }
}
