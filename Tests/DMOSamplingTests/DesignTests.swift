import DMOCore
import Foundation
import Testing

@testable import DMONumerics

@Suite("space-filling designs")
struct DesignTests {
  private func rows(_ points: [Double], _ dimension: Int) -> [[Double]] {
    stride(from: 0, to: points.count, by: dimension).map { Array(points[$0..<$0 + dimension]) }
  }

  private func smallestDistance(_ rows: [[Double]]) -> Double {
    var smallest = Double.infinity
    for a in rows.indices {
      for b in 0..<a { smallest = min(smallest, zip(rows[a], rows[b]).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }) }
    }
    return smallest.squareRoot()
  }

  /// Whether every coordinate has one value in each of n strata.
  private func isLatin(_ rows: [[Double]]) -> Bool {
    let n = rows.count
    return (rows.first ?? []).indices.allSatisfy { j in Set(rows.map { Int($0[j] * Double(n)) }) == Set(0..<n) }
  }

  @Test("symmetric hypercubes have one point a stratum and with each point its mirror image", arguments: [8, 15, 40])
  func symmetric(count: Int) {
    for sweeps in [0, 5] {
      let points = LatinHypercube.symmetric(count: count, dimension: 4, seed: Seed(2), sweeps: sweeps)
      let table = rows(points, 4)
      #expect(table.count == count && isLatin(table))
      for i in 0..<count {
        for j in 0..<4 { #expect(abs(table[i][j] + table[count - 1 - i][j] - 1) < 1e-15) }
      }
    }
  }

  @Test("maximin hypercubes keep one point a stratum and move the nearest points apart")
  func maximin() {
    var ratios: [Double] = []
    for seed in 1...6 as ClosedRange<UInt64> {
      let plain = rows(LatinHypercube.maximin(count: 30, dimension: 3, seed: Seed(seed), sweeps: 0), 3)
      let better = rows(LatinHypercube.maximin(count: 30, dimension: 3, seed: Seed(seed), sweeps: 20), 3)
      #expect(isLatin(plain) && isLatin(better))
      #expect(plain == rows(LatinHypercube.points(count: 30, dimension: 3, seed: Seed(seed)), 3))
      ratios.append(smallestDistance(better) / smallestDistance(plain))
    }
    // φ also counts other near pairs, so that a single smallest distance may fall; on the whole it does not.
    #expect(ratios.sorted()[2] > 1.3, "\(ratios)")
  }

  @Test("the plain Halton sequence is the radical inverse in bases 2, 3 and 5")
  func halton() {
    let halton = Halton(dimension: 3)
    let expected: [[Double]] = [
      [0, 0, 0], [1.0 / 2, 1.0 / 3, 1.0 / 5], [1.0 / 4, 2.0 / 3, 2.0 / 5], [3.0 / 4, 1.0 / 9, 3.0 / 5],
      [1.0 / 8, 4.0 / 9, 4.0 / 5], [5.0 / 8, 7.0 / 9, 1.0 / 25],
    ]
    for (i, point) in expected.enumerated() {
      for (a, b) in zip(halton.point(i), point) { #expect(abs(a - b) < 1e-15, "point \(i)") }
    }
    #expect(Halton.primes(10) == [2, 3, 5, 7, 11, 13, 17, 19, 23, 29])
  }

  @Test("scrambling depends on the seed and keeps one of b^k points in each of b^k intervals")
  func scrambledHalton() {
    let halton = Halton(dimension: 3, scrambling: Seed(4))
    for (j, base, power) in [(0, 2, 64), (1, 3, 81), (2, 5, 125)] {
      let values = (0..<power).map { halton.point($0)[j] }
      #expect(values.allSatisfy { $0 >= 0 && $0 < 1 })
      // A last digit's rounding may sit on an interval's end.
      #expect(Set(values.map { Int($0 * Double(power) + 1e-9) }).count == power, "base \(base)")
    }
    #expect(halton.point(7) != Halton(dimension: 3, scrambling: Seed(5)).point(7))
    #expect(halton.point(7) == Halton(dimension: 3, scrambling: Seed(4)).point(7))
  }

  @Test("good lattice points have each level once in every coordinate", arguments: [7, 20, 31])
  func goodLattice(count: Int) {
    let points = GoodLattice.points(count: count, dimension: 5, seed: Seed(1))
    let table = rows(points, 5)
    #expect(table.count == count && isLatin(table))
    #expect(points != GoodLattice.points(count: count, dimension: 5, seed: Seed(2)))
  }

  @Test("low-discrepancy designs have a lower centred discrepancy than random points")
  func discrepancy() {
    let (n, d) = (64, 3)
    var stream = Seed(3).generator
    let random = (0..<20).map { _ in Discrepancy.centred((0..<n * d).map { _ in stream.uniform() }, dimension: d) }
    let lowest = random.min() ?? 0
    let halton = Halton(dimension: d, scrambling: Seed(1))
    let designs: [(String, [Double])] = [
      ("halton", (0..<n).flatMap { halton.point($0) }),
      ("glp", GoodLattice.points(count: n, dimension: d, seed: Seed(1))),
      ("slh", LatinHypercube.symmetric(count: n, dimension: d, seed: Seed(1))),
      ("maximin", LatinHypercube.maximin(count: n, dimension: d, seed: Seed(1))),
    ]
    for (name, points) in designs {
      #expect(Discrepancy.centred(points, dimension: d) < lowest, "\(name)")
    }
  }

  @Test(
    "the centred discrepancy agrees with SciPy's on Sobol points",
    .enabled(
      if: FileManager.default.fileExists(
        atPath: sharedFolder.appendingPathComponent("oracle/sampling/sampling_discrepancy.json").path),
      "needs ../shared/oracle/sampling"))
  func oracle() throws {
    struct File: Decodable {
      struct Row: Decodable {
        var points: String
        var dim, n: Int
        var CD: Double
      }
      var table: [Row]
    }
    let url = sharedFolder.appendingPathComponent("oracle/sampling/sampling_discrepancy.json")
    let table = try JSONDecoder().decode(File.self, from: Data(contentsOf: url)).table.filter { $0.points == "sobol" }
    #expect(table.count == 2)
    for row in table {
      let sobol = try #require(Sobol(dimension: row.dim))
      let points = (0..<row.n).flatMap { sobol.point($0) }
      #expect(abs(Discrepancy.centred(points, dimension: row.dim) - row.CD) < 1e-14, "dimension \(row.dim)")
    }
  }
}
