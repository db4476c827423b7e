import DMOCore
import DMONumerics
import DMOSurrogates
import Foundation
import Testing

@testable import DMOSearch

/// Answers of mpmath with 80 digits, written by Tests/Scripts/gp_golden.py: u, log h(u), its slope, log Φ(u), its
/// slope.
private struct Tails: Decodable {
  var table: [[Double]]

  static let all: [[Double]] = {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("Golden/log_ei.json")
    return (try? JSONDecoder().decode(Tails.self, from: Data(contentsOf: file)))?.table ?? []
  }()
}

@Suite("Bayesian optimisation")
struct BayesTests {
  @Test("log expected improvement and log probability are those of 80 digits, from u = −1e8 to 40")
  func tails() {
    #expect(Tails.all.count == 20)
    for row in Tails.all {
      let improvement = NormalTails.logImprovement(row[0])
      let below = NormalTails.logBelow(row[0])
      for (value, expected) in [
        (improvement.value, row[1]), (improvement.slope, row[2]), (below.value, row[3]), (below.slope, row[4]),
      ] {
        // The plain formula loses two digits at u = −3; 1e-300 covers log Φ(40), which is 0.
        #expect(abs(value - expected) <= 2e-13 * abs(expected) + 1e-300, "u = \(row[0]): \(value), \(expected)")
      }
    }
  }

  private func trainer(_ options: [String] = []) throws -> any SurrogateTrainer {
    try TrainerRegistry.make(id: "gp", options: options, setup: TrainerSetup(seed: Seed(1)))
  }

  private func strategy(
    _ problem: TestProblem, seed: UInt64 = 1, budget: Int = 40, _ options: [String: String] = [:]
  ) throws -> any SearchStrategy {
    try StrategyRegistry.make(
      "bayes", options: options, setup: problem.setup(seed: seed, budget: budget), trainer: try trainer())
  }

  @Test(
    "the acquisition's gradient agrees with differences, with and without a feasible point",
    arguments: [true, false])
  func gradient(_ hasBest: Bool) throws {
    var random = Seed(4).generator
    var data = Dataset(inputCount: 3, outputCount: 2)
    for _ in 0..<25 {
      let z = (0..<3).map { _ in random.uniform() }
      data.append(z: z, y: [z[0] * z[1] - z[2], 0.3 - z[1] + 0.2 * z[0]])
    }
    var trainer = try trainer()
    let model = try #require(try trainer.fit(data) as? any ProbabilisticSurrogate)
    let acquisition = Acquisition(surrogate: model, best: hasBest ? -0.7 : nil, constraints: 1..<2)
    for _ in 0..<10 {
      let z = (0..<3).map { _ in random.uniform() }
      let (value, gradient) = acquisition.value(z)
      #expect(abs(value - acquisition.values(rows: 1, features: z)[0]) < 1e-9 * max(1, abs(value)))
      let h = 1e-5  // central differences in double, h ≈ ε^(1/3)
      for i in 0..<3 {
        var (up, down) = (z, z)
        up[i] += h
        down[i] -= h
        let difference = (acquisition.value(up).value - acquisition.value(down).value) / (2 * h)
        #expect(abs(gradient[i] - difference) < 1e-4 * max(1, abs(difference)), "\(gradient[i]) \(difference)")
      }
    }
  }

  /// Branin's function over the unit square; its minimum is 0.397887 (Dixon & Szegö 1978).
  private static func branin(_ z: [Double]) -> Double {
    let (a, b) = (15 * z[0] - 5, 15 * z[1])
    let t = b - 5.1 / (4 * .pi * .pi) * a * a + 5 / .pi * a - 6
    return t * t + 10 * (1 - 1 / (8 * .pi)) * cos(a) + 10
  }

  @Test("finds Branin's minimum in 40 evaluations", arguments: [1, 2, 3] as [UInt64])
  func branin(_ seed: UInt64) throws {
    let problem = TestProblem.smooth(2, [.minimize]) { [Self.branin($0)] }
    var strategy = try strategy(problem, seed: seed)
    let best = try problem.run(&strategy, 40).results.map { $0.y[0] }.min() ?? .infinity
    print("branin, seed \(seed): best of 40 is \(best)")
    #expect(best < 0.397887 + 0.01)
  }

  /// Minimise z₀ + z₁ with z₀ z₁ ≥ ¼: the optimum is (½, ½), value 1.
  @Test("keeps to constraints", arguments: [1, 2] as [UInt64])
  func constrained(_ seed: UInt64) throws {
    let problem = TestProblem.smooth(2, [.minimize, .atLeast(0.25)]) { [$0[0] + $0[1], $0[0] * $0[1]] }
    var strategy = try strategy(problem, seed: seed)
    let results = try problem.run(&strategy, 40).results
    let best = results.filter { problem.goals.isFeasible($0) }.map { $0.y[0] }.min() ?? .infinity
    print("constrained, seed \(seed): best of 40 is \(best)")
    #expect(best < 1.01)
  }

  @Test("spreads over the front of two objectives")
  func front() throws {
    let problem = TestProblem.smooth(2, [.minimize, .minimize]) { z in
      [z[0] * z[0] + 0.5 * z[1], (1 - z[0]) * (1 - z[0]) + 0.5 * z[1]]
    }
    var strategy = try strategy(problem)
    let results = try problem.run(&strategy, 40).results
    let losses = results.map { $0.y }
    let front = Ranking.nonDominated(losses).map { losses[$0] }
    #expect(front.count >= 10)
    #expect((front.map { $0[0] }.min() ?? 1) < 0.05 && (front.map { $0[1] }.min() ?? 1) < 0.05)
  }

  @Test("labels, whole numbers, periodic and pinned parameters; nothing is proposed twice")
  func mixed() throws {
    let space = ParameterSpace([
      Parameter(id: "kind", kind: .categorical(["a", "b", "c"]), min: 0, max: 2),
      Parameter(id: "n", kind: .integer, min: 0, max: 6),
      Parameter(id: "angle", isPeriodic: true), Parameter(id: "pinned"),
    ])
    var problem = TestProblem(
      space: space, outputs: OutputSpace([Output(id: "y", role: .minimize)]),
      answer: { x in
        let d = abs(x[2] - 0.95)
        return (.ok, [(x[0] == 1 ? 0 : 1) + (x[1] - 4) * (x[1] - 4) / 8 + min(d, 1 - d) * 4 + x[3]])
      })
    problem.fixed = [3: 0.25]
    var strategy = try strategy(problem, budget: 60)
    let run = try problem.run(&strategy, 60)
    #expect(Set(run.x).count == 60)
    for x in run.x {
      #expect(x[3] == 0.25 && x.indices.allSatisfy { space.objection(to: x[$0], at: $0) == nil })
    }
    #expect((run.results.map { $0.y[0] }.min() ?? 9) < 0.3)
  }

  @Test("finds a minimum at the edge of a region that fails")
  func failuresAtTheMinimum() throws {
    var problem = TestProblem.smooth(2, [.minimize]) { $0 }
    problem.answer = { x in x[0] + x[1] < 0.8 ? (.failed, [.nan]) : (.ok, [x[0] + x[1]]) }
    var strategy = try strategy(problem, budget: 60)
    let results = try problem.run(&strategy, 60).results
    #expect((results.filter { $0.status == .ok }.map { $0.y[0] }.min() ?? 9) < 0.82)
  }

  @Test("keeps away from a region that fails")
  func failuresElsewhere() throws {
    var problem = TestProblem.smooth(2, [.minimize]) { $0 }
    problem.answer = { x in
      x[0] > 0.6 ? (.failed, [.nan]) : (.ok, [(x[0] - 0.3) * (x[0] - 0.3) + (x[1] - 0.3) * (x[1] - 0.3)])
    }
    var strategy = try strategy(problem, budget: 40)
    let results = try problem.run(&strategy, 40).results
    #expect(results.prefix(6).contains { $0.status != .ok })
    #expect(results.suffix(25).filter { $0.status != .ok }.count <= 5)
    #expect((results.filter { $0.status == .ok }.map { $0.y[0] }.min() ?? 9) < 1e-3)
  }

  @Test("several points in flight differ, and the same order of answers gives the same points")
  func asynchronous() throws {
    let problem = TestProblem.smooth(2, [.minimize]) { [Self.branin($0)] }
    func run() throws -> [[Double]] {
      var strategy = try strategy(problem)
      var all: [[Double]] = []
      for _ in 0..<6 {
        let batch = try strategy.ask(4)
        #expect(batch.count == 4)
        all += batch.map(\.x)
        for (k, p) in batch.reversed().enumerated() {
          strategy.tell(Observation(x: p.x, result: problem.evaluate(p.x, id: k)))
        }
      }
      return all
    }
    let points = try run()
    #expect(Set(points).count == 24)
    #expect(try run() == points)
    // Believing keeps the points of one batch apart.
    let last = points.suffix(4)
    for a in last { for b in last where a != b { #expect(zip(a, b).contains { abs($0 - $1) > 1e-4 }) } }
  }

  @Test("an answer never whole leaves the design going")
  func hopeless() throws {
    var problem = TestProblem.smooth(2, [.minimize]) { $0 }
    problem.answer = { _ in (.failed, [.nan]) }
    var strategy = try strategy(problem)
    #expect(try problem.run(&strategy, 30).x.count == 30)
  }

  @Test("a surrogate that is not sure of anything is refused")
  func refused() throws {
    let problem = TestProblem.smooth(2, [.minimize]) { $0 }
    var strategy = try StrategyRegistry.make(
      "bayes", options: ["initial": "2"], setup: problem.setup(), trainer: problem.exactTrainer)
    let error = #expect(throws: SearchError.self) { _ = try problem.run(&strategy, 3) }
    #expect(error?.code == .badPair)
  }

  @Test("bayes-mo spreads over a constrained front, far beyond a hypercube, and repeats itself")
  func constrainedFront() throws {
    // The unit circle's quarter, of which the constraint leaves x >= 0.3.
    let problem = TestProblem.smooth(3, [.minimize, .minimize, .atMost(0)]) { z in
      let angle = z[0] * 1.5707963267948966
      let g = 1 + (z[1] - 0.4) * (z[1] - 0.4) * 4 + (z[2] - 0.6) * (z[2] - 0.6) * 4
      return [g * cos(angle), g * sin(angle), 0.3 - z[0]]
    }
    func run(_ id: String) throws -> (points: [[Double]], volume: Double) {
      let trainer = id == "lhs" ? nil : try TrainerRegistry.make(id: "gp", setup: TrainerSetup(seed: Seed(1)))
      var strategy = try StrategyRegistry.make(id, setup: problem.setup(budget: 40), trainer: trainer)
      let run = try problem.run(&strategy, 40)
      let front = Ranking.paretoFront(run.results, problem.goals).map { problem.goals.losses(run.results[$0].y) }
      return (run.x, Hypervolume.of(front, reference: [1.1, 1.1]))
    }
    let (points, volume) = try run("bayes-mo")
    // The whole front, x from 0.3 on, in many steps.
    let exact = Hypervolume.of(
      (0...2000).map { k -> [Double] in
        let angle = (0.3 + 0.7 * Double(k) / 2000) * 1.5707963267948966
        return [cos(angle), sin(angle)]
      }, reference: [1.1, 1.1])
    #expect(volume > 0.9 * exact, "\(volume) of \(exact)")
    #expect(volume > 1.5 * (try run("lhs").volume))
    #expect(try run("bayes-mo").points == points && Set(points).count == 40)
  }
}
