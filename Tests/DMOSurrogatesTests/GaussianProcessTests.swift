import DMOCore
import DMONumerics
import Foundation
import Testing

@testable import DMOSurrogates

/// Answers of BoTorch and GPyTorch, written by Tests/Scripts/gp_golden.py.
private struct Golden: Decodable {
  struct Case: Decodable, CustomStringConvertible {
    var kernel: String
    var count, dimension: Int
    var noise, constant, logMarginal, logPosterior: Double
    var x, y, probe, lengthscales, gradient, mean, variance, meanGradient, varianceGradient: [Double]
    var description: String { "\(kernel), \(count) rows" }

    var hyperparameters: GPHyperparameters {
      GPHyperparameters(
        correlation: Correlation(rawValue: kernel) ?? .matern52, lengthscales: lengthscales, noise: noise)
    }
  }
  struct Fit: Decodable, CustomStringConvertible {
    var kernel: String
    var count, dimension: Int
    var x, y, lengthscales: [Double]
    var logPosterior, noise: Double
    var description: String { "\(kernel), \(count) rows" }
  }
  var cases: [Case]
  var fits: [Fit]

  static let all: Golden = {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Golden/gp.json")
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    guard let data = try? Data(contentsOf: file), let golden = try? decoder.decode(Golden.self, from: data) else {
      return Golden(cases: [], fits: [])
    }
    return golden
  }()
}

/// Two double-precision programs on a matrix whose condition number is some thousands.
private let agreement = 1e-8

@Suite("Gaussian process")
struct GaussianProcessTests {
  @Test("the reference answers are there")
  func present() { #expect(Golden.all.cases.count == 4 && Golden.all.fits.count == 4) }

  private func likelihood(
    x: [Double], y: [Double], dimension: Int, kernel: String, isIsotropic: Bool = false
  ) -> GPLikelihood {
    let scale = GaussianProcess.Scale(y)
    return GPLikelihood(
      inputs: x, dimension: dimension, targets: y.map { scale.standardised($0) },
      correlation: Correlation(rawValue: kernel) ?? .matern52, isIsotropic: isIsotropic)
  }

  @Test("marginal likelihood, priors and gradient agree with GPyTorch", arguments: Golden.all.cases)
  fileprivate func marginal(_ c: Golden.Case) {
    let likelihood = likelihood(x: c.x, y: c.y, dimension: c.dimension, kernel: c.kernel)
    let logs = likelihood.logarithms(c.hyperparameters)
    var none: [Double]?
    #expect(abs(likelihood.logMarginal(logs, gradient: &none) - c.logMarginal) < agreement * abs(c.logMarginal))
    #expect(abs(likelihood.mean - c.constant) < agreement)
    var gradient: [Double]? = []
    #expect(abs(likelihood.logPosterior(logs, gradient: &gradient) - c.logPosterior) < agreement * abs(c.logPosterior))
    #expect(relativeError(gradient ?? [], c.gradient) < agreement)
  }

  @Test("the gradient agrees with differences, with one lengthscale for each input or for all", arguments: [false, true])
  func differences(_ isIsotropic: Bool) {
    let c = Golden.all.cases[1]
    for kernel in Correlation.allCases {
      let likelihood = likelihood(
        x: c.x, y: c.y, dimension: c.dimension, kernel: kernel.rawValue, isIsotropic: isIsotropic)
      let logs = likelihood.logarithms(c.hyperparameters)
      var gradient: [Double]? = []
      _ = likelihood.logPosterior(logs, gradient: &gradient)
      let h = 1e-5  // central differences in double, h ≈ ε^(1/3)
      let differences = logs.indices.map { i -> Double in
        var (up, down, none) = (logs, logs, nil as [Double]?)
        up[i] += h
        down[i] -= h
        return
          (likelihood.logPosterior(up, gradient: &none) - likelihood.logPosterior(down, gradient: &none)) / (2 * h)
      }
      #expect(relativeError(gradient ?? [], differences) < 1e-6)
    }
  }

  @Test("one lengthscale for all is the same as equal lengthscales")
  func isotropic() {
    let c = Golden.all.cases[1]
    let equal = GPHyperparameters(
      correlation: .matern52, lengthscales: [Double](repeating: 0.7, count: c.dimension), noise: 1e-3)
    var none: [Double]?
    let one = likelihood(x: c.x, y: c.y, dimension: c.dimension, kernel: "matern52", isIsotropic: true)
    let each = likelihood(x: c.x, y: c.y, dimension: c.dimension, kernel: "matern52")
    let difference = one.logMarginal(one.logarithms(equal), gradient: &none)
      - each.logMarginal(each.logarithms(equal), gradient: &none)
    #expect(abs(difference) < 1e-9)
  }

  @Test("posterior mean, variance and their input gradients agree with BoTorch", arguments: Golden.all.cases)
  fileprivate func posterior(_ c: Golden.Case) throws {
    let process = try #require(GaussianProcess(inputs: c.x, targets: c.y, hyperparameters: c.hyperparameters))
    let rows = c.mean.count
    let (mean, variance) = process.posterior(rows: rows, z: c.probe)
    #expect(relativeError(mean, c.mean) < agreement)
    #expect(relativeError(variance, c.variance) < agreement)
    for (bar, expected) in [((1.0, 0.0), c.meanGradient), ((0, 1), c.varianceGradient)] {
      let gradient = (0..<rows).flatMap { r in
        process.gradient(at: Array(c.probe[r * c.dimension..<(r + 1) * c.dimension])) { _, _ in bar }
      }
      #expect(relativeError(gradient, expected) < agreement)
    }
  }

  /// BoTorch stops at its own tolerance: within 1e-3 of it, or better.
  @Test("the search for hyperparameters ends as high as BoTorch's", arguments: Golden.all.fits)
  fileprivate func fit(_ f: Golden.Fit) {
    let likelihood = likelihood(x: f.x, y: f.y, dimension: f.dimension, kernel: f.kernel)
    let start = GPPriors.mode(dimension: f.dimension, correlation: likelihood.correlation)
    let found = likelihood.fit(from: start)
    print("\(f): log posterior \(found.logPosterior), BoTorch \(f.logPosterior), \(found.evaluations) evaluations")
    #expect(found.logPosterior > f.logPosterior - 1e-3)
  }

  @Test("rows that join later give the process of all rows at once", arguments: Golden.all.cases)
  fileprivate func appending(_ c: Golden.Case) throws {
    let whole = try #require(GaussianProcess(inputs: c.x, targets: c.y, hyperparameters: c.hyperparameters))
    var grown = try #require(
      GaussianProcess(
        inputs: Array(c.x.prefix(3 * c.dimension)), targets: Array(c.y.prefix(3)), hyperparameters: c.hyperparameters))
    for n in 4...c.count {
      grown = try #require(
        grown.appending(
          inputs: Array(c.x[(n - 1) * c.dimension..<n * c.dimension]), targets: Array(c.y.prefix(n))))
    }
    #expect(grown.count == c.count && grown.inputs == c.x)
    let (a, b) = (whole.posterior(rows: 5, z: c.probe), grown.posterior(rows: 5, z: c.probe))
    #expect(relativeError(b.mean, a.mean) < agreement && relativeError(b.variance, a.variance) < agreement)
  }

  @Test("what it believes leaves the mean and takes the doubt away", arguments: Golden.all.cases)
  fileprivate func believing(_ c: Golden.Case) throws {
    let process = try #require(GaussianProcess(inputs: c.x, targets: c.y, hyperparameters: c.hyperparameters))
    let point = Array(c.probe.prefix(c.dimension))
    let told = process.believing(rows: 1, z: point)
    let (before, after) = (process.posterior(rows: 5, z: c.probe), told.posterior(rows: 5, z: c.probe))
    #expect(relativeError(after.mean, before.mean) < agreement)
    #expect(zip(after.variance, before.variance).allSatisfy { $0 <= $1 * (1 + agreement) })
    // Of a variance v an observation with noise σ² leaves v σ² / (v + σ²).
    let (v, s) = (before.variance[0], c.noise * process.scale.deviation * process.scale.deviation)
    #expect(abs(after.variance[0] - v * s / (v + s)) < 1e-6 * v)
  }

  @Test("hyperparameters stay between searches, and move when the rows have grown")
  func refitting() throws {
    let f = Golden.all.fits[1]
    func data(_ rows: Int) -> Dataset {
      var data = Dataset(inputCount: f.dimension, outputCount: 1)
      for r in 0..<rows { data.append(z: Array(f.x[r * f.dimension..<(r + 1) * f.dimension]), y: [f.y[r]]) }
      return data
    }
    func lengths(_ model: any Surrogate) throws -> [Double] {
      let surrogate = try #require(model as? GPSurrogate)
      guard case .process(let process) = surrogate.outputs[0] else { return [] }
      return process.hyperparameters.lengthscales
    }
    var trainer = try TrainerRegistry.make(id: "gp", options: ["refit=0.2"], setup: TrainerSetup(seed: Seed(1)))
    let first = try lengths(try trainer.fit(data(40)))
    #expect(try lengths(try trainer.fit(data(44))) == first)
    #expect(try lengths(try trainer.fit(data(55))) != first)
    // Another past is learnt anew, not appended to.
    var reversed = Dataset(inputCount: f.dimension, outputCount: 1)
    let all = data(55)
    for r in (0..<55).reversed() {
      reversed.append(z: Array(all.inputs[r * f.dimension..<(r + 1) * f.dimension]), y: [all.targets[r]])
    }
    let z = [Double](repeating: 0.4, count: f.dimension)
    let (one, two) = (try trainer.fit(all).predict(rows: 1, z: z), try trainer.fit(reversed).predict(rows: 1, z: z))
    #expect(abs(one[0] - two[0]) < 1e-6 * abs(one[0]))
  }
}

@Suite("Box-constrained minimisation")
struct BoxMinimizerTests {
  private func rosenbrock(_ x: [Double], _ g: inout [Double]) -> Double {
    var value = 0.0
    g = x.map { _ in 0 }
    for i in 0..<x.count - 1 {
      let (a, b) = (x[i + 1] - x[i] * x[i], 1 - x[i])
      value += 100 * a * a + b * b
      g[i] += -400 * a * x[i] - 2 * b
      g[i + 1] += 200 * a
    }
    return value
  }

  @Test("finds Rosenbrock's minimum from the usual start")
  func free() {
    var minimizer = BoxMinimizer()
    minimizer.valueTolerance = 0
    let bounds = [Double](repeating: 10, count: 6)
    let r = minimizer.minimize(
      from: [-1.2, 1, -1.2, 1, -1.2, 1], lower: bounds.map { -$0 }, upper: bounds, rosenbrock)
    #expect(r.value < 1e-9 && r.evaluations < 250, "\(r)")
  }

  /// With x₀ ≤ ½ the minimum of the two-dimensional function is (½, ¼), its value ¼.
  @Test("stops at a bound where the function still falls beyond it")
  func bound() {
    let r = BoxMinimizer().minimize(from: [-1.2, 1], lower: [-2, -2], upper: [0.5, 2], rosenbrock)
    #expect(abs(r.x[0] - 0.5) < 1e-9 && abs(r.x[1] - 0.25) < 1e-4 && abs(r.value - 0.25) < 1e-6, "\(r)")
  }

  @Test("a function that is not finite beyond a wall is minimised on this side of it")
  func wall() {
    let r = BoxMinimizer().minimize(from: [1], lower: [-5], upper: [5]) { x, g in
      g[0] = 1 - 1 / x[0]
      return x[0] > 0 ? x[0] - log(x[0]) : .nan
    }
    #expect(abs(r.x[0] - 1) < 1e-4)
  }
}
