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

@Suite("workers' occupation")
struct OccupancyTests {
  private func row(_ id: UInt64, asked: Double, answered: Double?, seconds: Double) -> StudyRow {
    var result = EvaluationResult(id: id, status: .ok, y: [0])
    result.wallSeconds = seconds
    return StudyRow(
      request: EvaluationRequest(id: id, x: [0]), source: "", decision: 1, answer: answered.map { _ in Int(id) },
      result: answered.map { _ in result }, askedAt: asked, answeredAt: answered)
  }

  @Test("it is the evaluations' own time until the last point is asked, over what the workers had")
  func share() throws {
    // Two workers; each evaluation computes for 1 s and is taken 0.25 s later, when the next one is asked.
    let rows = (0..<10).map { k -> StudyRow in
      let asked = Double(k / 2) * 1.25
      return row(UInt64(k + 1), asked: asked, answered: asked + 1.25, seconds: 1)
    }
    // Four rounds of 1.25 s before the last points, each with 1 s of work.
    #expect(abs((Occupancy.share(rows, workers: 2) ?? 0) - 0.8) < 1e-12)
    #expect(Occupancy.share(Array(rows.prefix(3)), workers: 2) == nil)
    let open = rows + [row(11, asked: 5.0, answered: nil, seconds: 9)]
    #expect(abs((Occupancy.share(open, workers: 2) ?? 0) - 0.8) < 1e-12)
    // Points that wait for their workers do not count until they are begun.
    let waiting = (0..<10).map { k -> StudyRow in
      let begun = Double(k / 2)
      return row(UInt64(k + 1), asked: max(begun - 1, 0), answered: begun + 1, seconds: 1)
    }
    #expect(abs((Occupancy.share(waiting, workers: 2) ?? 0) - 1) < 1e-12)
  }
}
