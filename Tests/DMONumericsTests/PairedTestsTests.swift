import DMONumerics
import Testing

@Suite("paired tests")
struct PairedTestsTests {
  /// SciPy 1.17's `wilcoxon(d, method="exact")`; where sizes are equal, all sign patterns enumerated.
  @Test(
    "the signed-rank test is exact, ties and zeros included",
    arguments: [
      ([1.5, -0.3, 2.2, 0.7, 3.1, -1.1, 0.2, 4.0], 0.109375),
      ([0.1, 0.2, 0.3, 0.4, 0.5, 0.6], 0.03125),
      ([3, -1, 4, -1.5, 5, 9, -2.6, 5.3, 5.8, 9.7], 0.02734375),
      ([1, 1, -1, 2, 2, 0, 3], 0.125),
      ([2, 2, 2, -1, -1, 5, 5], 0.0625),
      ([0, 0], 1),
    ] as [([Double], Double)])
  func wilcoxon(_ differences: [Double], _ p: Double) {
    #expect(abs((PairedTests.wilcoxon(differences) ?? 1) - p) < 1e-12)
    #expect(abs((PairedTests.wilcoxon(differences.map { -$0 }) ?? 1) - p) < 1e-12)
  }

  @Test("Wilcoxon's test agrees with SciPy, and with all signs counted where ranks tie")
  func wilcoxon() throws {
    func p(_ d: [Double]) throws -> Double { try #require(PairedTests.wilcoxon(d)) }
    // scipy.stats.wilcoxon(d, method="exact")
    #expect(abs(try p([1.1, -0.4, 2.3, 3.0, -1.9, 0.7, 4.2, -0.2, 1.5, 2.8]) - 0.064453125) < 1e-12)
    #expect(abs(try p([0.5, -1.25, 0.75, 2, 2.25, -0.1, -3.5, 4, 5.5, 0.3, -0.6, 1.7]) - 0.17626953125) < 1e-12)
    // Seven differences that are not zero, with ties: 60 of 128 signs.
    #expect(abs(try p([1, 1, -1, 2, 2, 3, -3, 0]) - 0.46875) < 1e-12)
    #expect(PairedTests.rankBalance([0, -1, 2, 3]) == 4 && PairedTests.rankBalance([1, -1]) == 0)
    #expect(PairedTests.wilcoxon([0, 0]) == nil)
    #expect(PairedTests.wilcoxon([1, .nan]) == nil)
  }

  @Test("the sign test agrees with SciPy's binomial test")
  func sign() throws {
    #expect(abs(try #require(PairedTests.sign(wins: 8, losses: 3)) - 0.2265625) < 1e-12)
    #expect(abs(try #require(PairedTests.sign(wins: 3, losses: 1)) - 0.625) < 1e-12)
    #expect(PairedTests.sign(wins: 5, losses: 5) == 1)
    #expect(PairedTests.sign(wins: 0, losses: 0) == nil)
  }
}
