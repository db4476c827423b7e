import DMOCore
import Foundation
import Testing

@testable import DMONumerics

@Suite("non-dominated sort")
struct NonDominatedSortTests {
  /// By the definition: peels front after front.
  private func bruteForce(_ rows: [[Double]]) -> [Int] {
    var ranks = [Int](repeating: -1, count: rows.count)
    var rank = 0
    while ranks.contains(-1) {
      let left = rows.indices.filter { ranks[$0] < 0 }
      let front = left.filter { i in !left.contains { Goals.dominates(rows[$0], rows[i]) } }
      for i in front { ranks[i] = rank }
      rank += 1
    }
    return ranks
  }

  @Test("agrees with peeling by the definition, with and without ties and equal rows", arguments: 1...6)
  func definition(objectives m: Int) {
    var stream = Seed(UInt64(m)).generator
    for round in 0..<12 {
      let levels = [3, 8, 1 << 20][round % 3]
      let rows = (0..<120).map { _ in (0..<m).map { _ in Double(stream.index(below: levels)) } }
      #expect(NonDominatedSort.ranks(rows.flatMap(\.self), objectives: m) == bruteForce(rows), "round \(round)")
    }
  }

  @Test("NaN is worse than any number, and nothing gives nothing")
  func corners() {
    #expect(NonDominatedSort.ranks([1, .nan, 1, 2, 0, 3], objectives: 2) == [1, 0, 0])
    #expect(NonDominatedSort.ranks([], objectives: 3) == [])
  }
}
