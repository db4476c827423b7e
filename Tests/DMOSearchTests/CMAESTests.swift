import DMOCore
import Foundation
import Testing

@testable import DMOSearch

@Suite("CMA-ES")
struct CMAESTests {
  @Test("rank-one updates of the factor give the matrix they stand for")
  func factor() {
    var random = Seed(1).generator
    let n = 6
    var factor = CholeskyFactor(count: n)
    var matrix = (0..<n * n).map { $0 / n == $0 % n ? 1.0 : 0 }
    for _ in 0..<40 {
      let v = (0..<n).map { _ in random.normal() }
      let (alpha, beta) = (0.5 + random.uniform() / 2, random.uniform())
      factor.update(alpha: alpha, beta: beta, v)
      for i in 0..<n { for j in 0..<n { matrix[i * n + j] = alpha * matrix[i * n + j] + beta * v[i] * v[j] } }
    }
    let product = (0..<n * n).map { k -> Double in
      let (i, j) = (k / n, k % n)
      return (0..<n).reduce(0.0) { $0 + factor.a[i * n + $1] * factor.a[j * n + $1] }
    }
    for (a, b) in zip(product, matrix) { #expect(abs(a - b) < 1e-12) }
    for (i, deviation) in factor.deviations.enumerated() {
      #expect(abs(deviation - matrix[i * n + i].squareRoot()) < 1e-12)
    }
    let z = (0..<n).map { _ in random.normal() }
    for (a, b) in zip(factor.solve(factor.times(z)), z) { #expect(abs(a - b) < 1e-10) }
  }

  @Test("the strategy constants for n = 10, λ = 10 are those of the tutorial's formulas, worked out apart")
  func constants() {
    let p = CMAES.Parameters(dimension: 10, populationSize: 10)
    #expect(p.weights.count == 5 && abs(p.weights.reduce(0, +) - 1) < 1e-15)
    // Worked out in Python from table 1 of arXiv 1604.00772.
    #expect(abs(p.muEffective - 3.167299) < 1e-6)
    #expect(abs(p.cSigma - 0.284429) < 1e-6)
    #expect(abs(p.cPath - 0.294990) < 1e-6)
    #expect(abs(p.cOne - 0.015284) < 1e-6)
    #expect(abs(p.cMu - 0.020154) < 1e-6)
    #expect(abs(p.expectedLength - 3.084727) < 1e-6)
  }

  /// Evaluations until the loss is below 1e-8 within [−5, 5]^n.
  private func evaluations(
    _ n: Int, seed: UInt64, budget: Int, options: [String: String] = [:], _ f: @escaping @Sendable ([Double]) -> Double
  ) throws -> Int {
    let problem = TestProblem(
      space: ParameterSpace((0..<n).map { Parameter(id: "x\($0)", min: -5, max: 5) }),
      outputs: OutputSpace([Output(id: "f", role: .minimize)]), answer: { (.ok, [f($0)]) })
    var strategy = try StrategyRegistry.make(
      "cmaes", options: options, setup: problem.setup(seed: seed, budget: budget))
    for count in 1...budget {
      guard let proposal = try strategy.ask(1).first else { return budget }
      let result = problem.evaluate(proposal.x, id: count)
      if result.y[0] < 1e-8 { return count }
      strategy.tell(Observation(x: proposal.x, result: result))
    }
    return budget
  }

  // Counts for n = 8: about those that pycma needs, whose spread over seeds is a tenth on the first two.
  @Test("sphere and ellipsoid in as many evaluations as is known of CMA-ES", arguments: [1, 2, 3] as [UInt64])
  func quadratics(seed: UInt64) throws {
    let sphere = try evaluations(8, seed: seed, budget: 4000) { $0.reduce(0) { $0 + ($1 - 1) * ($1 - 1) } }
    #expect((800...2000).contains(sphere), "\(sphere)")
    let ellipsoid = try evaluations(8, seed: seed, budget: 9000) { x in
      var sum = 0.0
      for (i, v) in x.enumerated() { sum += _pow(1e6, Double(i) / 7) * (v - 1) * (v - 1) }
      return sum
    }
    #expect((2500...6000).contains(ellipsoid), "\(ellipsoid)")
  }

  @Test("Rosenbrock's valley is followed to its end, and Ackley's ripples are overcome")
  func valleys() throws {
    let rosenbrock = try evaluations(6, seed: 2, budget: 30_000) { x in
      var sum = 0.0
      for (a, b) in zip(x, x.dropFirst()) { sum += 100 * _pow(a * a - b, 2) + _pow(1 - a, 2) }
      return sum
    }
    #expect(rosenbrock < 30_000)
    let ackley = try evaluations(6, seed: 3, budget: 30_000) { x in
      var (square, cosine) = (0.0, 0.0)
      for v in x {
        square += (v - 0.7) * (v - 0.7) / 6
        cosine += cos(2 * Double.pi * (v - 0.7)) / 6
      }
      return 20 - 20 * exp(-0.2 * square.squareRoot()) + exp(1) - exp(cosine)
    }
    #expect(ackley < 30_000)
  }

  @Test("an optimum in a corner of the box is found: walls are mirrors")
  func corner() throws {
    let count = try evaluations(4, seed: 1, budget: 6000) { $0.reduce(0) { $0 + ($1 + 5) } }
    #expect(count < 6000)
  }

  @Test("several objectives are refused with the strategy that has them")
  func severalObjectives() {
    let problem = TestProblem.smooth(2, [.minimize, .minimize]) { $0 }
    #expect(throws: SearchError.self) { _ = try StrategyRegistry.make("cmaes", setup: problem.setup()) }
  }
}
