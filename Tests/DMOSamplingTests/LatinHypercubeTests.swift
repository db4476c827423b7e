import DMOCore
import DMONumerics
import Testing

@Suite("Latin hypercube")
struct LatinHypercubeTests {
  @Test("every stratum of every coordinate holds exactly one point", arguments: [1, 2, 20, 147])
  func oneEach(count: Int) {
    let d = 5
    let points = LatinHypercube.points(count: count, dimension: d, seed: Seed(4))
    #expect(points.count == count * d)
    for j in 0..<d {
      let strata = (0..<count).map { Int(points[$0 * d + j] * Double(count)) }
      #expect(strata.sorted() == Array(0..<count))
    }
    #expect(points.allSatisfy { (0..<1).contains($0) })
  }

  @Test("points are jittered within their strata, and the seed decides all")
  func jitterAndSeed() {
    let a = LatinHypercube.points(count: 50, dimension: 2, seed: Seed(1))
    #expect(a == LatinHypercube.points(count: 50, dimension: 2, seed: Seed(1)))
    #expect(a != LatinHypercube.points(count: 50, dimension: 2, seed: Seed(2)))
    let offsets = Set(a.map { ($0 * 50 - ($0 * 50).rounded(.down)) })
    #expect(offsets.count > 90)
  }

  @Test("coordinates are independent: their correlation is that of random permutations")
  func correlation() {
    let n = 1000
    let p = LatinHypercube.points(count: n, dimension: 2, seed: Seed(9))
    var covariance = 0.0
    for i in 0..<n { covariance += (p[2 * i] - 0.5) * (p[2 * i + 1] - 0.5) / Double(n) }
    #expect(abs(covariance * 12) < 5 / Double(n).squareRoot())  // five standard errors
  }

  @Test("an empty design and a space without coordinates are empty")
  func empty() {
    #expect(LatinHypercube.points(count: 0, dimension: 3, seed: Seed(1)).isEmpty)
    #expect(LatinHypercube.points(count: 3, dimension: 0, seed: Seed(1)).isEmpty)
  }
}
