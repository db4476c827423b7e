import DMOCore
import DMONumerics
import DMOSurrogates
import Testing

@testable import DMOSearch

@Suite("gradient: surrogates of observed outputs")
struct LearntTargetsTests {
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

  @Test("learn=outputs without a composite, or with a goal among the observed outputs, says what is missing")
  func refused() throws {
    #expect(throws: SearchError.self) {
      _ = try StrategyRegistry.make(
        "gradient", options: ["learn": "outputs"], setup: problem.setup(), trainer: problem.exactTrainer)
    }
    var setup = setup()
    try setup.goals.apply(goals: ["y[1]=min"], requirements: [], to: setup.outputs)
    let targets = try LearntTargets(.auto, setup, learns: true)
    #expect(targets.count == 1, "y[1] is a goal of this study: the goals are learnt")
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
