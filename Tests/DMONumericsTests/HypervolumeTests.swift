import DMOCore
import Foundation
import Testing

@testable import DMONumerics

/// ../shared beside the repository, or where DMO_SHARED points.
private let indicatorOracle: URL = {
  let beside = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("shared")
  let shared = ProcessInfo.processInfo.environment["DMO_SHARED"].map { URL(fileURLWithPath: $0) } ?? beside
  return shared.appendingPathComponent("oracle/indicators")
}()
private let hasOracle = FileManager.default.fileExists(atPath: indicatorOracle.path)

private struct Matrix: Decodable {
  var shape: [Int]
  var values: [Double]
  var rows: [[Double]] { (0..<shape[0]).map { Array(values[$0 * shape[1]..<($0 + 1) * shape[1]]) } }
}

private func decode<T: Decodable>(_ type: T.Type, _ name: String) throws -> T {
  try JSONDecoder().decode(type, from: Data(contentsOf: indicatorOracle.appendingPathComponent(name)))
}

/// Inclusion and exclusion over all subsets: independent of any sweep; for a few points only.
private func inclusionExclusion(_ points: [[Double]], _ reference: [Double]) -> Double {
  var total = 0.0
  for subset in 1..<(1 << points.count) {
    let members = points.indices.filter { subset >> $0 & 1 == 1 }.map { points[$0] }
    let volume = reference.indices.reduce(1.0) { product, j in
      product * max(reference[j] - (members.map { $0[j] }.max() ?? 0), 0)
    }
    total += members.count % 2 == 1 ? volume : -volume
  }
  return total
}

@Suite("hypervolume")
struct HypervolumeTests {
  @Test(
    "agrees with moocore, pymoo, BoTorch and plain slicing on sets with ties, duplicates and points outside",
    .enabled(if: hasOracle, "needs ../shared/oracle/indicators"))
  func oracle() throws {
    struct Case: Decodable {
      var key: String
      var ref: Double
      var moocore, pymoo: Double
      var botorch, slicing: Double?
    }
    let points = try decode([String: Matrix].self, "hypervolume_points.json")
    let cases = try decode([Case].self, "hypervolume.json")
    #expect(cases.count == 25)
    for c in cases {
      let matrix = try #require(points[c.key])
      let value = Hypervolume.of(matrix.rows, reference: [Double](repeating: c.ref, count: matrix.shape[1]))
      for (name, peer) in [("moocore", c.moocore), ("pymoo", c.pymoo), ("botorch", c.botorch), ("slicing", c.slicing)] {
        guard let peer else { continue }
        // Sums of at most a few thousand boxes in double.
        #expect(abs(value - peer) <= 2e-15 * max(peer, 1), "\(c.key) against \(name): \(value), \(peer)")
      }
    }
  }

  @Test("agrees with inclusion and exclusion for up to ten objectives, with ties", arguments: 1...10)
  func smallSets(objectives m: Int) {
    var stream = Seed(UInt64(m)).generator
    for round in 0..<40 {
      // A coarse grid in half of the rounds: many equal coordinates and equal points; some lie outside.
      let points = (0..<8).map { _ in
        (0..<m).map { _ in round % 2 == 0 ? stream.uniform() * 1.2 : Double(stream.index(below: 5)) / 4 * 1.1 }
      }
      let reference = [Double](repeating: 1, count: m)
      let expected = inclusionExclusion(points, reference)
      let value = Hypervolume.of(points, reference: reference)
      #expect(abs(value - expected) < 1e-13, "round \(round): \(value), \(expected)")
    }
  }

  @Test("does not depend on the points' order, grows with each point, and is 0 without any")
  func properties() {
    var stream = Seed(5).generator
    for m in 2...6 {
      let reference = [Double](repeating: 1, count: m)
      let points = (0..<40).map { _ in (0..<m).map { _ in stream.uniform() } }
      let whole = Hypervolume.of(points, reference: reference)
      let shuffled = stream.permutation(40).map { points[$0] }
      #expect(abs(Hypervolume.of(shuffled, reference: reference) - whole) < 1e-14)
      var last = 0.0
      for n in 1...40 {
        let value = Hypervolume.of(Array(points[..<n]), reference: reference)
        #expect(value >= last - 1e-14)
        last = value
      }
      #expect(Hypervolume.of([], reference: reference) == 0)
      #expect(Hypervolume.of([[Double](repeating: .nan, count: m)], reference: reference) == 0)
    }
  }

  @Test("the sampled estimate lies within five standard errors of the exact value, and says so", arguments: [3, 5, 8])
  func sampled(objectives m: Int) {
    var stream = Seed(9).generator
    let points = (0..<30).flatMap { _ in (0..<m).map { _ in stream.uniform() } }
    let reference = [Double](repeating: 1.1, count: m)
    let exact = Hypervolume.exact(points, objectives: m, reference: reference)
    let estimate = Hypervolume.sampled(points, objectives: m, reference: reference, samples: 1024)
    #expect(estimate.standardError > 0 && estimate.standardError < 0.01 * exact)
    #expect(abs(estimate.value - exact) < 5 * estimate.standardError)
    let again = Hypervolume.sampled(points, objectives: m, reference: reference, samples: 1024)
    #expect(again.value == estimate.value)
  }

  @Test("above ten objectives it samples: one point gives its box's volume")
  func manyObjectives() {
    let point = [Double](repeating: 0.5, count: 12)
    let value = Hypervolume.of([point], reference: [Double](repeating: 1, count: 12))
    #expect(abs(value / 0x1p-12 - 1) < 1e-12)
  }
}

@Suite("front indicators")
struct FrontIndicatorTests {
  @Test(
    "IGD, IGD+ and additive epsilon agree with pymoo and moocore",
    .enabled(if: hasOracle, "needs ../shared/oracle/indicators"))
  func oracle() throws {
    struct Reference: Decodable {
      var A, Z: Matrix
      var igd, igd_plus, eps_additive: Double
    }
    let r = try decode(Reference.self, "indicators.json")
    #expect(abs(FrontIndicators.igdPlus(r.A.rows, front: r.Z.rows) - r.igd_plus) < 1e-14)
    #expect(abs(FrontIndicators.igd(r.A.rows, front: r.Z.rows) - r.igd) < 1e-14)
    #expect(abs(FrontIndicators.additiveEpsilon(r.A.rows, front: r.Z.rows) - r.eps_additive) < 1e-14)
  }

  @Test("hand examples: a shift by 0.1 in one objective; a set that covers the front")
  func byHand() {
    let front = [[0.0, 1.0], [0.5, 0.5], [1.0, 0.0]]
    let worse = front.map { [$0[0] + 0.1, $0[1]] }
    // Each nearest point is a shifted one: (0.1, 1) for (0, 1), 0.1 away; and so on.
    #expect(abs(FrontIndicators.igdPlus(worse, front: front) - 0.1) < 1e-15)
    #expect(abs(FrontIndicators.additiveEpsilon(worse, front: front) - 0.1) < 1e-15)
    let better = [[-0.2, -0.1]]
    #expect(FrontIndicators.igdPlus(better, front: front) == 0)
    #expect(FrontIndicators.additiveEpsilon(better, front: front) == -0.1)
    #expect(FrontIndicators.igdPlus([], front: front) == .infinity)
  }

  @Test("spread: 0 for even gaps, Deb's formula for uneven ones, and the ends of a front count")
  func spread() {
    let even = [[0.0, 1.0], [0.5, 0.5], [1.0, 0.0]]
    #expect(abs(FrontIndicators.spread(even)) < 1e-15)
    // Gaps of 1 and 3 (in units of √2 / 4): mean 2, deviations 1 + 1, over 2 · 2.
    let uneven = [[0.0, 1.0], [0.25, 0.75], [1.0, 0.0]]
    #expect(abs(FrontIndicators.spread(uneven) - 0.5) < 1e-15)
    // Only the middle half, ends half a gap beyond: (1/2 + 1/2) / (1/2 + 1/2 + 1) in gaps.
    let middle = [[0.25, 0.75], [0.75, 0.25]]
    #expect(abs(FrontIndicators.spread(middle, front: even) - 0.5) < 1e-15)
    #expect(FrontIndicators.spread([[1, 2]]).isNaN)
    // Three objectives: nearest distances are all √2.
    #expect(abs(FrontIndicators.spread([[1, 0, 0], [0, 1, 0], [0, 0, 1]])) < 1e-15)
  }
}
