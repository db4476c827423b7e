import DMOCore
import DMONumerics
import DMOSurrogates
import Testing

@testable import DMOSearch

@Suite("gradient: the corrected model of observed outputs")
struct CorrectedModelTests {
  /// f = Σ (y_i − t_i)² over observed y, and y is what the simulator alone knows.
  private final class Squares: Composite {
    func compose(rows: Int, x: [Double], y: inout [Double]) throws {
      for r in 0..<rows { y[r * 4] = (1..<4).reduce(0) { $0 + (y[r * 4 + $1] - 0.5) * (y[r * 4 + $1] - 0.5) } }
    }
    func composeVJP(
      rows: Int, x: [Double], y: [Double], ybar: [Double], zbar: inout [Double], xbar: inout [Double]
    ) throws {
      for r in 0..<rows {
        for i in 1..<4 { zbar[r * 4 + i] += ybar[r * 4] * 2 * (y[r * 4 + i] - 0.5) }
      }
    }
  }

  private let problem = TestProblem(
    space: ParameterSpace((0..<3).map { Parameter(id: "x\($0)") }),
    outputs: OutputSpace([Output(id: "f", role: .minimize), Output(id: "y", count: 3)]),
    answer: { x in
      let y = [x[0] + 0.3 * x[1], x[1] - 0.2 * x[2] * x[2], 0.8 * x[2]]
      return (.ok, [y.reduce(0) { $0 + ($1 - 0.5) * ($1 - 0.5) }] + y)
    })

  private func setup() -> SearchSetup {
    var setup = problem.setup(seed: 4, budget: 60)
    setup.composite = Squares()
    return setup
  }

  /// The observed outputs themselves in the trainer's place.
  private var trainer: ExactTrainer {
    let answer = problem.answer
    return ExactTrainer(inputCount: 3) { Array(answer($0).1.dropFirst()) }
  }

  @Test("the observed outputs are learnt, and the goals' gradient comes through the exact composite")
  func outputs() throws {
    var strategy = try StrategyRegistry.make("gradient", setup: setup(), trainer: trainer)
    let run = try problem.run(&strategy, 60)
    let best = run.results.map { $0.y[0] }.min() ?? .infinity
    // 20 Latin hypercube points reach about 1e-2; a wrong gradient would not leave that.
    #expect(best < 1e-4)
    #expect(try #require(strategy.telemetry["cv_error"]) < 1e-9, "the outputs, not the goals, are predicted")
  }

  @Test("many steps on the corrected model reach the optimum of an exact one in a few evaluations")
  func inner() throws {
    func best(_ inner: String, _ count: Int) throws -> Double {
      var strategy = try StrategyRegistry.make(
        "gradient", options: ["inner": inner, "step": "0.1"], setup: setup(), trainer: trainer)
      return try problem.run(&strategy, count).results.map { $0.y[0] }.min() ?? .infinity
    }
    #expect(try best("60", 30) < 1e-5)
    #expect(try best("60", 30) < (try best("0", 30)))
  }

  @Test("auto learns observed outputs where the problem tells how its goals follow, and the goals elsewhere")
  func auto() throws {
    #expect(try TargetMap(.auto, setup()).count == 3)
    #expect(try TargetMap(.auto, problem.setup()).count == 1)
    #expect(try TargetMap(.objective, setup()).count == 1)
  }

  @Test("a predicted row becomes a point with the goals that the composite gives it")
  func point() throws {
    let map = try TargetMap(.observed, setup())
    let (x, y) = ([0.2, 0.4, 0.6], problem.answer([0.2, 0.4, 0.6]).1)
    let known = KnownPoint(
      z: x, latent: x, losses: [y[0]], violations: [], violation: 0, status: .ok, rate: 0.05, answer: (x, y))
    #expect(map.targets(known) == Array(y.dropFirst()))
    let moved = try #require(try map.point([0.5, 0.5, 1.5], z: x, like: known))
    #expect(moved.losses == [1])
    #expect(try map.point([.nan, 0, 0], z: x, like: known) == nil)
  }

  @Test("fit-once trains on the initial design alone")
  func offline() throws {
    var strategy = try StrategyRegistry.make(
      "gradient", options: ["fit-once": "true", "initial": "12"], setup: problem.setup(), trainer: problem.exactTrainer)
    _ = try problem.run(&strategy, 20)
    let online = try #require(strategy as? GradientStrategy)
    #expect(online.fits == 1)
  }
}
