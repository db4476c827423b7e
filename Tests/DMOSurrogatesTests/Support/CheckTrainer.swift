import DMOCore
import Testing

@testable import DMOSurrogates

/// What every trainer must do, whatever it learns with. One call a trainer.
///
/// - Parameters:
///   - id: the registry's name.
///   - options: as for `--trainer-set`; choose a small, quick model.
///   - gradientTolerance: relative error of `vjp` against differences of `predict`.
func checkTrainer(_ id: String, options: [String], gradientTolerance: Double) throws {
  let check = TrainerCheck(id: id, options: options)
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
}

private func allFinite(_ numbers: [Double]) -> Bool { numbers.allSatisfy { $0.isFinite } }

private struct TrainerCheck {
  let id: String
  let options: [String]

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
    #expect(trainer.lastLoss.isFinite && trainer.lastLoss >= 0)
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
    #expect(try run(2) != first, "\(id): another seed gives another model")
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
    #expect(trainer.lastLoss < first, "\(id): more fits of the same data lower the loss")
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
}
