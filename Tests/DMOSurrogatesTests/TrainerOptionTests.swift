import DMOCore
import DMONumerics
import Testing

@testable import DMOSurrogates

@Suite("Trainer options")
struct TrainerOptionTests {
  private func make(_ id: String, _ options: [String], seed: UInt64 = 1) throws -> any SurrogateTrainer {
    try TrainerRegistry.make(id: id, options: options, setup: TrainerSetup(seed: Seed(seed)))
  }

  /// z₀ and z₁ uniform, or around six centres; y = |z₀ − ½| + z₀ z₁ with some noise.
  private func data(_ rows: Int, spread: Double?, noise: Double = 0, seed: UInt64 = 4) -> Dataset {
    var random = Seed(seed).generator
    let centres = (0..<6).map { _ in (0..<6).map { _ in random.uniform() } }
    var data = Dataset(inputCount: 6, outputCount: 1)
    for r in 0..<rows {
      let z = (0..<6).map { c -> Double in
        guard let spread else { return random.uniform() }
        return min(max(centres[r % 6][c] + spread * random.normal(), 0), 1)
      }
      data.append(z: z, y: [abs(z[0] - 0.5) + z[0] * z[1] + noise * random.normal()])
    }
    return data
  }

  private let small = ["hidden=16-16", "cold_epochs=40", "epochs=20", "lr=0.005"]

  @Test("`batch` meets every pair once an epoch, as the full batch does")
  func batch() throws {
    let data = data(80, spread: 0.05)
    func loss(_ options: [String]) throws -> Double {
      // A rate that moves no weight: an epoch's mean loss is then that of the whole set.
      var trainer = try make("gradpie", ["hidden=4", "lr=1e-30", "cold_epochs=1", "k=4"] + options)
      _ = try trainer.fit(data)
      return trainer.lastLoss
    }
    let whole = try loss([])
    #expect(abs(try loss(["batch=16"]) - whole) < 1e-5 * whole)
    #expect(abs(try loss(["batch=1"]) - whole) < 1e-5 * whole)
    #expect(try loss(["batch=80"]) == whole)
  }

  @Test("with `decay` the last steps are small, and the next fit starts at the full rate again")
  func decay() throws {
    let data = data(60, spread: nil)
    var trainer = try make("mae", ["hidden=16-16", "cold_epochs=200", "epochs=200", "lr=0.02", "decay=true"])
    _ = try trainer.fit(data)
    let first = trainer.lastLoss
    var constant = try make("mae", ["hidden=16-16", "cold_epochs=200", "lr=0.02"])
    _ = try constant.fit(data)
    #expect(first < constant.lastLoss)
    _ = try trainer.fit(data)
    #expect(trainer.lastLoss < first, "a fit at a hundredth of the rate would hardly move")
  }

  @Test("with `shrink` a continued fit starts from a mixture of the last weights and fresh ones")
  func shrink() throws {
    let data = data(40, spread: nil)
    func weights(_ trainer: inout any SurrogateTrainer) throws -> [Float] {
      try #require(try trainer.fit(data) as? MLPSurrogate).network.parameters
    }
    var trainer = try make("mae", ["hidden=16-16", "cold_epochs=300", "epochs=0", "lr=0.02", "shrink=0.25"])
    let first = try weights(&trainer)
    let second = try weights(&trainer)
    let third = try weights(&trainer)
    let limit = Float(1 / 6.0.squareRoot())  // of initial weights: 1/√(inputs)
    func added(_ old: [Float], _ new: [Float]) -> [Float] { zip(old, new).map { ($1 - 0.25 * $0) / 0.75 } }
    let (fresh, again) = (added(first, second), added(second, third))
    #expect(first.map(abs).max() ?? 0 > 1.05 * limit, "trained weights left the range of initial ones")
    #expect(fresh.allSatisfy { abs($0) <= 1.0001 * limit } && fresh.contains { abs($0) > 0.5 * limit })
    #expect(zip(fresh, again).contains { abs($0 - $1) > 0.2 * limit }, "other random weights each time")
  }

  @Test("offline, a fit knows nothing of the one before")
  func offline() throws {
    var (one, two) = (try make("gradpie", small + ["mode=offline"]), try make("gradpie", small + ["mode=offline"]))
    _ = try one.fit(data(20, spread: nil))
    let probe = [0.2, 0.4, 0.6, 0.1, 0.9, 0.5]
    let a = try one.fit(data(30, spread: nil)).predict(rows: 1, z: probe)
    #expect(try two.fit(data(30, spread: nil)).predict(rows: 1, z: probe) == a)
    var warm = try make("gradpie", small)
    _ = try warm.fit(data(20, spread: nil))
    #expect(try warm.fit(data(30, spread: nil)).predict(rows: 1, z: probe) != a)
  }

  /// How much the mean squared residual rises on average when the weights are moved by a given distance anywhere.
  private func rise(_ model: MLPSurrogate, _ data: Dataset, radius: Double) -> Double {
    func loss(_ p: [Float]) -> Double {
      let moved = MLPSurrogate(network: MLP(shape: model.network.shape, parameters: p), scaler: model.scaler)
      return zip(moved.predict(rows: data.count, z: data.inputs), data.targets).reduce(0) {
        $0 + ($1.0 - $1.1) * ($1.0 - $1.1) / Double(data.count)
      }
    }
    var random = Seed(6).generator
    let before = loss(model.network.parameters)
    return (0..<40).reduce(0) { total, _ in
      let step = model.network.parameters.map { _ in random.normal() }
      let norm = step.reduce(0) { $0 + $1 * $1 }.squareRoot()
      return total + loss(zip(model.network.parameters, step).map { $0 + Float(radius * $1 / norm) }) - before
    }
  }

  @Test("`sharpness` ends in a flatter minimum")
  func sharpness() throws {
    let data = data(60, spread: nil, noise: 0.1)
    func rise(_ options: [String]) throws -> Double {
      var trainer = try make("mse", ["hidden=32-32", "cold_epochs=600", "lr=0.003"] + options)
      return self.rise(try #require(try trainer.fit(data) as? MLPSurrogate), data, radius: 1)
    }
    let (plain, flat) = (try rise([]), try rise(["sharpness=0.1"]))
    print("rise of the loss around the minimum: plain \(plain), sharpness=0.1 \(flat)")
    #expect(flat < 0.7 * plain)
  }

  @Test("`perturbation` makes predictions less sensitive to noise on the weights")
  func perturbation() throws {
    let data = data(60, spread: nil, noise: 0.1)
    func sensitivity(_ options: [String]) throws -> Double {
      var trainer = try make("mse", ["hidden=32-32", "cold_epochs=600", "lr=0.003"] + options)
      let model = try #require(try trainer.fit(data) as? MLPSurrogate)
      let y = model.predict(rows: data.count, z: data.inputs)
      var random = Seed(3).generator
      var total = 0.0
      for _ in 0..<20 {
        var p = model.network.parameters
        for layer in model.network.shape.layers {
          let range = layer.weight..<layer.weight + layer.inputs * layer.outputs
          let size = (range.reduce(0.0) { $0 + Double(p[$1]) * Double(p[$1]) } / Double(range.count)).squareRoot()
          for i in range { p[i] += Float(0.05 * size * random.normal()) }
        }
        let noisy = MLPSurrogate(network: MLP(shape: model.network.shape, parameters: p), scaler: model.scaler)
        for (a, b) in zip(noisy.predict(rows: data.count, z: data.inputs), y) { total += (a - b) * (a - b) }
      }
      return total
    }
    let (plain, robust) = (try sensitivity([]), try sensitivity(["perturbation=0.1"]))
    print("sensitivity to noise on the weights: plain \(plain), perturbation=0.1 \(robust)")
    #expect(robust < 0.8 * plain)
  }

  private func choice(_ data: Dataset) throws -> PairChoice {
    var trainer = try make(
      "gradpie+mae", ["hidden=32-32", "cold_epochs=1", "fold_epochs=150", "lr=0.003", "strength=0,1,3", "k=3,5"])
    _ = try trainer.fit(data)
    return try #require(trainer as? MLPTrainer).choice
  }

  @Test("cross-validation uses differences where near pairs carry the gradient, and falls back to values on noise")
  func selection() throws {
    let near = try choice(data(120, spread: 0.03))
    print("clusters: strength \(near.strength), k \(near.k)")
    #expect(near.strength > 0 && near.rows == 120)
    // Uniform in six dimensions: no pair is near, and differences of noise double it.
    let far = try choice(data(120, spread: nil, noise: 0.5))
    print("uniform: strength \(far.strength)")
    #expect(far.strength == 0)
  }

  @Test("the number of threads changes nothing", arguments: ["gradpie+mae", "ensemble"])
  func threads(_ id: String) throws {
    let data = data(40, spread: 0.05)
    func run(_ threads: Int) throws -> [Double] {
      let more = id == "ensemble" ? ["members=3"] : ["fold_epochs=10"]
      var trainer = try make(id, small + more + ["threads=\(threads)"])
      return try trainer.fit(data).predict(rows: 40, z: data.inputs)
    }
    #expect(try run(1) == run(3))
  }

  @Test("an ensemble refuses itself, and its members' bad options by their own name")
  func ensemble() {
    func message(_ options: [String]) -> String {
      do {
        _ = try make("ensemble", options)
        return ""
      } catch { return "\(error)" }
    }
    #expect(message(["of=ensemble"]).contains("choose another trainer"))
    #expect(message(["of=mae", "k=3"]).contains("trainer 'mae' has no option 'k'"))
    #expect(message(["of=forest"]).contains("there is no trainer 'forest'"))
    #expect(message(["members=1"]).contains("from 2 to 1000"))
    #expect(message(["of=gradpie", "k=3", "target=observed"]).isEmpty)
  }

  @Test("an ensemble's mean is its members' mean, and its variance their spread")
  func moments() throws {
    let data = data(40, spread: nil)
    let models = try (1...3).map { seed in
      var member = try make("mae", small, seed: UInt64(seed))
      return try member.fit(data)
    }
    let ensemble = EnsembleSurrogate(models)
    let (mean, variance) = ensemble.posterior(rows: 40, z: data.inputs)
    let each = models.map { $0.predict(rows: 40, z: data.inputs) }
    for i in 0..<40 {
      let y = each.map { $0[i] }
      let m = y.reduce(0, +) / 3
      #expect(abs(mean[i] - m) < 1e-12)
      #expect(abs(variance[i] - y.reduce(0) { $0 + ($1 - m) * ($1 - m) } / 2) < 1e-12)
    }
  }
}
