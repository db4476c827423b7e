import DMOCore
import DMONumerics
import DMOSurrogates
import Foundation
import Testing

@testable import DMOSearch

@Suite("Joint strategy")
struct JointStrategyTests {
  private static func strategy(
    _ problem: TestProblem, budget: Int, seed: UInt64 = 1, workers: Int = 1, options: [String: String] = [:]
  ) throws -> any SearchStrategy {
    let setup = problem.setup(seed: seed, budget: budget, workers: workers)
    let trainer = try TrainerRegistry.make(
      id: "joint", options: ["members=2", "width=32", "cold_epochs=120", "epochs=30"],
      setup: TrainerSetup(seed: Seed(seed), featureGroups: setup.space.featureGroups))
    return try StrategyRegistry.make(
      "joint", options: ["num-generations": "10", "population-size": "24"].merging(options) { $1 }, setup: setup,
      trainer: trainer)
  }

  private static func volume(_ run: (x: [[Double]], results: [EvaluationResult]), _ goals: Goals) -> Double {
    let front = Ranking.paretoFront(run.results, goals).map { goals.losses(run.results[$0].y) }
    return Hypervolume.of(front, reference: [1.1, 1.1])
  }

  /// ZDT1 with eight parameters; the maximum at (1.1, 1.1) is 0.8767.
  private static let front = TestProblem.smooth(8, [.minimize, .minimize]) { z in
    let g = 1 + 9 * z[1...].reduce(0, +) / 7
    return [z[0], g * (1 - (z[0] / g).squareRoot())]
  }

  @Test("on a two-objective problem it is far ahead of a hypercube, and the same seed gives the same points")
  func pareto() throws {
    let problem = Self.front
    var joint = try Self.strategy(problem, budget: 60)
    let run = try problem.run(&joint, 60)
    var again = try Self.strategy(problem, budget: 60)
    #expect(try problem.run(&again, 60).x == run.x)
    var lhs = try StrategyRegistry.make("lhs", setup: problem.setup(budget: 60))
    let base = Self.volume(try problem.run(&lhs, 60), problem.goals)
    #expect(Self.volume(run, problem.goals) > max(0.7, 2 * base))
    #expect(Set(run.x).count == 60, "no point twice")
  }

  @Test("where no random point is feasible it finds feasibility first")
  func feasibility() throws {
    // A ball of volume 3e-5 of the cube, by three constraints.
    let problem = TestProblem.smooth(6, [.minimize, .minimize, .atMost(0), .atMost(0), .atMost(0)]) { z in
      func ring(_ i: Int) -> Double {
        let (a, b) = (z[2 * i] - 0.72, z[2 * i + 1] - 0.31)
        return a * a + b * b - 0.01
      }
      return [z[0], 1 - z[0] + z[5], ring(0), ring(1), ring(2)]
    }
    var random = Seed(3).generator
    let hits = (0..<2000).filter { _ in
      problem.goals.isFeasible(problem.evaluate((0..<6).map { _ in random.uniform() }, id: 1))
    }
    #expect(hits.count <= 1)
    var joint = try Self.strategy(problem, budget: 60)
    let results = try problem.run(&joint, 60).results
    #expect(results.contains { problem.goals.isFeasible($0) })
    #expect(joint.telemetry["feasible_known"] == 1)
  }

  @Test("a problem of constraints alone is searched, also when a feasible point is known", arguments: [1, 16])
  func constraintsAlone(_ workers: Int) throws {
    let problem = TestProblem.smooth(3, [.atMost(0), .atMost(0)]) { z in [z[0] - 0.3, 0.2 - z[1]] }
    var joint = try Self.strategy(problem, budget: 60, workers: workers)
    let results = try problem.run(&joint, 60).results
    #expect(results.count == 60 && joint.telemetry["feasible_known"] == 1)
    #expect(results.suffix(20).count { problem.goals.isFeasible($0) } > 10, "a quarter of the cube is feasible")
  }

  @Test("a model of the objectives alone takes feasibility at its base rate")
  func baseRate() throws {
    let problem = TestProblem.smooth(2, [.minimize, .atMost(0)]) { z in [z[0], z[1] - 0.25] }
    let setup = problem.setup(budget: 60)
    var random = Seed(5).generator
    let observations = (0..<60).map { i -> Observation in
      let x = [random.uniform(), random.uniform()]
      return Observation(x: x, result: problem.evaluate(x, id: i + 1))
    }
    var trainer = try TrainerRegistry.make(
      id: "joint", options: ["members=2", "width=16", "cold_epochs=30", "mode=o"],
      setup: TrainerSetup(seed: Seed(1), featureGroups: setup.space.featureGroups))
    let surrogate = try #require(
      trainer.fit(setup.space.dataset(problem.goals, observations)) as? any FeasibilitySurrogate)
    let model = JointModel(
      surrogate: surrogate, features: FeatureMap(setup.space), objectives: 1, isClassified: [true], marginScale: [0.5])
    // Laplace's rule of what is met, and of what is answered.
    let met = observations.count { problem.goals.isFeasible($0.result) }
    let rate = Double(met + 1) / 62 * (61.0 / 62)
    for view in model.views([[0.1, 0.1], [0.5, 0.9], [0.9, 0.2]]) {
      #expect(abs(view.feasible - rate) < 1e-12)
      #expect(view.violation == 0 && view.violations == [[0], [0]])
    }
  }

  @Test("points without an answer are learnt and avoided")
  func crashes() throws {
    var problem = TestProblem.smooth(3, [.minimize]) { z in [-z[0] + (z[1] - 0.4) * (z[1] - 0.4) + z[2]] }
    problem.answer = { z in
      z[0] > 0.6 ? (.failed, [.nan]) : (.ok, [-z[0] + (z[1] - 0.4) * (z[1] - 0.4) + z[2]])
    }
    // The edge itself is worth trying; a hypercube has 30 % of its points deep inside, six of twenty.
    let deep = try (1...4).map { seed in
      var joint = try Self.strategy(problem, budget: 50, seed: UInt64(seed))
      let run = try problem.run(&joint, 50)
      let best = run.results.filter { $0.status == .ok }.map { $0.y[0] }.min() ?? 0
      #expect(best < -0.5, "the best answer lies at −0.6, at the edge of the failures")
      return run.x.dropFirst(30).filter { $0[0] > 0.7 }.count
    }
    #expect(deep.reduce(0, +) <= 8, "\(deep) of the last 20 lie deep among the failures")
  }

  @Test("labels, whole numbers, angles and pinned parameters are searched within what is allowed")
  func mixed() throws {
    let space = ParameterSpace([
      Parameter(id: "a"), Parameter(id: "n", kind: .integer, min: 0, max: 9),
      Parameter(id: "kind", kind: .categorical(["x", "y", "z"])),
      Parameter(id: "phi", min: 0, max: 6.283185307179586, isPeriodic: true), Parameter(id: "pinned"),
    ])
    let problem = TestProblem(
      space: space,
      outputs: OutputSpace([Output(id: "f", role: .minimize), Output(id: "g", role: .atMost(0))]), fixed: [4: 0.25]
    ) { x in
      let label = [1.0, 0.0, 2.0][Int(x[2])]
      return (.ok, [(x[0] - 0.3) * (x[0] - 0.3) + abs(x[1] - 7) + label + 0.1 * x[3], 3 - x[1]])
    }
    var joint = try Self.strategy(problem, budget: 60)
    let run = try problem.run(&joint, 60)
    for x in run.x {
      #expect(x.indices.allSatisfy { space.objection(to: x[$0], at: $0) == nil } && x[4] == 0.25)
    }
    let best = run.results.filter { problem.goals.isFeasible($0) }.map { $0.y[0] }.min() ?? 9
    #expect(best < 0.5)
  }

  @Test("with several workers the next batch is made meanwhile, and the points still follow from the order of calls alone")
  func lookahead() throws {
    let problem = Self.front
    func points() throws -> [[Double]] {
      var joint = try Self.strategy(problem, budget: 200, workers: 2)
      var open = try joint.ask(2).map(\.x)
      var all = open
      for answered in 1...70 {
        let x = open.remove(at: 0)
        joint.tell(Observation(x: x, result: problem.evaluate(x, id: answered)))
        let next = try joint.ask(1).map(\.x)
        open += next
        all += next
      }
      return all
    }
    let first = try points()
    #expect(first.count == 72 && Set(first).count == 72)
    #expect(try points() == first)
    let volume = Hypervolume.of(first.map { problem.evaluate($0, id: 1).y }, reference: [1.1, 1.1])
    #expect(volume > 0.7, "the look-ahead costs answers, not the search: \(volume)")
  }

  @Test("with several workers the batch before a fit that begins anew is twice as large, so that it lasts")
  func longFit() throws {
    let problem = Self.front
    var joint = try Self.strategy(problem, budget: 400, workers: 2)
    var open = try joint.ask(2).map(\.x)
    var sizes: [UInt64: Int] = [:]
    for answered in 1...345 {
      let x = open.removeFirst()
      joint.tell(Observation(x: x, result: problem.evaluate(x, id: answered)))
      open += try joint.ask(1).map(\.x)
      sizes[try #require(joint as? JointStrategy).round, default: 0] += 1
    }
    // The design, whole batches, and the last one that was not handed out to its end.
    let batches = sizes.sorted { $0.key < $1.key }.map(\.value).dropFirst().dropLast()
    // The spacing of a batch's points may leave fewer than twice as many.
    #expect(batches.allSatisfy { $0 == 40 || (60...80).contains($0) } && batches.contains { $0 > 40 }, "\(batches)")
  }

  @Test(
    "batches that are made ahead last as long as a fit, which takes longer the more is known",
    arguments: [
      (1, 500, 400, 0, 8), (2, 500, 20, 40, 40), (2, 500, 400, 80, 80), (2, 100, 20, 10, 10), (4, 500, 20, 50, 50),
      (16, 500, 400, 50, 50), (64, 500, 400, 64, 64), (4096, 100_000, 400, 1024, 1024),
    ])
  func aheadOfWorkers(_ workers: Int, _ budget: Int, _ known: Int, _ ahead: Int, _ batch: Int) throws {
    let setup = Self.front.setup(budget: budget, workers: workers)
    let options = JointOptions(try OptionValues(JointOptions.info, [:]), setup)
    #expect(options.ahead(known: known) == ahead && options.batch(known: known) == batch)
  }

  @Test("with several workers a state taken at any time, a look-ahead under way or not, goes on with the same points")
  func storedLookahead() throws {
    let problem = Self.front
    func fresh() throws -> any StorableStrategy {
      try #require(try Self.strategy(problem, budget: 200, workers: 2) as? any StorableStrategy)
    }
    var whole = try fresh()
    var parts = try fresh()
    var (open, sizes) = (try whole.ask(2).map(\.x), Set<Int>())
    #expect(try parts.ask(2).map(\.x) == open)
    for answered in 1...60 {
      let x = open.remove(at: 0)
      let observation = Observation(x: x, result: problem.evaluate(x, id: answered))
      whole.tell(observation)
      parts.tell(observation)
      let state = try parts.state()
      sizes.insert(state.count / 1000)
      var next = try fresh()
      try next.restore(state)
      parts = next
      let points = try whole.ask(1).map(\.x)
      #expect(try parts.ask(1).map(\.x) == points, "after \(answered) answers")
      open += points
    }
    #expect(sizes.count > 5, "the states hold what was learnt")
  }

  @Test("decisions do not depend on the budget beyond the initial design")
  func anytime() throws {
    let problem = Self.front
    var small = try Self.strategy(problem, budget: 60)
    var large = try Self.strategy(problem, budget: 500)
    #expect(try problem.run(&small, 40).x == problem.run(&large, 40).x)
  }

  @Test("where the feasible points known lie in one part of a front, another part still counts")
  func parts() {
    // Known feasible: near (0, 1) alone. Infeasible answers reach (2, 2).
    let known = [
      Individual(z: [0], losses: [0, 1], violation: 0), Individual(z: [0.1], losses: [0.001, 0.999], violation: 0),
      Individual(z: [0.5], losses: [2, 2], violation: 1), Individual(z: [0.6], losses: [1.5, 0.5], violation: 1),
    ]
    let frame = JointFrame(known: known, awaited: [], objectives: 2)
    let other = frame.normalised([1, 0])
    let scope = frame.scope(adding: [other])
    #expect(zip(other, scope.reference).allSatisfy { $0 < $1 })
    // Small beside what the front holds, yet far more than another point of that front would add.
    func volume(_ points: [[Double]]) -> Double { Hypervolume.of(scope.front + points, reference: scope.reference) }
    let between = frame.normalised([0.0005, 0.9994])
    #expect(volume([other]) - volume([]) > 2 * (volume([between]) - volume([])))
    // Yet no prediction beyond every answer stretches it.
    let wild = frame.scope(adding: [frame.normalised([50, -1])])
    #expect(wild.reference[0] <= frame.normalised([2, 2])[0] + 0.11)
  }

  @Test("predictions are scored against what came out: 0 when they are right, 1 for the mean of all")
  func predictionScore() throws {
    var right = PredictionScore(objectives: 1)
    var mean = right
    #expect(right.nrmse == nil)
    for v in [1.0, 2, 3, 4] {
      right.note([v], predicted: [v])
      mean.note([v], predicted: [2.5])
    }
    right.note([.nan], predicted: [7])
    #expect(right.nrmse == 0)
    #expect(abs((mean.nrmse ?? 0) - 1) < 1e-12)
  }

  @Test("sensitivities by gradient, FAST and DGSM put the parameters in the same order", arguments: ["gradient", "fast", "dgsm"])
  func sensitivities(_ kind: String) throws {
    let problem = TestProblem.smooth(3, [.minimize]) { z in [3 * z[1] + z[0] + 0.05 * z[2]] }
    let setup = problem.setup()
    var random = Seed(8).generator
    let observations = (0..<100).map { i -> Observation in
      let x = (0..<3).map { _ in random.uniform() }
      return Observation(x: x, result: problem.evaluate(x, id: i + 1))
    }
    var trainer = try TrainerRegistry.make(id: "joint", options: ["members=2"], setup: TrainerSetup(seed: Seed(1)))
    let surrogate = try #require(
      trainer.fit(setup.space.dataset(problem.goals, observations)) as? any FeasibilitySurrogate)
    let model = JointModel(
      surrogate: surrogate, features: FeatureMap(setup.space), objectives: 1, isClassified: [], marginScale: [])
    let points = observations.map(\.x)
    let s =
      switch kind {
      case "fast": model.fourierSensitivities(dimension: 3, seed: Seed(2))
      case "dgsm": model.derivativeSensitivities(dimension: 3, count: 256, seed: Seed(2))
      default: model.sensitivities(points, scales: [1])
      }
    #expect(s[1] == 1 && s[0] < 0.5 && s[2] < s[0])
    // Variances and squares are in the ratio 9 to 1, slopes in that of 3 to 1.
    #expect(abs(s[0] - (kind == "gradient" ? 1 / 3.0 : 1 / 9.0)) < 0.05)
  }

  @Test("many points may be in flight: a batch is spread, and late answers are taken in any order")
  func asynchronous() throws {
    let problem = Self.front
    var joint = try Self.strategy(problem, budget: 60)
    var open: [[Double]] = []
    var answered = 0
    while answered < 48 {
      open += try joint.ask(6 - min(open.count, 6)).map(\.x)
      #expect(Set(open).count == open.count)
      let x = open.remove(at: answered % open.count)
      answered += 1
      joint.tell(Observation(x: x, result: problem.evaluate(x, id: answered)))
    }
    #expect(answered == 48)
  }

  @Test("without the gradient step or sensitivities no such thing happens", arguments: ["gradient-step", "sensitivity"])
  func ablation(_ key: String) throws {
    let problem = Self.front
    var joint = try Self.strategy(problem, budget: 40, options: [key: key == "sensitivity" ? "none" : "false"])
    var sources: Set<String> = []
    for i in 0..<36 {
      let proposal = try #require(try joint.ask(1).first)
      sources.insert(proposal.source)
      joint.tell(Observation(x: proposal.x, result: problem.evaluate(proposal.x, id: i + 1)))
    }
    if key == "gradient-step" { #expect(!sources.contains("gradient")) }
    #expect(sources.contains("nsga2") || sources.contains("gradient"))
  }

  @Test("unified directions agree with differences of the two parts they balance")
  func directions() throws {
    let problem = TestProblem.smooth(4, [.minimize, .minimize, .atMost(0)]) { z in
      [z[0] + z[1] * z[1], 1 - z[0] + z[2] * z[2], z[3] - 0.5 * z[0] - 0.2]
    }
    let setup = problem.setup()
    var random = Seed(6).generator
    let observations = (0..<120).map { i -> Observation in
      let x = (0..<4).map { _ in random.uniform() }
      return Observation(x: x, result: problem.evaluate(x, id: i + 1))
    }
    var trainer = try TrainerRegistry.make(
      id: "joint", options: ["members=2", "width=32"], setup: TrainerSetup(seed: Seed(1)))
    let surrogate = try #require(
      trainer.fit(setup.space.dataset(problem.goals, observations)) as? any FeasibilitySurrogate)
    let model = JointModel(
      surrogate: surrogate, features: FeatureMap(setup.space), objectives: 2, isClassified: [true], marginScale: [0.5])
    let unified = UnifiedGradient(
      model: model, ideal: [0, 0], range: [1, 1], front: [], reference: [2.2, 2.2], isFeasibilityFirst: false,
      isPeriodic: [false, false, false, false])
    let z = (0..<5).map { _ in (0..<4).map { _ in 0.2 + 0.6 * random.uniform() } }
    let preferences = z.map { _ in [0.5, 0.5] }
    let ours = unified.directions(z, preferences: preferences)

    // The hypervolume of the predicted set, and the sum of −(1 − p)² log p and violated margins, by differences.
    func volume(_ z: [[Double]]) -> Double { -Hypervolume.of(model.views(z).map(\.mean), reference: [2.2, 2.2]) }
    func feasibility(_ z: [Double]) -> Double {
      let p = surrogate.joint(rows: 1, z: z)
      func focal(_ p: Double) -> Double { -(1 - p) * (1 - p) * log(max(p, 1e-6)) }
      return focal(p.feasibility[0]) + focal(1 - p.crash[0]) + max(p.values[2], 0) / 0.5
    }
    let h = 1e-3
    for i in z.indices {
      var (gv, gc) = ([Double](), [Double]())
      for j in 0..<4 {
        var (up, down) = (z, z)
        up[i][j] += h
        down[i][j] -= h
        gv.append((volume(up) - volume(down)) / (2 * h))
        gc.append((feasibility(up[i]) - feasibility(down[i])) / (2 * h))
      }
      // Dominated points follow a preference instead: no volume to differentiate.
      guard gv.contains(where: { abs($0) > 1e-6 }) else { continue }
      let weight = model.views([z[i]])[0].feasible >= 0.5 ? 0.1 : 1
      let expected = UnifiedGradient.balanced(gv, gc, weight: weight, lossShare: 1)
      let error = zip(ours[i], expected).reduce(0) { max($0, abs($1.0 - $1.1)) }
      #expect(error < 0.02, "point \(i): \(ours[i]) against \(expected)")
    }
  }
}
