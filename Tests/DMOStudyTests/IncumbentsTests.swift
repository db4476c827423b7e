import DMOCore
import Testing

@testable import DMOStudy

@Suite struct IncumbentsTests {
  private func goals(_ objectives: Int) -> Goals {
    Goals(
      OutputSpace(
        (0..<objectives).map { Output(id: "f\($0)", role: $0 == 0 ? .maximize : .minimize) }
          + [Output(id: "g", role: .atLeast(1))]))
  }

  @Test("the best is the best feasible one, in the direction asked for")
  func single() {
    var best = Incumbents(goals: goals(1))
    best.add(x: [1], EvaluationResult(id: 1, status: .ok, y: [10, 0.5]))
    #expect(best.best == nil)
    #expect(best.nearest?.point.id == 1)
    best.add(x: [2], EvaluationResult(id: 2, status: .ok, y: [3, 1]))
    best.add(x: [3], EvaluationResult(id: 3, status: .ok, y: [2, 5]))
    best.add(x: [4], EvaluationResult(id: 4, status: .infeasible, y: [99, 5]))
    best.add(x: [5], EvaluationResult(id: 5, status: .ok, y: [.nan, 5]))
    #expect(best.best?.id == 2)
    #expect(best.feasibleCount == 3)
    #expect(best.counts == [.ok: 4, .infeasible: 1])
  }

  @Test("the front agrees with comparing every pair")
  func front() {
    let goals = goals(3)
    var incumbents = Incumbents(goals: goals)
    var stream = Seed(5).generator
    var all: [EvaluationResult] = []
    for id in 1...400 {
      // Few distinct values, so that ties and duplicates occur.
      let y = (0..<3).map { _ in (stream.uniform() * 6).rounded() } + [stream.uniform() * 2]
      let result = EvaluationResult(id: UInt64(id), status: .ok, y: y)
      all.append(result)
      incumbents.add(x: [Double(id)], result)
    }
    let feasible = all.filter { goals.isFeasible($0) }
    let expected = feasible.filter { a in
      !feasible.contains { Goals.dominates(goals.losses($0.y), goals.losses(a.y)) }
    }
    let distinct = Set(expected.map { goals.losses($0.y) })
    #expect(!distinct.isEmpty)
    #expect(Set(incumbents.front.map(\.losses)) == distinct)
    #expect(incumbents.front.count == distinct.count)
  }
}
