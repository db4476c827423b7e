import DMOCore
import DMOStudy
import Testing

@testable import DMOReport

@Suite("comparisons")
struct ComparisonTests {
  @Test("Wilcoxon's test agrees with SciPy, and with all signs counted where ranks tie")
  func wilcoxon() throws {
    func p(_ d: [Double]) throws -> Double { try #require(PairedTests.wilcoxon(d)) }
    // scipy.stats.wilcoxon(d, method="exact")
    #expect(abs(try p([1.1, -0.4, 2.3, 3.0, -1.9, 0.7, 4.2, -0.2, 1.5, 2.8]) - 0.064453125) < 1e-12)
    #expect(abs(try p([0.5, -1.25, 0.75, 2, 2.25, -0.1, -3.5, 4, 5.5, 0.3, -0.6, 1.7]) - 0.17626953125) < 1e-12)
    // Seven differences that are not zero, with ties: 60 of 128 signs.
    #expect(abs(try p([1, 1, -1, 2, 2, 3, -3, 0]) - 0.46875) < 1e-12)
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

  private func study(_ search: String, seed: UInt64, best: Double?) -> StudyDigest {
    // The best is feasible; without one, nothing is.
    let rows = [Made.row(1, y: [best.map { $0 + 1 } ?? 0, best == nil ? 1 : -1]), Made.row(2, y: [best ?? 0, best == nil ? 1 : -1])]
    return Made.digest(Made.description(seed: seed, search: search), rows)
  }

  @Test("groups have medians and quartiles, pairs go by seed")
  func groups() throws {
    let values: [Double] = [1, 2, 3, 4, 5]
    let digests = values.enumerated().flatMap { k, v in
      [study("a", seed: UInt64(k), best: v), study("b", seed: UInt64(k), best: v + (k == 0 ? -1 : 1))]
    }
    let c = try Comparison(digests)
    #expect(c.groups.map(\.name) == ["a", "b"])
    #expect(c.groups[0].median == 3 && c.groups[0].lower == 2 && c.groups[0].upper == 4)
    #expect(c.groups[0].best == 1 && c.groups[0].worst == 5)
    let test = try #require(c.tests.first)
    #expect(test.pairs == 5 && test.wins == 4 && test.losses == 1 && test.ties == 0)
    #expect(test.difference == -1)
    #expect(!c.warnings.contains { $0.contains("fewer than 5") })
  }

  @Test("fewer than five seeds a side are said")
  func few() throws {
    let c = try Comparison([study("a", seed: 1, best: 1), study("b", seed: 1, best: 2)])
    #expect(c.warnings.filter { $0.contains("fewer than 5") }.count == 2)
  }

  @Test("a seed that found nothing feasible counts as worse than any number")
  func nothing() throws {
    let c = try Comparison([
      study("a", seed: 1, best: 1), study("a", seed: 2, best: nil), study("b", seed: 1, best: nil), study("b", seed: 2, best: nil),
    ])
    #expect(c.groups[0].finals.map(\.value) == [1, nil])
    #expect(c.groups[1].median == .infinity)
    #expect(c.tests[0].wins == 1 && c.tests[0].ties == 1)
  }

  @Test("studies of different problems are not compared")
  func different() {
    let other = Made.digest(Made.description(problem: "other"), [Made.row(1, y: [1, -1])])
    #expect(throws: StudyError.self) { try Comparison([study("a", seed: 1, best: 1), other]) }
  }
}
