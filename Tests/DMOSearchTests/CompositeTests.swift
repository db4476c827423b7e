import DMOCore
import DMOSurrogates
import Testing

@testable import DMOSearch

/// y = (v₀, v₁, v₂ observed, loss to minimise, limit ≥ …): loss = Σ (v − 0.3)² + 0.1 x₀², limit = v₀ + v₁ x₁.
final class SquareComposite: Composite {
  static func complete(_ x: [Double], _ y: inout [Double], at r: Int) {
    let v = y[5 * r..<5 * r + 3]
    y[5 * r + 3] = v.reduce(0) { $0 + ($1 - 0.3) * ($1 - 0.3) } + 0.1 * x[2 * r] * x[2 * r]
    y[5 * r + 4] = y[5 * r] + y[5 * r + 1] * x[2 * r + 1]
  }

  func compose(rows: Int, x: [Double], y: inout [Double]) throws {
    for r in 0..<rows { Self.complete(x, &y, at: r) }
  }

  func composeVJP(
    rows: Int, x: [Double], y: [Double], ybar: [Double], zbar: inout [Double], xbar: inout [Double]
  ) throws {
    for r in 0..<rows {
      let (loss, limit) = (ybar[5 * r + 3], ybar[5 * r + 4])
      for i in 0..<3 { zbar[5 * r + i] += loss * 2 * (y[5 * r + i] - 0.3) }
      zbar[5 * r] += limit
      zbar[5 * r + 1] += limit * x[2 * r + 1]
      xbar[2 * r] += loss * 0.2 * x[2 * r]
      xbar[2 * r + 1] += limit * y[5 * r + 1]
    }
  }
}

/// The exact function in a trainer's place that asks for observed outputs.
private struct ObservedTrainer: SurrogateTrainer {
  var exact: ExactTrainer
  var target: TrainingTarget { .observed }
  var lastLoss: Double { exact.lastLoss }
  mutating func fit(_ data: Dataset) throws -> any Surrogate { try exact.fit(data) }
}

@Suite("composite objectives")
struct CompositeTests {
  /// One parameter linear, one logarithmic.
  private static let space = ParameterSpace([
    Parameter(id: "a", min: -2, max: 3), Parameter(id: "b", scale: .log, min: 0.1, max: 10),
  ])
  private static func observed(_ x: [Double]) -> [Double] { [x[0] * x[1], x[0] - x[1] * x[1], 0.5 * x[1]] }

  private static func problem(_ roles: [Role]) -> TestProblem {
    TestProblem(
      space: space, outputs: OutputSpace(roles.enumerated().map { Output(id: "y\($0.offset)", role: $0.element) }),
      answer: { x in
        var y = observed(x) + [0, 0]
        SquareComposite.complete(x, &y, at: 0)
        return (.ok, y)
      })
  }
  private static let roles: [Role] = [.observe, .observe, .observe, .minimize, .atLeast(-3)]

  private func observedTrainer() -> ObservedTrainer {
    ObservedTrainer(
      exact: ExactTrainer(inputCount: 2) { z in Self.observed([5 * z[0] - 2, 0.1 * _pow(100, z[1])]) })
  }

  private func setup(_ problem: TestProblem, _ composite: (any Composite)?) -> SearchSetup {
    var setup = problem.setup()
    setup.composite = composite
    return setup
  }

  @Test("with exact surrogates, learning observed outputs gives the same search as learning losses and violations")
  func sameSearch() throws {
    let problem = Self.problem(Self.roles)
    var exact = problem.exactTrainer
    exact = ExactTrainer(inputCount: 2) { z in
      let y = problem.answer([5 * z[0] - 2, 0.1 * _pow(100, z[1])]).1
      return problem.goals.losses(y) + problem.goals.violations(y)
    }
    var one = try StrategyRegistry.make("gradient", setup: setup(problem, nil), trainer: exact)
    var two = try StrategyRegistry.make(
      "gradient", options: ["inner": "0"], setup: setup(problem, SquareComposite()), trainer: observedTrainer())
    let (a, b) = (try problem.run(&one, 60), try problem.run(&two, 60))
    for (p, q) in zip(a.x, b.x) {
      // Differences of the exact functions agree to some 1e-9, which Adam's steps pass on.
      for (u, v) in zip(p, q) { #expect(abs(u - v) < 1e-5 * max(1, abs(u))) }
    }
    let feasible = b.results.filter { problem.goals.isFeasible($0) }
    #expect((feasible.map { $0.y[3] }.min() ?? 9) < 0.6)
  }

  @Test("the reverse agrees with differences of goals and bounds, with a goal on an observed output too")
  func pullback() throws {
    let problem = Self.problem(Self.roles)
    var setup = setup(problem, SquareComposite())
    setup.goals.objectives.append(Goals.Objective(index: 2, label: "y2", maximize: true))
    let map = try TargetMap(.observed, setup)
    #expect(map.count == 3)
    let (x, bars) = ([0.7, 2.0], [0.6, -1.1, 0.4])
    let y = problem.answer(x).1
    let (seeds, direct) = try map.pullback(rows: 1, bars: bars, points: [(x, y)])
    func scalar(_ v: [Double], _ x: [Double]) -> Double {
      var y = v + [0, 0]
      SquareComposite.complete(x, &y, at: 0)
      return zip(setup.goals.losses(y) + setup.goals.violations(y), bars).reduce(0) { $0 + $1.0 * $1.1 }
    }
    let h = 1e-6  // central differences in double
    for i in 0..<3 {
      var (up, down) = (Array(y[0..<3]), Array(y[0..<3]))
      up[i] += h
      down[i] -= h
      #expect(abs(seeds[i] - (scalar(up, x) - scalar(down, x)) / (2 * h)) < 1e-6)
    }
    let z = Self.space.encode(x)
    for i in 0..<2 {
      var (up, down) = (z, z)
      up[i] += h
      down[i] -= h
      let v = Array(y[0..<3])
      let difference = (scalar(v, setup.space.decode(up)) - scalar(v, setup.space.decode(down))) / (2 * h)
      #expect(abs(direct[i] - difference) < 1e-5 * max(1, abs(difference)))
    }
  }

  @Test("of its own accord a trainer learns up to 256 observed outputs, and goals where there are more")
  func automatic() throws {
    for (count, learnt) in [(256, 256), (257, 1)] {
      var problem = TestProblem.smooth(2, [.minimize]) { [$0[0]] }
      problem.outputs = OutputSpace([
        Output(id: "field", role: .observe, count: count), Output(id: "loss", role: .minimize),
      ])
      #expect(try TargetMap(.auto, setup(problem, SquareComposite())).count == learnt)
      #expect(try TargetMap(.observed, setup(problem, SquareComposite())).count == count)
    }
  }

  @Test("without a problem that tells how its goals follow, and for bayes, observed outputs are refused")
  func refused() throws {
    let problem = Self.problem(Self.roles)
    let missing = #expect(throws: SearchError.self) {
      _ = try StrategyRegistry.make("gradient", setup: setup(problem, nil), trainer: observedTrainer())
    }
    #expect(missing?.code == .badOption && missing?.message.contains("dmo.composite/1") == true)
    let bare = Self.problem([.minimize, .minimize, .minimize, .minimize, .minimize])
    #expect(throws: SearchError.self) {
      _ = try StrategyRegistry.make("gradient", setup: setup(bare, SquareComposite()), trainer: observedTrainer())
    }
    let bayes = #expect(throws: SearchError.self) {
      _ = try StrategyRegistry.make("bayes", setup: setup(problem, SquareComposite()), trainer: observedTrainer())
    }
    #expect(bayes?.code == .badPair)
  }
}
