import DMOCore
import Foundation
import Testing

@testable import DMONumerics

/// ../shared beside the repository, or where DMO_SHARED points.
let sharedFolder: URL = {
  if let path = ProcessInfo.processInfo.environment["DMO_SHARED"] { return URL(fileURLWithPath: path) }
  let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()
  return root.deletingLastPathComponent().appendingPathComponent("shared")
}()

let samplingOracle = sharedFolder.appendingPathComponent("oracle/sampling/sampling_scipy_qmc.json")

struct OracleMatrix: Decodable {
  var shape: [Int]
  var values: [Double]
}

@Suite("Sobol sequence")
struct SobolTests {
  @Test(
    "the plain sequence agrees with the reference in every number",
    .enabled(
      if: FileManager.default.fileExists(atPath: samplingOracle.path), "needs ../shared/oracle/sampling"),
    arguments: [1, 2, 3, 5, 16, 30])
  func plainSequence(dimension: Int) throws {
    let tables = try JSONDecoder().decode([String: OracleMatrix].self, from: Data(contentsOf: samplingOracle))
    let reference = try #require(tables["sobol_unscrambled_\(dimension)"])
    let sobol = try #require(Sobol(dimension: dimension))
    #expect((0..<reference.shape[0]).flatMap { sobol.point($0) } == reference.values)
  }

  @Test("every dimension of the table stratifies: 2^k points fall one into each of 2^k intervals", arguments: [nil, 3])
  func stratification(scrambling: UInt64?) throws {
    let n = Sobol.maximumDimension
    #expect(n == 1111)
    let sobol = try #require(Sobol(dimension: n, scrambling: scrambling.map { Seed($0) }))
    let points = (0..<64).map { sobol.point($0) }
    for j in 0..<n {
      let cells = Set(points.map { Int($0[j] * 64) })
      #expect(cells.count == 64, "dimension \(j)")
    }
  }

  @Test("scrambling keeps the net: elementary rectangles of the first two dimensions hold one point each")
  func scrambledNet() throws {
    let sobol = try #require(Sobol(dimension: 2, scrambling: Seed(11)))
    let points = (0..<64).map { sobol.point($0) }
    for k in 0...6 {
      let (rows, columns) = (1 << k, 1 << (6 - k))
      let cells = Set(points.map { Int($0[0] * Double(rows)) * columns + Int($0[1] * Double(columns)) })
      #expect(cells.count == 64, "\(rows) × \(columns)")
    }
  }

  @Test("scrambled points depend on the seed, are reproducible, and lie in [0, 1)")
  func scrambling() throws {
    let a = try #require(Sobol(dimension: 40, scrambling: Seed(1)))
    let b = try #require(Sobol(dimension: 40, scrambling: Seed(2)))
    #expect(a.point(77) == a.point(77))
    #expect(zip(a.point(0), b.point(0)).allSatisfy { $0 != $1 })
    #expect((0..<300).flatMap { a.point($0) }.allSatisfy { (0..<1).contains($0) })
  }

  @Test("each scrambled coordinate is uniform over the seeds")
  func uniformity() throws {
    let values = (0..<4000).compactMap { Sobol(dimension: 3, scrambling: Seed($0))?.point(5)[2] }
    let mean = values.reduce(0, +) / 4000
    let meanTolerance = 5 / (12.0 * 4000).squareRoot()  // five standard errors of a uniform mean
    #expect(abs(mean - 0.5) < meanTolerance)
    for bin in 0..<8 {
      let share = values.filter { Int($0 * 8) == bin }.count
      #expect(abs(share - 500) < 110, "five standard deviations of a binomial (4000, 1/8)")
    }
  }

  @Test("more dimensions than the table has are refused")
  func tooManyDimensions() {
    #expect(Sobol(dimension: 1112) == nil)
    #expect(Sobol(dimension: -1) == nil)
  }
}
