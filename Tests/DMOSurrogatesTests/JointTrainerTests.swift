import DMOCore
import Foundation
import Testing

@testable import DMOSurrogates

/// Two objectives and a constraint of three inputs; no answer in a corner, where the first objective stays known.
private struct Toy {
  static func objectives(_ z: [Double]) -> [Double] { [z[0] * z[0] + sin(3 * z[1]), 100 * (z[2] - z[0])] }
  static func margin(_ z: [Double]) -> Double { z[0] + z[1] - 0.9 }
  static func crashes(_ z: [Double]) -> Bool { z[2] > 0.75 && z[1] > 0.3 }

  static func point(_ random: inout RandomStream) -> [Double] { (0..<3).map { _ in random.uniform() } }

  static func data(_ rows: Int, seed: UInt64 = 1) -> Dataset {
    var random = Seed(seed).generator
    var data = Dataset(inputCount: 3, outputCount: 3, constraintCount: 1)
    for _ in 0..<rows {
      let z = point(&random)
      let (f, crash) = (objectives(z), crashes(z))
      data.append(z: z, y: crash ? [f[0], .nan, .nan] : f + [margin(z)], answered: !crash)
    }
    return data
  }

  static func probe(_ rows: Int) -> [[Double]] {
    var random = Seed(77).generator
    return (0..<rows).map { _ in point(&random) }
  }
}

@Suite("Joint trainer")
struct JointTrainerTests {
  private static func make(_ options: [String] = [], seed: UInt64 = 1) throws -> any SurrogateTrainer {
    try TrainerRegistry.make(
      id: "joint", options: ["members=2", "width=48", "cold_epochs=150"] + options,
      setup: TrainerSetup(seed: Seed(seed)))
  }

  private static func fitted(_ options: [String] = [], rows: Int = 300) throws -> JointSurrogate {
    var trainer = try make(options)
    return try #require(trainer.fit(Toy.data(rows)) as? JointSurrogate)
  }

  @Test("values, feasibility and the risk of no answer are learnt together")
  func learns() throws {
    let model = try Self.fitted()
    let probe = Toy.probe(1000)
    let p = model.joint(rows: probe.count, z: probe.flatMap { $0 })
    var (feasible, crash, error) = (0, 0, 0.0)
    for (i, z) in probe.enumerated() {
      if (p.feasibility[i] > 0.5) == (Toy.margin(z) <= 0) { feasible += 1 }
      if (p.crash[i] > 0.5) == Toy.crashes(z) { crash += 1 }
      error += abs(p.values[3 * i] - Toy.objectives(z)[0]) / 1000
    }
    // Guessing the commoner class gives about 600 and 820; the objective's spread is 0.5.
    #expect(feasible > 950 && crash > 930)
    #expect(error < 0.05)
  }

  @Test("probabilities are calibrated: among points said to be feasible with p, about a share p is")
  func calibrated() throws {
    // Noise on the margin: certainty would be wrong.
    var random = Seed(5).generator
    var data = Dataset(inputCount: 3, outputCount: 1, constraintCount: 1)
    for z in Toy.probe(800) { data.append(z: z, y: [z[0] - 0.7 + 0.15 * random.normal()], answered: true) }
    var trainer = try Self.make()
    let model = try #require(trainer.fit(data) as? JointSurrogate)
    let probe = (0..<4000).map { _ in Toy.point(&random) }
    let p = model.joint(rows: probe.count, z: probe.flatMap { $0 })
    var bins = [(said: Double, was: Double, count: Double)](repeating: (0, 0, 0), count: 5)
    for (i, z) in probe.enumerated() {
      let bin = min(Int(p.feasibility[i] * 5), 4)
      bins[bin].said += p.feasibility[i]
      bins[bin].was += z[0] - 0.7 + 0.15 * random.normal() <= 0 ? 1 : 0
      bins[bin].count += 1
    }
    let error = bins.reduce(0) { $0 + abs($1.said - $1.was) } / 4000
    #expect(error < 0.05, "expected calibration error \(error)")
    #expect(bins.allSatisfy { $0.count > 50 }, "all degrees of certainty occur")
  }

  @Test("rows without an answer teach the risk, and their partial outputs are used")
  func partialOutputs() throws {
    var data = Toy.data(200)
    var trainer = try Self.make()
    let base = try #require(trainer.fit(data) as? JointSurrogate)
    #expect(base.joint(rows: 1, z: [0.5, 0.8, 0.95]).crash[0] > 0.7)
    #expect(base.joint(rows: 1, z: [0.5, 0.1, 0.2]).crash[0] < 0.2)
    // All rows answered: no risk is seen anywhere, and it has no slope.
    data = Dataset(inputCount: 1, outputCount: 1)
    for i in 0..<40 { data.append(z: [Double(i) / 40], y: [Double(i)], answered: true) }
    var safe = try Self.make()
    let model = try #require(safe.fit(data) as? JointSurrogate)
    #expect(model.joint(rows: 1, z: [0.5]).crash[0] < 0.05)
    let bar = JointPrediction(values: [0], feasibility: [], crash: [1])
    #expect(model.jointGradient(rows: 1, z: [0.5], bar: bar) == [0])
  }

  @Test("gradients of values, feasibility and risk agree with differences", arguments: ["mlp", "ftt"])
  func gradients(_ arch: String) throws {
    let model = try Self.fitted(["arch=\(arch)", "token_width=16"], rows: 120)
    var random = Seed(9).generator
    let h = 1e-3
    for z in Toy.probe(8) {
      let bar = JointPrediction(
        values: (0..<3).map { _ in random.normal() }, feasibility: [random.normal()], crash: [random.normal()])
      func scalar(_ p: JointPrediction, _ r: Int) -> Double {
        (0..<3).reduce(bar.feasibility[0] * p.feasibility[r] + bar.crash[0] * p.crash[r]) {
          $0 + bar.values[$1] * p.values[3 * r + $1]
        }
      }
      let gradient = model.jointGradient(rows: 1, z: z, bar: bar)
      let differences = (0..<3).map { j -> Double in
        var (up, down) = (z, z)
        up[j] += h
        down[j] -= h
        let p = model.joint(rows: 2, z: up + down)
        return (scalar(p, 0) - scalar(p, 1)) / (2 * h)
      }
      #expect(relativeError(gradient, differences) < 1e-2)
    }
  }

  @Test("the Jacobian's rows are the input gradients of single outputs")
  func jacobian() throws {
    let model = try Self.fitted(rows: 80)
    let z = Toy.probe(5).flatMap { $0 }
    let j = model.jacobian(rows: 5, z: z)
    for c in 0..<3 {
      let g = model.vjp(rows: 5, z: z, ybar: (0..<15).map { $0 % 3 == c ? 1 : 0 })
      let row = (0..<5).flatMap { r in (0..<3).map { j[(r * 3 + c) * 3 + $0] } }
      #expect(relativeError(row, g) < 1e-5)
    }
  }

  @Test("a mode leaves out what it is not asked for")
  func modes() throws {
    let z = Toy.probe(50).flatMap { $0 }
    let objectives = try Self.fitted(["mode=o"]).joint(rows: 50, z: z)
    #expect(Set(objectives.feasibility).count == 1 && Set(objectives.crash).count == 1)
    func values(_ p: JointPrediction, _ c: Int) -> Set<Double> { Set((0..<50).map { p.values[3 * $0 + c] }) }
    #expect(values(objectives, 2).count == 1 && values(objectives, 0).count == 50, "margins say nothing")
    let constraints = try Self.fitted(["mode=c"])
    let told = constraints.joint(rows: 50, z: z)
    #expect(values(told, 0).count == 1 && values(told, 1).count == 1 && values(told, 2).count == 50)
    #expect(try constraints.tellsMargins && !Self.fitted(["mode=o"]).tellsMargins)
    let both = try Self.fitted(["mode=c+o"])
    func error(_ model: JointSurrogate) -> Double {
      let p = model.joint(rows: 50, z: z)
      return Toy.probe(50).enumerated().reduce(0) {
        $0 + abs(p.values[3 * $1.offset] - Toy.objectives($1.element)[0]) / 50
      }
    }
    #expect(error(constraints) > 5 * error(both))
    #expect(constraints.joint(rows: 1, z: [0.1, 0.1, 0.1]).feasibility[0] > 0.9)
  }

  @Test("a fold that tells nothing of what is learnt does not decide when to stop", arguments: ["o", "c+o"])
  func emptyFolds(_ mode: String) throws {
    let columns = JointColumns(objectives: 1, constraints: 0)
    func set(failing: Set<Int>) -> JointSet {
      var data = Dataset(inputCount: 1, outputCount: 1)
      for i in 0..<24 {
        let fails = failing.contains(i)
        data.append(z: [Double(i) / 24], y: [fails ? .nan : Double(i)], answered: !fails)
      }
      let rows = JointSet.usable(data)
      return JointSet(data, rows: rows, scaler: JointScaler(data, rows: rows), columns: columns, folds: 4)
    }
    // Folds depend on inputs alone: now all of the first one fails.
    let all = set(failing: [])
    let first = Set((0..<24).filter { all.fold[$0] == 0 }.map { all.places[$0] })
    let set = set(failing: first)
    var settings = JointSettings()
    settings.mode = try #require(JointMode(rawValue: mode))
    let architecture = settings.architecture(.mlp, groups: [1], outputs: columns.count)
    let runs = (0..<4).map { JointRun(set, architecture: architecture, settings: settings, heldOut: $0, seed: Seed(1)) }
    #expect(runs[0].heldOut.isEmpty && !first.isEmpty)
    #expect(runs.dropFirst().contains { !$0.heldOut.isEmpty })
  }

  @Test("heads wider than the kernels take are refused by name")
  func wideHeads() {
    #expect {
      _ = try Self.make(["token_width=256", "heads=1"])
    } throws: { "\($0)".contains("token_width=256") && "\($0)".contains("heads=1") }
  }

  @Test("a restored trainer goes on to the bit; foreign bytes are refused")
  func snapshot() throws {
    var one = try Self.make()
    _ = try one.fit(Toy.data(60))
    var two = try Self.make()
    try two.restore(one.saved())
    let z = Toy.probe(10).flatMap { $0 }
    let a = try one.fit(Toy.data(70)).predict(rows: 10, z: z)
    #expect(try two.fit(Toy.data(70)).predict(rows: 10, z: z) == a)
    #expect(throws: SurrogateError.self) { try two.restore([1, 2, 3]) }
    var other = try Self.make(["blocks=3"])
    #expect(throws: SurrogateError.self) { try other.restore(one.saved()) }
  }

  @Test("it tells when it will begin anew: at first, and when the rows are half as many again")
  func startsAnew() throws {
    var trainer = try Self.make()
    #expect(trainer.startsAnew(rows: 1))
    _ = try trainer.fit(Toy.data(60))
    #expect(!trainer.startsAnew(rows: 89) && trainer.startsAnew(rows: 90))
    _ = try trainer.fit(Toy.data(89))
    #expect(trainer.startsAnew(rows: 90), "going on is not beginning anew")
    _ = try trainer.fit(Toy.data(90))
    #expect(!trainer.startsAnew(rows: 134) && trainer.startsAnew(rows: 135))
  }

  @Test("training that runs too long ends at its best held-out epoch, below the end's loss")
  func stopping() throws {
    // Pure noise: nothing holds on held-out rows, so the best epoch comes early and predictions stay near the mean.
    var random = Seed(8).generator
    var data = Dataset(inputCount: 3, outputCount: 1)
    for _ in 0..<100 { data.append(z: Toy.point(&random), y: [random.normal()]) }
    var trainer = try TrainerRegistry.make(
      id: "joint", options: ["members=2", "width=48", "cold_epochs=600"], setup: TrainerSetup(seed: Seed(1)))
    let y = try trainer.fit(data).predict(rows: 100, z: Toy.probe(100).flatMap { $0 })
    let spread = (y.reduce(0) { $0 + $1 * $1 } / 100).squareRoot()
    #expect(spread < 0.7, "predictions of noise spread by \(spread)")
  }

  @Test("heavy tails are compressed and come back; light ones stay affine")
  func scaling() {
    var random = Seed(4).generator
    var data = Dataset(inputCount: 1, outputCount: 2)
    for _ in 0..<500 { data.append(z: [0], y: [random.normal(), exp(2 * random.normal())]) }
    let scaler = JointScaler(data, rows: Array(0..<500))
    #expect(scaler.limit[0] == .infinity && scaler.limit[1].isFinite)
    for r in 0..<500 {
      let y = data.targets[2 * r + 1]
      let back = scaler.restored(scaler.standardised(y, output: 1), output: 1)
      #expect(abs(back - y) < 1e-4 * max(1, y))
    }
    let h: Float = 1e-2
    for o: Float in [-2, 0, 1, 20] {
      let d = (scaler.restored(o + h, output: 1) - scaler.restored(o - h, output: 1)) / Double(2 * h)
      #expect(abs(d / scaler.slope(o, output: 1) - 1) < 1e-3)
    }
  }

  @Test("Platt's scaling finds the slope and offset that logits were drawn with")
  func platt() {
    var random = Seed(2).generator
    let logits = (0..<4000).map { _ in 3 * random.normal() }
    let labels = logits.map { random.uniform() < PlattScaling.logistic(0.5 * $0 - 1) }
    let fit = PlattScaling(logits: logits, labels: labels, offset: 0)
    #expect(abs(fit.a - 0.5) < 0.05 && abs(fit.b + 1) < 0.1)
    #expect(PlattScaling(logits: [1, 2], labels: [true, true], offset: -0.5) == PlattScaling(a: 1, b: -0.5))
  }
}
