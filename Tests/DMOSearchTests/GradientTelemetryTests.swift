import DMOCore
import DMONumerics
import DMOSurrogates
import Testing

@testable import DMOSearch

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

@Suite("telemetry of the surrogate's gradient")
struct GradientTelemetryTests {
  /// Central differences in double: h² and ε/h errors balance near 1e-6, which leaves about 1e-9 of f.
  private let step = 1e-6
  private let tolerance = 1e-6

  @Test("a linear function's secant is its gradient, whatever the points; a model off by a factor shows as that error")
  func linearSecant() throws {
    let gradient = [1.0, -2, 0.5, 3]
    var stream = Seed(3).generator
    let differences = (0..<4).map { _ in (0..<4).map { _ in stream.normal() * 0.1 } }
    let secant = SecantGradient(differences: differences, changes: differences.map { Vectors.dot($0, gradient) })
    #expect(secant.rank == 4)
    let same = try #require(secant.compare(with: gradient))
    #expect(abs(same.cosine - 1) < 1e-9 && same.relativeError < 1e-9)
    let half = try #require(secant.compare(with: gradient.map { $0 / 2 }))
    #expect(abs(half.cosine - 1) < 1e-9 && abs(half.relativeError - 0.5) < 1e-9)
    let reversed = try #require(secant.compare(with: gradient.map { -$0 }))
    #expect(abs(reversed.cosine + 1) < 1e-9 && abs(reversed.relativeError - 2) < 1e-9)
  }

  @Test("what the points do not span is not held against a model, and a repeated direction is no news")
  func subspace() throws {
    let secant = SecantGradient(differences: [[1, 0, 0], [2, 0, 0], [0, 1, 0]], changes: [2, 4, -1])
    #expect(secant.rank == 2)
    let score = try #require(secant.compare(with: [2, -1, 99]))
    #expect(abs(score.cosine - 1) < 1e-12 && score.relativeError < 1e-12)
    #expect(SecantGradient(differences: [], changes: []).compare(with: [1]) == nil)
  }

  @Test("predictions are scored against a constant's error, and their differences against the steps' changes")
  func predictions() throws {
    var record = PredictionRecord()
    record.note(predicted: [], y: [0], start: [])
    record.note(predicted: [], y: [2], start: [])
    #expect(record.error == nil, "nothing was predicted yet")
    // Known mean 1: truth 3 is 2 away, the guess 2.5 misses by 0.5; the step from 2 changed by 1, predicted 0.8.
    record.note(predicted: [2.5, 1.7], y: [3], start: [2])
    #expect(abs(try #require(record.error) - 0.25) < 1e-12)
    #expect(abs(try #require(record.pairError) - 0.2) < 1e-12)
    record.note(predicted: [.nan, 0], y: [1], start: [0])
    #expect(abs(try #require(record.error) - 0.25) < 1e-12, "a diverged prediction is passed over")
  }

  @Test("with the function itself as surrogate, every judgement of an iteration is good and is not told twice")
  func exactSurrogate() throws {
    let bowl = TestProblem.smooth(4, [.minimize]) { x in [x.reduce(0) { $0 + ($1 - 0.4) * ($1 - 0.4) }] }
    var strategy = try StrategyRegistry.make("gradient", setup: bowl.setup(), trainer: bowl.exactTrainer)
    _ = try bowl.run(&strategy, 26)
    let t = strategy.telemetry
    #expect(try #require(t["cv_error"]) < 1e-9)
    #expect(try #require(t["cv_pair_error"]) < 1e-9)
    #expect(try #require(t["secant_cosine"]) > 0.5, "the nearest points are up to a quarter of the box away")
    #expect(try #require(t["trust_ratio"]) > 0)
    #expect(t["exact_cosine"] == nil, "no exact gradient was offered")
  }

  @Test("the exact gradient of the problem itself agrees with differences: logarithmic, periodic and bounded coordinates")
  func exactModel() throws {
    let (problem, source) = Curved.make()
    let search = SearchSpace(problem.space)
    let model = ExactModel(space: search, outputs: problem.outputs, goals: problem.goals, source: source)
    let features = FeatureMap(search)
    let z = [0.3, 0.6, 0.2]
    let bar = [1.0, 0.7]
    let gradient = features.pullback(model.vjp(rows: 1, z: features.encode(z), ybar: bar)[...], at: z)
    func value(_ z: [Double]) -> Double {
      let y = problem.answer(search.decode(z)).1
      return Vectors.dot(problem.goals.losses(y) + problem.goals.violations(y), bar)
    }
    for i in z.indices {
      var (up, down) = (z, z)
      up[i] += step
      down[i] -= step
      let difference = (value(up) - value(down)) / (2 * step)
      #expect(abs(gradient[i] - difference) < tolerance * max(1, abs(difference)))
    }
    let y = problem.answer(search.decode(z)).1
    let predicted = model.predict(rows: 1, z: features.encode(z))
    #expect(zip(predicted, problem.goals.losses(y) + problem.goals.violations(y)).allSatisfy { abs($0 - $1) < 1e-9 })
  }

  @Test("the exact trainer follows the problem's gradient, and telemetry finds a perfect one where it is offered")
  func exactRow() throws {
    let (problem, source) = Curved.make()
    let exact = ExactModel(
      space: SearchSpace(problem.space), outputs: problem.outputs, goals: problem.goals, source: source)
    var setup = problem.setup(seed: 2, budget: 60)
    setup.exact = exact
    let trainer = try TrainerRegistry.make(id: "exact", setup: TrainerSetup(seed: Seed(1), exact: exact))
    var strategy = try StrategyRegistry.make("gradient", setup: setup, trainer: trainer)
    let run = try problem.run(&strategy, 60)
    let feasible = run.results.filter { problem.goals.isFeasible($0) }.map { problem.goals.losses($0.y)[0] }
    let initial = run.results.prefix(20).filter { problem.goals.isFeasible($0) }.map { problem.goals.losses($0.y)[0] }
    #expect(try #require(feasible.min()) < (try #require(initial.min())))
    #expect(strategy.telemetry["exact_cosine"] == nil, "the exact gradient is not compared with itself")
    #expect(strategy.telemetry["training_loss"] == nil, "nothing is trained")
  }

  @Test("without a gradient the exact trainer is refused, and says what to do")
  func refused() {
    #expect {
      _ = try TrainerRegistry.make(id: "exact", setup: TrainerSetup(seed: Seed(1)))
    } throws: { error in
      guard let error = error as? SurrogateError else { return false }
      return error.code == .noGradient && error.message.contains("dmo.gradient/1") && error.message.contains("gradpie")
    }
  }
}

/// A curved function of a logarithmic, a periodic and a linear coordinate with a two-sided bound, and its gradient.
private enum Curved {
  static func make() -> (TestProblem, any ExactGradient) {
    let problem = TestProblem(
      space: ParameterSpace([
        Parameter(id: "a", scale: .log, min: 0.1, max: 10), Parameter(id: "b", min: -Double.pi, max: .pi, isPeriodic: true),
        Parameter(id: "c", min: -1, max: 3),
      ]),
      outputs: OutputSpace([
        Output(id: "f", role: .maximize), Output(id: "g", role: .atMost(2)),
      ]),
      answer: { x in (.ok, values(x)) })
    return (problem, Source())
  }

  static func values(_ x: [Double]) -> [Double] {
    [-(x[0] - 2) * (x[0] - 2) + cos(x[1]) - (x[2] - 1) * (x[2] - 1), x[0] * x[2] + sin(x[1])]
  }

  private final class Source: ExactGradient {
    func vjp(x: [Double], ybar: [Double]) -> (y: [Double], xbar: [Double])? {
      let rows = [[-2 * (x[0] - 2), -sin(x[1]), -2 * (x[2] - 1)], [x[2], cos(x[1]), x[0]]]
      return (Curved.values(x), (0..<3).map { i in ybar[0] * rows[0][i] + ybar[1] * rows[1][i] })
    }
  }
}
