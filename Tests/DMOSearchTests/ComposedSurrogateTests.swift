import DMOCore
import DMOSurrogates
import Foundation
import Testing

@testable import DMOSearch

@Suite("joint on observed outputs")
struct ComposedSurrogateTests {
  /// One parameter linear, one logarithmic; three numbers observed, from which loss and limit follow.
  private static let space = ParameterSpace([
    Parameter(id: "a", min: -2, max: 3), Parameter(id: "b", scale: .log, min: 0.1, max: 10),
  ])
  private static let problem = TestProblem(
    space: space,
    outputs: OutputSpace([
      Output(id: "v0", role: .observe), Output(id: "v1", role: .observe), Output(id: "v2", role: .observe),
      Output(id: "loss", role: .minimize), Output(id: "limit", role: .atLeast(-3)),
    ]),
    answer: { x in
      var y = [x[0] * x[1], x[0] - x[1] * x[1], 0.5 * x[1], 0, 0]
      SquareComposite.complete(x, &y, at: 0)
      return (.ok, y)
    })

  private static func setup(_ composite: any Composite) -> SearchSetup {
    var setup = problem.setup()
    setup.composite = composite
    return setup
  }

  private static func surrogate(_ setup: SearchSetup) throws -> ComposedSurrogate {
    let composition = try #require(try setup.composition(for: .auto))
    let features = FeatureMap(setup.space)
    var data = Dataset(inputCount: 2, outputCount: 4, constraintCount: 1)
    var random = Seed(3).generator
    for i in 0..<80 {
      let z = [random.uniform(), random.uniform()]
      let y = problem.evaluate(setup.space.decode(z), id: i + 1).y
      data.append(z: features.encode(z), y: Array(y[..<3]) + setup.goals.violations(y), answered: true)
    }
    var trainer = try TrainerRegistry.make(
      id: "joint", options: ["members=2", "width=32"], setup: TrainerSetup(seed: Seed(1)))
    return ComposedSurrogate(try #require(trainer.fit(data) as? any FeasibilitySurrogate), composition)
  }

  @Test("losses and margins are J of what the members foretell, and near the truth")
  func values() throws {
    let setup = Self.setup(SquareComposite())
    let surrogate = try Self.surrogate(setup)
    #expect(surrogate.outputCount == 2 && surrogate.constraintCount == 1)
    let z = [0.4, 0.3]
    for member in 0..<2 {
      let observed = surrogate.base.eachMember(rows: 1, z: z)[member].values
      var y = Array(observed[..<3]) + [0, 0]
      SquareComposite.complete(setup.space.decode(z), &y, at: 0)
      #expect(surrogate.eachMember(rows: 1, z: z)[member].values == setup.goals.losses(y) + setup.goals.violations(y))
    }
    let truth = Self.problem.evaluate(setup.space.decode(z), id: 1).y
    #expect(abs(surrogate.predict(rows: 1, z: z)[0] - truth[3]) < 0.3)
  }

  @Test("gradients and Jacobian agree with differences", arguments: [true, false])
  func gradients(_ hasReverse: Bool) throws {
    let own = SquareComposite()
    let outputs = Self.problem.outputs
    let composite: any Composite = hasReverse ? own : try #require(DifferencedComposite(own, outputs: outputs, parameters: 2))
    let surrogate = try Self.surrogate(Self.setup(composite))
    let z = [0.35, 0.6, 0.7, 0.2]
    let bar = JointPrediction(values: [0.7, -0.4, 0.2, 1.1], feasibility: [0.3, 0], crash: [0, 0])
    func scalar(_ z: [Double]) -> Double {
      let p = surrogate.joint(rows: 2, z: z)
      return zip(p.values, bar.values).reduce(0) { $0 + $1.0 * $1.1 } + p.feasibility[0] * bar.feasibility[0]
    }
    let gradient = surrogate.jointGradient(rows: 2, z: z, bar: bar)
    let jacobian = surrogate.jacobian(rows: 2, z: z)
    let h = 1e-3  // the networks are in single precision
    for i in 0..<4 {
      var (up, down) = (z, z)
      up[i] += h
      down[i] -= h
      let difference = (scalar(up) - scalar(down)) / (2 * h)
      #expect(abs(gradient[i] - difference) < 0.02 * max(1, abs(difference)), "\(i): \(gradient[i]) \(difference)")
      let (a, b) = (surrogate.predict(rows: 2, z: up), surrogate.predict(rows: 2, z: down))
      for c in 0..<2 {
        let r = i / 2
        let slope = (a[r * 2 + c] - b[r * 2 + c]) / (2 * h)
        #expect(abs(jacobian[(r * 2 + c) * 2 + i % 2] - slope) < 0.02 * max(1, abs(slope)))
      }
    }
  }

  @Test("the reverse by differences is the reverse")
  func differences() throws {
    let own = SquareComposite()
    let differenced = try #require(DifferencedComposite(own, outputs: Self.problem.outputs, parameters: 2))
    let x = [0.7, 2.0, -1.2, 0.3]
    var y = [0.4, -1.5, 0, 0, 0, 1e3, 2e-4, 0.5, 0, 0]
    try own.compose(rows: 2, x: x, y: &y)
    let ybar = [0.0, 0, 0, 0.6, -1.1, 0, 0, 0, -0.2, 0.9]
    var (z1, x1) = ([Double](repeating: 0.5, count: 10), [Double](repeating: 0, count: 4))
    var (z2, x2) = (z1, x1)
    try own.composeVJP(rows: 2, x: x, y: y, ybar: ybar, zbar: &z1, xbar: &x1)
    try differenced.composeVJP(rows: 2, x: x, y: y, ybar: ybar, zbar: &z2, xbar: &x2)
    for (a, b) in zip(z1 + x1, z2 + x2) { #expect(abs(a - b) < 1e-5 * max(1, abs(a)), "\(a) \(b)") }
    #expect(DifferencedComposite(own, outputs: Self.problem.outputs, parameters: 300) == nil)
  }

  @Test("a composite that fails ends the search with what it said")
  func failure() throws {
    struct Broken: Error {}
    final class BrokenComposite: Composite {
      func compose(rows: Int, x: [Double], y: inout [Double]) throws { throw Broken() }
      func composeVJP(
        rows: Int, x: [Double], y: [Double], ybar: [Double], zbar: inout [Double], xbar: inout [Double]
      ) throws { throw Broken() }
    }
    let trainer = try TrainerRegistry.make(
      id: "joint", options: ["members=1", "width=8", "cold_epochs=5"], setup: TrainerSetup(seed: Seed(1)))
    var joint = try StrategyRegistry.make(
      "joint", options: ["num-generations": "2"], setup: Self.setup(BrokenComposite()), trainer: trainer)
    #expect(throws: Broken.self) { _ = try Self.problem.run(&joint, 60) }
  }

  @Test("observed outputs are learnt where the problem tells how goals follow, and need not be")
  func search() throws {
    for (options, limit) in [([String](), 0.35), (["target=objective"], 2.0)] {
      let trainer = try TrainerRegistry.make(id: "joint", options: options, setup: TrainerSetup(seed: Seed(1)))
      var joint = try StrategyRegistry.make("joint", setup: Self.setup(SquareComposite()), trainer: trainer)
      let run = try Self.problem.run(&joint, 50)
      let best = run.results.filter { Self.problem.goals.isFeasible($0) }.map { $0.y[3] }.min() ?? .infinity
      #expect(best < limit, "\(options): \(best)")
    }
  }
}
