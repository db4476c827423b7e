import DMOCore
import Testing

@testable import DMOSurrogates

/// What every trainer must do, whatever it learns with. One call a trainer.
///
/// - Parameters:
///   - id: the registry's name.
///   - options: as for `--trainer-set`; choose a small, quick model.
///   - isSeeded: whether another seed gives another model.
///   - losesByWarmth: whether more fits of the same data lower the loss, as a training that was cut short does.
///   - spreadOptions: the same for the check of variances, for a trainer that claims some; it must have learnt the
/// function.
///   - gradientTolerance: relative error of `vjp` against differences of `predict`.
func checkTrainer(
  _ id: String, options: [String], isSeeded: Bool = true, losesByWarmth: Bool = true, spreadOptions: [String]? = nil,
  gradientTolerance: Double
) throws {
  let check = TrainerCheck(id: id, options: options, isSeeded: isSeeded, losesByWarmth: losesByWarmth)
  try check.shapes()
  try check.determinism()
  try check.warmStart()
  try check.missingTargets()
  try check.fewRows()
  try check.constantOutputs()
  try check.duplicateRows()
  try check.extremeScales()
  try check.permutation()
  try check.inputGradients(tolerance: gradientTolerance)
  try check.snapshots()
  let patient = TrainerCheck(
    id: id, options: spreadOptions ?? options, isSeeded: isSeeded, losesByWarmth: losesByWarmth)
  try patient.spread(tolerance: gradientTolerance)
}

private func allFinite(_ numbers: [Double]) -> Bool { numbers.allSatisfy { $0.isFinite } }

private struct TrainerCheck {
  let id: String
  let options: [String]
  let isSeeded: Bool
  let losesByWarmth: Bool

  func make(_ seed: UInt64 = 1) throws -> any SurrogateTrainer {
    try TrainerRegistry.make(id: id, options: options, setup: TrainerSetup(seed: Seed(seed)))
  }

  /// A smooth function of three inputs with two outputs, at seeded random points.
  static func data(_ rows: Int, seed: UInt64 = 3, _ map: ([Double]) -> [Double] = { $0 }) -> Dataset {
    var random = Seed(seed).generator
    var data = Dataset(inputCount: 3, outputCount: 2)
    for _ in 0..<rows {
      let z = (0..<3).map { _ in random.uniform() }
      data.append(z: z, y: map([z[0] + 2 * z[1] * z[2], (z[0] - 0.3) * (z[0] - 0.3) - z[1]]))
    }
    return data
  }

  static let probe = data(20, seed: 99)

  func shapes() throws {
    var trainer = try make()
    #expect(trainer.lastLoss.isNaN, "\(id): no loss before the first fit")
    let data = Self.data(30)
    let model = try trainer.fit(data)
    #expect(model.inputCount == 3 && model.outputCount == 2)
    let y = model.predict(rows: 20, z: Self.probe.inputs)
    #expect(y.count == 40 && allFinite(y), "\(id): shape of predictions")
    let g = model.vjp(rows: 20, z: Self.probe.inputs, ybar: Self.probe.targets)
    #expect(g.count == 60 && allFinite(g), "\(id): shape of gradients")
    #expect(model.predict(rows: 0, z: []).isEmpty && model.vjp(rows: 0, z: [], ybar: []).isEmpty)
    // A row's answer does not depend on its company, beyond how products are grouped.
    let alone = model.predict(rows: 1, z: Array(Self.probe.inputs[0..<3]))
    #expect(abs(alone[0] - y[0]) < 1e-5 && abs(alone[1] - y[1]) < 1e-5)
    #expect(trainer.lastLoss.isFinite)
    #expect(trainer.target != .observed, "\(id): learns losses unless told otherwise")
  }

  func determinism() throws {
    func run(_ seed: UInt64) throws -> [Double] {
      var trainer = try make(seed)
      _ = try trainer.fit(Self.data(25))
      let model = try trainer.fit(Self.data(30))
      return model.predict(rows: 20, z: Self.probe.inputs)
        + model.vjp(rows: 20, z: Self.probe.inputs, ybar: Self.probe.targets) + [trainer.lastLoss]
    }
    let first = try run(1)
    #expect(try run(1).map(\.bitPattern) == first.map(\.bitPattern), "\(id): the same seed gives the same bits")
    #expect(try (run(2) != first) == isSeeded, "\(id): another seed gives another model, or has no say")
    // A copy of a trainer goes on by itself.
    var one = try make()
    _ = try one.fit(Self.data(25))
    var two = one
    _ = try one.fit(Self.data(30))
    let a = try one.fit(Self.data(31)).predict(rows: 20, z: Self.probe.inputs)
    _ = try two.fit(Self.data(30))
    #expect(try two.fit(Self.data(31)).predict(rows: 20, z: Self.probe.inputs) == a, "\(id): a copy shares nothing")
  }

  /// A second fit goes on from the first: its loss is below that of a fresh fit's with as much work as it had.
  func warmStart() throws {
    var trainer = try make()
    _ = try trainer.fit(Self.data(40))
    let first = trainer.lastLoss
    for _ in 0..<3 { _ = try trainer.fit(Self.data(40)) }
    if losesByWarmth {
      #expect(trainer.lastLoss < first, "\(id): more fits of the same data lower the loss")
    } else {
      #expect(abs(trainer.lastLoss - first) < 1e-3 * max(1, abs(first)), "\(id): what has converged stays")
    }
  }

  func missingTargets() throws {
    let nan = Double.nan
    var none = Dataset(inputCount: 3, outputCount: 2)
    var trainer = try make()
    #expect(throws: SurrogateError.self) { try trainer.fit(none) }
    none.append(z: [0.1, 0.2, 0.3], y: [nan, .infinity])
    let error = #expect(throws: SurrogateError.self) { try trainer.fit(none) }
    #expect(error?.code == .nothingToLearn)

    // Rows without an answer change nothing at all.
    let clean = Self.data(30)
    var holed = Dataset(inputCount: 3, outputCount: 2)
    for r in 0..<30 {
      holed.append(z: Array(clean.inputs[3 * r..<3 * r + 3]), y: Array(clean.targets[2 * r..<2 * r + 2]))
      holed.append(z: [0.5, Double(r) / 30, 0.5], y: [nan, nan])
    }
    var (one, two) = (try make(), try make())
    let a = try one.fit(clean).predict(rows: 20, z: Self.probe.inputs)
    #expect(try two.fit(holed).predict(rows: 20, z: Self.probe.inputs) == a, "\(id): failed rows are left out")

    // A row with one answer of two is used for that one.
    var calls = 0
    let partly = Self.data(30) { y in
      calls += 1
      return calls % 3 == 0 ? [nan, y[1]] : y
    }
    var three = try make()
    let model = try three.fit(partly)
    #expect(allFinite(model.predict(rows: 20, z: Self.probe.inputs)))
    #expect(three.lastLoss.isFinite)
  }

  func fewRows() throws {
    for rows in [1, 2, 3] {
      var trainer = try make()
      let data = Self.data(rows)
      let model = try trainer.fit(data)
      let y = model.predict(rows: 20, z: Self.probe.inputs)
      let g = model.vjp(rows: 20, z: Self.probe.inputs, ybar: Self.probe.targets)
      #expect(allFinite(y + g), "\(id): \(rows) rows")
      if rows == 1 {
        #expect(model.predict(rows: 1, z: data.inputs) == data.targets, "\(id): one row is known exactly")
        #expect(g.allSatisfy { $0 == 0 }, "\(id): one row has no slope")
      }
      _ = try trainer.fit(Self.data(30))
      #expect(trainer.lastLoss.isFinite)
    }
  }

  func constantOutputs() throws {
    var trainer = try make()
    let model = try trainer.fit(Self.data(30) { [$0[0], 42] })
    let y = model.predict(rows: 20, z: Self.probe.inputs)
    #expect(stride(from: 1, to: 40, by: 2).allSatisfy { y[$0] == 42 }, "\(id): a constant output is that constant")
    let bar = (0..<40).map { Double($0 % 2) }
    #expect(model.vjp(rows: 20, z: Self.probe.inputs, ybar: bar).allSatisfy { $0 == 0 })
    // The output comes alive later.
    let alive = try trainer.fit(Self.data(40))
    #expect(alive.vjp(rows: 20, z: Self.probe.inputs, ybar: bar).contains { $0 != 0 })
  }

  func duplicateRows() throws {
    let few = Self.data(5)
    var many = Dataset(inputCount: 3, outputCount: 2)
    for _ in 0..<8 {
      for r in 0..<5 {
        many.append(z: Array(few.inputs[3 * r..<3 * r + 3]), y: Array(few.targets[2 * r..<2 * r + 2]))
      }
    }
    var trainer = try make()
    let model = try trainer.fit(many)
    #expect(allFinite(model.predict(rows: 20, z: Self.probe.inputs)), "\(id): duplicates")
    #expect(trainer.lastLoss.isFinite)
  }

  /// The same data in other units give the same model in those units.
  func extremeScales() throws {
    var plain = try make()
    let model = try plain.fit(Self.data(30))
    let y = model.predict(rows: 20, z: Self.probe.inputs)
    let g = model.vjp(rows: 20, z: Self.probe.inputs, ybar: Self.probe.targets)
    for scale in [1e-200, 1e-12, 1e12, 1e200] {
      var trainer = try make()
      let scaled = try trainer.fit(Self.data(30) { $0.map { scale * $0 } })
      let error = relativeError(scaled.predict(rows: 20, z: Self.probe.inputs).map { $0 / scale }, y)
      #expect(error < 1e-3, "\(id): targets of size \(scale)")
      let bar = Self.probe.targets.map { $0 / scale }
      #expect(relativeError(scaled.vjp(rows: 20, z: Self.probe.inputs, ybar: bar), g) < 1e-2, "\(id): \(scale)")
    }
    var wild = try make()
    var row = 0
    let outlier = try wild.fit(
      Self.data(30) { y in
        row += 1
        return row == 7 ? [1e300, -1e300] : y
      })
    #expect(allFinite(outlier.predict(rows: 20, z: Self.probe.inputs)), "\(id): one wild answer")
    #expect(wild.lastLoss.isFinite)
  }

  /// The order of rows matters only through rounding, which a short training does not blow up.
  func permutation() throws {
    let data = Self.data(30)
    var shuffled = Dataset(inputCount: 3, outputCount: 2)
    var random = Seed(5).generator
    for r in random.permutation(30) {
      shuffled.append(z: Array(data.inputs[3 * r..<3 * r + 3]), y: Array(data.targets[2 * r..<2 * r + 2]))
    }
    var (one, two) = (try make(), try make())
    let a = try one.fit(data).predict(rows: 20, z: Self.probe.inputs)
    let b = try two.fit(shuffled).predict(rows: 20, z: Self.probe.inputs)
    #expect(relativeError(b, a) < 0.02, "\(id): order of rows")
  }

  func inputGradients(tolerance: Double) throws {
    var trainer = try make()
    let model = try trainer.fit(Self.data(40))
    var random = Seed(11).generator
    let h = 1e-3
    for r in 0..<20 {
      let z = Array(Self.probe.inputs[3 * r..<3 * r + 3])
      let bar = [random.normal(), random.normal()]
      let gradient = model.vjp(rows: 1, z: z, ybar: bar)
      let differences = (0..<3).map { i -> Double in
        var (up, down) = (z, z)
        up[i] += h
        down[i] -= h
        let y = model.predict(rows: 2, z: up + down)
        return (bar[0] * (y[0] - y[2]) + bar[1] * (y[1] - y[3])) / (2 * h)
      }
      #expect(relativeError(gradient, differences) < tolerance, "\(id): row \(r)")
    }
  }

  /// A trainer restored from bytes goes on as the one that wrote them.
  func snapshots() throws {
    var one = try make()
    var fresh = try make()
    try fresh.restore(one.saved())
    #expect(fresh.lastLoss.isNaN, "\(id): nothing was learnt, so nothing is restored")
    #expect(one.fitted == nil || id == "exact", "\(id): nothing was fitted")
    let model = try one.fit(Self.data(30))
    let bytes = one.saved()
    var two = try make()
    try two.restore(bytes)
    let again = try #require(two.fitted, "\(id): what the last fit gave comes back")
    let probe = Self.probe.inputs
    #expect(again.predict(rows: 20, z: probe) == model.predict(rows: 20, z: probe))
    let bars = [Double](repeating: 1, count: 20 * model.outputCount)
    #expect(again.vjp(rows: 20, z: probe, ybar: bars) == model.vjp(rows: 20, z: probe, ybar: bars))
    #expect(two.saved() == bytes, "\(id): what is restored is saved as the same bytes")
    #expect(two.lastLoss == one.lastLoss)
    for rows in [31, 40] {
      let a = try one.fit(Self.data(rows)).predict(rows: 20, z: Self.probe.inputs)
      let b = try two.fit(Self.data(rows)).predict(rows: 20, z: Self.probe.inputs)
      #expect(b == a, "\(id): \(rows) rows after restoring")
    }
    for bad in [Array(bytes.dropLast(3)), bytes + [0], [], [UInt8](repeating: 255, count: 40)] {
      var three = try make()
      let error = #expect(throws: SurrogateError.self) { try three.restore(bad) }
      #expect(error?.code == .badSnapshot)
      // A refusal changes nothing.
      var clean = try make()
      let (x, y) = (try three.fit(Self.data(10)), try clean.fit(Self.data(10)))
      #expect(x.predict(rows: 20, z: Self.probe.inputs) == y.predict(rows: 20, z: Self.probe.inputs))
    }
  }

  /// Where a model claims to know how sure it is: variances are finite, small at the rows and larger far from them,
  /// agree with their gradients, and cover the truth.
  func spread(tolerance: Double) throws {
    var trainer = try make()
    // Half of the cube, so that there is a far side.
    var data = Dataset(inputCount: 3, outputCount: 2)
    let source = Self.data(60)
    for r in 0..<60 {
      var z = Array(source.inputs[3 * r..<3 * r + 3])
      z[0] *= 0.5
      data.append(z: z, y: [z[0] + 2 * z[1] * z[2], (z[0] - 0.3) * (z[0] - 0.3) - z[1]])
    }
    guard let model = try trainer.fit(data) as? any ProbabilisticSurrogate else { return }
    let (mean, variance) = model.posterior(rows: 60, z: data.inputs)
    #expect(allFinite(mean + variance) && variance.allSatisfy { $0 >= 0 }, "\(id): variances")
    #expect(relativeError(mean, model.predict(rows: 60, z: data.inputs)) < 1e-9, "\(id): the mean is the prediction")
    var far = data.inputs
    for r in 0..<60 { far[3 * r] += 0.5 }
    let outside = model.posterior(rows: 60, z: far).variance
    #expect(variance.reduce(0, +) < outside.reduce(0, +), "\(id): less sure where nothing was seen")

    // Coverage at points like those learnt from: nearly all truths within four deviations (or 1 % of the spread).
    var misses = 0
    let test = Self.data(40, seed: 77)
    for r in 0..<40 {
      var z = Array(test.inputs[3 * r..<3 * r + 3])
      z[0] *= 0.5
      let truth = [z[0] + 2 * z[1] * z[2], (z[0] - 0.3) * (z[0] - 0.3) - z[1]]
      let (m, v) = model.posterior(rows: 1, z: z)
      for c in 0..<2 where abs(m[c] - truth[c]) > 4 * v[c].squareRoot() + 0.01 { misses += 1 }
    }
    print("\(id): \(misses) of 80 truths are outside four deviations")
    #expect(misses <= 12, "\(id): coverage")

    let z = Array(far[3..<6])
    let gradient = model.posteriorGradient(z: z) { _, _ in ([0.7, -0.2], [1.3, 0.4]) }
    func scalar(_ z: [Double]) -> Double {
      let (m, v) = model.posterior(rows: 1, z: z)
      return 0.7 * m[0] - 0.2 * m[1] + 1.3 * v[0] + 0.4 * v[1]
    }
    let h = 1e-3
    let differences = (0..<3).map { i -> Double in
      var (up, down) = (z, z)
      up[i] += h
      down[i] -= h
      return (scalar(up) - scalar(down)) / (2 * h)
    }
    #expect(relativeError(gradient, differences) < tolerance, "\(id): gradient of mean and variance")
    let told = model.believing(rows: 1, z: z).posterior(rows: 1, z: z)
    #expect(relativeError(told.mean, model.predict(rows: 1, z: z)) < 1e-9)
    #expect(told.variance[0] < 0.2 * model.posterior(rows: 1, z: z).variance[0], "\(id): believes what it was told")
  }
}
