import DMOCore
import DMONumerics
import Foundation
import Testing

@testable import DMOSurrogates

@Suite("kriging of what the networks leave over")
struct ResidualProcessTests {
  private static func data(_ count: Int, seed: UInt64 = 4) -> Dataset {
    var data = Dataset(inputCount: 3, outputCount: 2, constraintCount: 1)
    var random = Seed(seed).generator
    for i in 0..<count {
      let z = (0..<3).map { _ in random.uniform() }
      let y = [sin(6 * z[0]) + z[1] * z[2], cos(5 * z[1]) - 0.3]
      data.append(z: z, y: i % 9 == 8 ? [.nan, .nan] : y, answered: i % 9 != 8)
    }
    return data
  }

  private static func fit(_ data: Dataset, _ options: [String]) throws -> (any SurrogateTrainer, any FeasibilitySurrogate) {
    var trainer = try TrainerRegistry.make(
      id: "joint", options: ["members=2", "width=16", "cold_epochs=40"] + options, setup: TrainerSetup(seed: Seed(2)))
    let surrogate = try #require(trainer.fit(data) as? any FeasibilitySurrogate)
    return (trainer, surrogate)
  }

  private static func errors(_ surrogate: any FeasibilitySurrogate, _ data: Dataset, member: Int? = nil) -> [Double] {
    let values =
      member.map { surrogate.eachMember(rows: data.count, z: data.inputs)[$0].values }
      ?? surrogate.joint(rows: data.count, z: data.inputs).values
    return zip(values, data.targets).filter { !$0.1.isNaN }.map { abs($0.0 - $0.1) }
  }

  @Test("each network then passes through the answers, and errs less between them")
  func interpolation() throws {
    let (data, other) = (Self.data(90), Self.data(200, seed: 9))
    let (_, plain) = try Self.fit(data, ["residual_rows=0"])
    let (_, corrected) = try Self.fit(data, [])
    for member in 0..<2 {
      let (a, b) = (Self.errors(plain, data, member: member), Self.errors(corrected, data, member: member))
      #expect((b.max() ?? 1) < 0.1 * (a.max() ?? 0), "\(b.max() ?? 1) \(a.max() ?? 0)")
    }
    let (a, b) = (Self.errors(plain, other).reduce(0, +), Self.errors(corrected, other).reduce(0, +))
    #expect(b < 0.7 * a, "\(b) \(a)")
  }

  @Test("the input gradient agrees with differences")
  func gradient() throws {
    let (_, surrogate) = try Self.fit(Self.data(90), [])
    let bar = JointPrediction(values: [0.8, -0.5], feasibility: [0.2], crash: [0.1])
    func scalar(_ z: [Double]) -> Double {
      let p = surrogate.joint(rows: 1, z: z)
      return 0.8 * p.values[0] - 0.5 * p.values[1] + 0.2 * p.feasibility[0] + 0.1 * p.crash[0]
    }
    let z = [0.3, 0.6, 0.45]
    let gradient = surrogate.jointGradient(rows: 1, z: z, bar: bar)
    let jacobian = surrogate.jacobian(rows: 1, z: z)
    let h = 1e-3
    for i in 0..<3 {
      var (up, down) = (z, z)
      up[i] += h
      down[i] -= h
      #expect(abs(gradient[i] - (scalar(up) - scalar(down)) / (2 * h)) < 0.02)
      let (a, b) = (surrogate.predict(rows: 1, z: up), surrogate.predict(rows: 1, z: down))
      for c in 0..<2 { #expect(abs(jacobian[c * 3 + i] - (a[c] - b[c]) / (2 * h)) < 0.02) }
    }
  }

  @Test("so it does for an output that is learnt by its asinh, where the networks' slopes differ")
  func heavyTail() throws {
    var data = Dataset(inputCount: 2, outputCount: 1)
    var random = Seed(6).generator
    for _ in 0..<80 {
      let z = [random.uniform(), random.uniform()]
      data.append(z: z, y: [pow(0.05 + z[0], -4) + 50 * z[1]], answered: true)
    }
    let (_, surrogate) = try Self.fit(data, [])
    #expect((surrogate as? JointSurrogate)?.scaler.limit[0].isFinite == true)
    for z in [[0.2, 0.6], [0.5, 0.3]] {
      // A wide step: sums of single precision are told apart by it.
      let gradient = surrogate.vjp(rows: 1, z: z, ybar: [2])
      for i in 0..<2 {
        var (up, down) = (z, z)
        up[i] += 4e-3
        down[i] -= 4e-3
        let difference = (surrogate.predict(rows: 1, z: up)[0] - surrogate.predict(rows: 1, z: down)[0]) / 4e-3
        #expect(abs(gradient[i] - difference) < 0.02 * abs(difference) + 5, "\(gradient[i]) \(difference)")
      }
    }
  }

  @Test("it is kept with the trainer, to the bit")
  func snapshot() throws {
    let data = Self.data(60)
    let (trainer, surrogate) = try Self.fit(data, [])
    #expect((surrogate as? JointSurrogate)?.residuals.count == 2)
    var other = try TrainerRegistry.make(
      id: "joint", options: ["members=2", "width=16", "cold_epochs=40"], setup: TrainerSetup(seed: Seed(2)))
    try other.restore(trainer.saved())
    let restored = try #require(other.fitted as? any FeasibilitySurrogate)
    #expect(restored.predict(rows: data.count, z: data.inputs) == surrogate.predict(rows: data.count, z: data.inputs))
  }

  @Test("only so many of the newest rows take part")
  func newest() throws {
    let (_, surrogate) = try Self.fit(Self.data(90), ["residual_rows=30"])
    #expect((surrogate as? JointSurrogate)?.residuals.map(\.rows) == [30, 30])
  }

  @Test("lengthscales are searched for again as answers come, however few rows take part")
  func growth() throws {
    var (trainer, first) = try Self.fit(Self.data(90), ["residual_rows=30"])
    func metric(_ surrogate: any Surrogate) -> [[Float]]? { (surrogate as? JointSurrogate)?.residuals.map(\.metric) }
    let soon = try trainer.fit(Self.data(95))
    #expect(metric(soon) == metric(first))
    let later = try trainer.fit(Self.data(110))
    #expect(metric(later) != metric(first))
  }

  @Test("margins that nobody reads are not interpolated, and all else is the same to the bit")
  func unread() throws {
    let data = Self.data(60)
    var other = Dataset(inputCount: 3, outputCount: 2, constraintCount: 1, areMarginsRead: false)
    for r in 0..<data.count {
      other.append(
        z: Array(data.inputs[3 * r..<3 * r + 3]), y: Array(data.targets[2 * r..<2 * r + 2]), answered: data.answered[r])
    }
    let (a, b) = (try Self.fit(data, []).1, try Self.fit(other, []).1)
    #expect((b as? JointSurrogate)?.residuals.map(\.column) == [0])
    let (p, q) = (a.joint(rows: 60, z: data.inputs), b.joint(rows: 60, z: data.inputs))
    #expect(p.feasibility == q.feasibility && p.crash == q.crash)
    #expect((0..<60).allSatisfy { p.values[2 * $0] == q.values[2 * $0] })
  }

  @Test("correlations in single precision are those of the Gaussian process in double")
  func correlations() {
    var random = Seed(7).generator
    let (n, d) = (37, 3)
    let points = (0..<n * d).map { _ in 4 * random.uniform() - 2 }
    let z = (0..<d).map { _ in 4 * random.uniform() - 2 }
    var (k, slope) = ([Double](repeating: 0, count: n), [Double](repeating: 0, count: n))
    let byCoordinate = (0..<n * d).map { points[$0 % n * d + $0 / n] }
    Correlation.matern52.row(count: n, dimension: d, stride: n, xt: byCoordinate, z: z, k: &k, slope: &slope)
    var products = (0..<n).map { j in Float((0..<d).reduce(0) { $0 + z[$1] * points[j * d + $1] }) }
    let squares = (0..<n).map { j in Float((0..<d).reduce(0) { $0 + points[j * d + $1] * points[j * d + $1] }) }
    var single = [Float](repeating: 0, count: n)
    Kernels.matern52(
      rows: 1, columns: n, own: [Float(z.reduce(0) { $0 + $1 * $1 })], others: squares, products: &products, slope: &single)
    // Squared distances up to 48 are differences of floats: 1e-5 of them is lost.
    for j in 0..<n { #expect(abs(Double(products[j]) - k[j]) < 1e-5 && abs(Double(single[j]) - slope[j]) < 1e-5) }
  }

  @Test("few answers are not interpolated")
  func few() throws {
    let (_, surrogate) = try Self.fit(Self.data(10), [])
    #expect((surrogate as? JointSurrogate)?.residuals.isEmpty == true)
  }
}
