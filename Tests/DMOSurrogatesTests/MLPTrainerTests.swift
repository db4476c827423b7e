import DMOCore
import DMONumerics
import Testing

@testable import DMOSurrogates

@Suite("MLP trainers")
struct MLPTrainerTests {
  /// y = sin 3z₀ + z₀ z₁ and its gradient, at random points around a few centres.
  private func clustered(_ rows: Int, seed: UInt64 = 4) -> Dataset {
    var random = Seed(seed).generator
    let centres = (0..<6).map { _ in [random.uniform(), random.uniform()] }
    var data = Dataset(inputCount: 2, outputCount: 1)
    for r in 0..<rows {
      let z = centres[r % 6].map { min(max($0 + 0.05 * random.normal(), 0), 1) }
      data.append(z: z, y: [value(z)])
    }
    return data
  }
  private func value(_ z: [Double]) -> Double { sine(3 * z[0]) + z[0] * z[1] }
  private func sine(_ x: Double) -> Double { x - x * x * x / 6 + x * x * x * x * x / 120 }
  private func slope(_ z: [Double]) -> [Double] {
    let x = 3 * z[0]
    return [3 * (1 - x * x / 2 + x * x * x * x / 24) + z[1], z[0]]
  }

  private func make(_ id: String, _ options: [String]) throws -> MLPTrainer {
    let trainer = try TrainerRegistry.make(id: id, options: options, setup: TrainerSetup(seed: Seed(1)))
    return try #require(trainer as? MLPTrainer)
  }

  @Test("learn a function's gradient", arguments: ["mae", "gradpie"])
  func learns(_ id: String) throws {
    let data = clustered(120)
    var trainer = try make(id, ["hidden=32-32", "cold_epochs=1500", "lr=0.003"])
    let model = try trainer.fit(data)
    let probe = clustered(60, seed: 4)
    let g = model.vjp(rows: 60, z: probe.inputs, ybar: [Double](repeating: 1, count: 60))
    let truth = (0..<60).flatMap { slope(Array(probe.inputs[2 * $0..<2 * $0 + 2])) }
    let error = zip(g, truth).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
    let size = truth.reduce(0) { $0 + $1 * $1 }
    print("\(id): relative gradient error \((error / size).squareRoot()), loss \(trainer.lastLoss)")
    #expect((error / size).squareRoot() < 0.3)  // an untrained network's is about 1
  }

  @Test("a gradpie model's mean residual is 0 in each output")
  func centred() throws {
    let data = clustered(50)
    var trainer = try make("gradpie", ["hidden=16", "cold_epochs=20"])
    let y = try trainer.fit(data).predict(rows: 50, z: data.inputs)
    let mean = zip(y, data.targets).reduce(0) { $0 + $1.0 - $1.1 } / 50
    #expect(abs(mean) < 1e-6)
  }

  @Test("a warm start of no epochs predicts the same although the scaling moved", arguments: ["mae", "gradpie"])
  func rescaling(_ id: String) throws {
    var trainer = try make(id, ["hidden=16-16", "cold_epochs=50", "epochs=0"])
    var data = clustered(30)
    let before = try #require(try trainer.fit(data) as? MLPSurrogate)
    data.append(z: [0.5, 0.5], y: [3 + value([0.5, 0.5])])
    let after = try #require(try trainer.fit(data) as? MLPSurrogate)
    #expect(before.scaler != after.scaler)
    let probe = clustered(20, seed: 8)
    let bar = [Double](repeating: 1, count: 20)
    let error = relativeError(
      after.vjp(rows: 20, z: probe.inputs, ybar: bar), before.vjp(rows: 20, z: probe.inputs, ybar: bar))
    #expect(error < 1e-5)
    if id == "mae" {
      let y = (before.predict(rows: 20, z: probe.inputs), after.predict(rows: 20, z: probe.inputs))
      #expect(relativeError(y.1, y.0) < 1e-5)
    }
  }

  @Test("a change of the data set's shape, or of its past, starts again")
  func otherData() throws {
    var trainer = try make("gradpie", ["hidden=8", "cold_epochs=5", "epochs=5"])
    _ = try trainer.fit(clustered(20))
    _ = try trainer.fit(clustered(10, seed: 5))
    #expect(trainer.lastLoss.isFinite)
    var wider = Dataset(inputCount: 3, outputCount: 2)
    for r in 0..<10 { wider.append(z: [Double(r) / 10, 0, 1], y: [Double(r), -Double(r * r)]) }
    #expect(try trainer.fit(wider).inputCount == 3)
  }

  @Test("more rows than a full batch train in mini-batches", arguments: ["mae", "gradpie"])
  func miniBatches(_ id: String) throws {
    let data = clustered(MLPTrainer.fullBatchLimit + 500)
    func loss(epochs: Int) throws -> Double {
      var trainer = try make(id, ["hidden=16", "lr=0.01", "cold_epochs=\(epochs)"])
      let model = try trainer.fit(data)
      #expect(model.predict(rows: 1, z: [0.5, 0.5])[0].isFinite)
      return trainer.lastLoss
    }
    #expect(try loss(epochs: 10) < 0.7 * loss(epochs: 1))
    #expect(try loss(epochs: 2) == loss(epochs: 2))
  }

  @Test("an epoch of mini-batches meets every row, or every pair, exactly once", arguments: ["mae", "gradpie"])
  func miniBatchEpoch(_ id: String) throws {
    let rows = MLPTrainer.fullBatchLimit + 100
    let data = clustered(rows)
    // A rate that moves no weight: the epoch's mean loss is then that of the whole set.
    var trainer = try make(id, ["hidden=4", "lr=1e-30", "cold_epochs=1"] + (id == "mae" ? [] : ["k=3"]))
    let model = try #require(try trainer.fit(data) as? MLPSurrogate)
    let net = ReferenceMLP(model.network)
    let x = (0..<rows).map { r in data.inputs[2 * r..<2 * r + 2].map { 12.0.squareRoot() * ($0 - 0.5) } }
    let y = data.targets.map { [($0 - model.scaler.mean[0]) / model.scaler.scale[0]] }
    var expected = net.valueLoss(x, y)
    if id == "gradpie" {
      var graph = NeighbourGraph(dimension: 2, k: 3)
      for r in 0..<rows { graph.append(data.inputs[2 * r..<2 * r + 2]) }
      expected = net.pairLoss(x, y, pairs: (0..<rows).flatMap { i in graph.neighbours(of: i).map { (i, $0) } })
    }
    // Near pairs differ by little, so that single precision shows more.
    #expect(abs(trainer.lastLoss - expected) < 2e-5 * expected)
  }

  @Test("masked targets never reach the scaling or the weights")
  func masks() throws {
    var data = Dataset(inputCount: 1, outputCount: 2)
    for r in 0..<12 { data.append(z: [Double(r) / 12], y: [Double(r % 4), r < 9 ? .nan : Double(r)]) }
    var trainer = try make("mae", ["hidden=8", "cold_epochs=30"])
    let model = try #require(try trainer.fit(data) as? MLPSurrogate)
    #expect(model.scaler.mean[1] == 10)
    #expect(model.network.parameters.allSatisfy { $0.isFinite })
  }
}

@Suite("Target scaling")
struct TargetScalerTests {
  private func scaler(_ values: [Double]) -> TargetScaler {
    var data = Dataset(inputCount: 1, outputCount: 1)
    for v in values { data.append(z: [0], y: [v]) }
    return TargetScaler(data, rows: Array(values.indices))
  }

  @Test("mean and standard deviation of few values are the plain ones")
  func plain() {
    let s = scaler([1, 2, 3, .nan, 6])
    #expect(abs(s.mean[0] - 3) < 1e-12 && abs(s.scale[0] - 3.5.squareRoot()) < 1e-12)
  }

  @Test("one wild value among thirty moves neither much")
  func robust() {
    let values = (0..<30).map { Double($0) }
    let (tame, wild) = (scaler(values), scaler(values.dropLast() + [1e9]))
    #expect(abs(tame.mean[0] - wild.mean[0]) < 0.1 && abs(tame.scale[0] - wild.scale[0]) < 0.1)
  }

  @Test("rounding noise is constant, a rare event is not")
  func constant() {
    #expect(scaler([0.1 + 0.2, 0.3, 0.3]).scale[0] == 0)
    #expect(scaler([]).scale[0] == 0 && scaler([.nan]).mean[0] == 0)
    let rare = scaler([Double](repeating: 5, count: 100) + [6])
    #expect(rare.scale[0] > 0.05)
  }

  @Test("standardising and restoring are inverse, at any size", arguments: [1e-300, 1, 1e307])
  func inverse(_ size: Double) {
    let values = [-3, 1, 2, 7.5].map { $0 * size }
    let s = scaler(values)
    for v in values {
      #expect(abs(s.restored(s.standardised(v, output: 0), output: 0) - v) < 1e-6 * 7.5 * size)
    }
    #expect(s.standardised(.infinity, output: 0).isNaN)
  }
}
