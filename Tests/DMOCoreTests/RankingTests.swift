import DMOCore
import Testing

@Suite("ranking")
struct RankingTests {
  private func goals(_ objectives: Int) -> Goals {
    Goals(
      OutputSpace(
        (0..<objectives).map { Output(id: "f\($0)", role: .minimize) } + [Output(id: "c", role: .atMost(0))]))
  }

  private func answers(_ rows: [(EvaluationStatus, [Double])]) -> [EvaluationResult] {
    rows.enumerated().map { EvaluationResult(id: UInt64($0.offset), status: $0.element.0, y: $0.element.1) }
  }

  @Test("the best is feasible, known, and the earliest of equals")
  func best() {
    let results = answers([
      (.ok, [3, -1]), (.ok, [1, 0.5]), (.infeasible, [0, -1]), (.ok, [.nan, -1]), (.ok, [2, 0]), (.ok, [2, -1]),
      (.failed, []),
    ])
    #expect(Ranking.best(results, goals(1)) == 4)
    #expect(Ranking.best(answers([(.ok, [1, 0.5]), (.failed, [])]), goals(1)) == nil)
    #expect(Ranking.leastViolating(answers([(.ok, [1, 0.5]), (.ok, [2, 0.1]), (.ok, [2, .nan])]), goals(1)) == 1)
    #expect(Ranking.leastViolating([], goals(1)) == nil)
    #expect(Ranking.counts(results) == [.ok: 5, .infeasible: 1, .failed: 1])
  }

  @Test("the front is what the definition of dominance gives", arguments: [1, 2, 3, 4])
  func front(objectives: Int) {
    let goals = goals(objectives)
    var stream = Seed(UInt64(objectives)).generator
    for _ in 0..<20 {
      let results = answers(
        (0..<60).map { _ in
          let y = (0..<objectives).map { _ in Double(stream.index(below: 8)) }
          return (stream.uniform() < 0.9 ? .ok : .infeasible, y + [stream.uniform() < 0.7 ? 0 : 1])
        })
      let feasible = results.indices.filter { goals.isFeasible(results[$0]) }
      let expected = feasible.filter { i in
        !feasible.contains { j in
          goals.dominates(results[j], results[i]) || (j < i && results[j].y == results[i].y)
        }
      }
      let front = Ranking.paretoFront(results, goals)
      #expect(Set(front) == Set(expected))
      #expect(front.count == expected.count)
    }
  }
}
