import DMOCore
import DMOStudy
import Testing

@testable import DMOReport

@Suite("comparisons")
struct ComparisonTests {
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
