import DMOCore
import DMOSurrogates
import Testing

@testable import DMOSearch

@Suite("gradient: convergence with an exact surrogate")
struct GradientConvergenceTests {
  @Test("a badly scaled quadratic is minimised to 1e-3 within 150 evaluations", arguments: [1, 2, 3] as [UInt64])
  func quadratic(seed: UInt64) throws {
    let problem = TestProblem.smooth(10, [.minimize]) { x in
      [x.enumerated().reduce(0) { $0 + Double(1 + $1.offset) * ($1.element - 0.3) * ($1.element - 0.3) }]
    }
    var strategy = try StrategyRegistry.make(
      "gradient", setup: problem.setup(seed: seed), trainer: problem.exactTrainer)
    let results = try problem.run(&strategy, 150).results
    let best = try #require(Ranking.best(results, problem.goals))
    #expect(results[best].y[0] < 1e-3)
    let initial = try #require(Ranking.best(Array(results.prefix(20)), problem.goals))
    #expect(results[initial].y[0] > 0.1, "the design alone must not solve it")
  }

  @Test("an active constraint is approached from a start that violates it", arguments: [1, 2, 3] as [UInt64])
  func constrained(seed: UInt64) throws {
    // Closest point of the half-space x0 + x1 ≥ 1.4 to (0.2, 0.4, 0.5, …): (0.6, 0.8), squared distance 0.32.
    let problem = TestProblem.smooth(6, [.minimize, .atLeast(1.4)]) { x in
      let target = [0.2, 0.4, 0.5, 0.5, 0.5, 0.5]
      return [zip(x, target).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }, x[0] + x[1]]
    }
    var strategy = try StrategyRegistry.make(
      "gradient", setup: problem.setup(seed: seed), trainer: problem.exactTrainer)
    let results = try problem.run(&strategy, 150).results
    let best = try #require(Ranking.best(results, problem.goals))
    #expect(results[best].y[0] >= 0.32 - 1e-12)
    #expect(results[best].y[0] < 0.33)
  }

  @Test("feasibility is found where the whole initial design violates the constraint")
  func infeasibleStart() throws {
    let problem = TestProblem.smooth(8, [.minimize, .atMost(0.05)]) { x in
      [x[0], x.reduce(0) { $0 + ($1 - 0.7) * ($1 - 0.7) }]
    }
    var strategy = try StrategyRegistry.make("gradient", setup: problem.setup(), trainer: problem.exactTrainer)
    let results = try problem.run(&strategy, 100).results
    #expect(Ranking.best(Array(results.prefix(20)), problem.goals) == nil)
    let best = try #require(Ranking.best(results, problem.goals))
    // The ball's lowest x0 is 0.7 − √0.05 = 0.4764.
    #expect(results[best].y[0] < 0.5)
  }

  @Test("two objectives: the front is approached along its whole length")
  func biObjective() throws {
    let problem = TestProblem.smooth(6, [.minimize, .minimize]) { x in
      let rest = x.dropFirst().reduce(0) { $0 + ($1 - 0.5) * ($1 - 0.5) }
      return [x[0] * x[0] + rest, (x[0] - 1) * (x[0] - 1) + rest]
    }
    var strategy = try StrategyRegistry.make("gradient", setup: problem.setup(), trainer: problem.exactTrainer)
    let results = try problem.run(&strategy, 200).results
    let front = Ranking.paretoFront(results, problem.goals).map { results[$0].y }
    // On the true front √f1 + √f2 = 1.
    let near = front.filter { $0[0].squareRoot() + $0[1].squareRoot() < 1.02 }
    #expect(near.count >= 20)
    #expect(Set(near.map { Int($0[0].squareRoot() * 4) }).count == 4, "all four quarters of the front")
  }

  @Test("a periodic coordinate descends through the seam")
  func periodic() throws {
    let problem = TestProblem.smooth(2, [.minimize], periodic: true) { _ in [] }
    // Lowest at 0.95 on both circles; the surrogate sees (cos, sin) features.
    let loss: @Sendable ([Double]) -> [Double] = { f in
      let (c, s) = (0.951_056_516_295_153_5, -0.309_016_994_374_947_4)
      return [
        stride(from: 0, to: 4, by: 2).reduce(0) { $0 + 2 - 2 * (c * (2 * f[$1] - 1) + s * (2 * f[$1 + 1] - 1)) }
      ]
    }
    var strategy = try StrategyRegistry.make(
      "gradient", options: ["initial": "1"], setup: problem.setup(), trainer: ExactTrainer(inputCount: 4, loss))
    let features = FeatureMap(SearchSpace(problem.space))
    var (best, x) = (Double.infinity, [0.1, 0.15])
    for id in 1...60 {
      let y = loss(features.encode(x))
      best = min(best, y[0])
      strategy.tell(Observation(x: x, result: EvaluationResult(id: UInt64(id), status: .ok, y: y)))
      x = try #require(try strategy.ask(1).first).x
      // The long way round passes 0.5.
      #expect(x.allSatisfy { abs($0 - 0.5) > 0.2 })
    }
    #expect(best < 1e-3)
  }

  @Test("whole numbers, labels, booleans and logarithmic parameters are all moved to their best values")
  func mixed() throws {
    let problem = TestProblem(
      space: ParameterSpace([
        Parameter(id: "n", kind: .integer, min: 1, max: 9),
        Parameter(id: "flag", kind: .boolean),
        Parameter(id: "c", scale: .log, min: 1e-3, max: 10),
        Parameter(id: "g", min: 0, max: 2, step: 0.25),
      ]),
      outputs: OutputSpace([Output(id: "y", role: .maximize)]),
      answer: { x in
        let logarithm = x[2] > 0 ? (x[2] - 1) * (x[2] - 1) / (1 + x[2] * x[2]) : 10
        return (.ok, [-(x[0] - 7) * (x[0] - 7) / 9 + x[1] - logarithm - (x[3] - 1.5) * (x[3] - 1.5)])
      })
    let space = problem.space
    let trainer = ExactTrainer(inputCount: 4) { z in
      let c = 1e-3 * _pow(1e4, z[2])
      return Goals(problem.outputs).losses(problem.answer([1 + 8 * z[0], z[1], c, 2 * z[3]]).1)
    }
    var strategy = try StrategyRegistry.make("gradient", setup: problem.setup(seed: 5), trainer: trainer)
    let (points, results) = try problem.run(&strategy, 120)
    for x in points { #expect(x == space.canonical(x)) }
    let best = try #require(Ranking.best(results, problem.goals))
    #expect(points[best][0] == 7 && points[best][1] == 1 && points[best][3] == 1.5)
    #expect(results[best].y[0] > 0.99)
  }

  @Test("an unordered label is switched by its one-hot gradient")
  func labels() throws {
    let gains = [0.3, -0.5, 0.9, -2, 0.1]
    let problem = TestProblem(
      space: ParameterSpace([
        Parameter(id: "kind", kind: .categorical(["a", "b", "c", "d", "e"])), Parameter(id: "z"),
      ]),
      outputs: OutputSpace([Output(id: "y", role: .minimize)]),
      answer: { x in (.ok, [gains[Int(x[0])] + (x[1] - 0.2) * (x[1] - 0.2)]) })
    let trainer = ExactTrainer(inputCount: 6) { f in
      [zip(f, gains).reduce(0) { $0 + $1.0 * $1.1 } + (f[5] - 0.2) * (f[5] - 0.2)]
    }
    var strategy = try StrategyRegistry.make(
      "gradient", options: ["initial": "1"], setup: problem.setup(), trainer: trainer)
    let start = [0.0, 0.9]
    strategy.tell(Observation(x: start, result: problem.evaluate(start, id: 1000)))
    let (points, results) = try problem.run(&strategy, 40)
    let best = try #require(Ranking.best(results, problem.goals))
    #expect(points[best][0] == 3)
    #expect(results[best].y[0] < -1.999)
  }
}
