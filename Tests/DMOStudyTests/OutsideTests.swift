import DMOCore
import DMOSearch
import Foundation
import Testing

@testable import DMOStudy

@Suite struct OutsideTests {
  let folder = TemporaryFolder()

  private func runner(_ store: StudyStore, capacity: Int = 1) -> StudyRunner {
    StudyRunner(
      store: store, evaluator: ShufflingEvaluator(capacity: capacity, seed: 1), strategy: HistoryStrategy(),
      clock: { 0 })
  }

  private func outside(_ store: StudyStore, _ values: [Double]) -> [OutsidePoint] {
    values.map { v in
      OutsidePoint(
        x: [Double](repeating: v, count: store.description.spec.space.dimension), status: .ok,
        y: [Double](repeating: v * v, count: store.description.spec.outputs.dimension))
    }
  }

  @Test("points from outside are answered evaluations, and a run goes on from them as if it had learnt them first")
  func warmStart() throws {
    let store = try StudyStore.create(path: folder.file("a.dmo"), Bowl.description(budget: 20))
    #expect(try store.adopt(outside(store, [0.1, 0.2, 0.3]), source: "import", at: 5) == 1)
    #expect(try store.adopt(outside(store, [0.4]), source: "import", at: 6) == 4)
    #expect(try store.check().faults == [])
    let first = runner(store)
    #expect(try first.replay() == nil)
    #expect(try first.run() == .budgetSpent)
    let rows = try store.rows()
    #expect(rows.count == 20 && rows.prefix(4).allSatisfy { $0.source == "import" })
    #expect(rows.map(\.request.id) == Array(1...20))
    #expect(try store.check().faults == [])
    // The history decides every later point, so a replay that left one out would deviate.
    #expect(try runner(store).replay() == nil)
  }

  @Test("results told between decisions are learnt in their place when the search is rebuilt")
  func between() throws {
    let store = try StudyStore.create(path: folder.file("b.dmo"), Bowl.description(budget: 40))
    _ = try runner(store).propose(3)
    let open = try store.openRows()
    #expect(open.count == 3)
    let result = EvaluationResult(
      id: open[1].request.id, status: .ok,
      y: [Double](repeating: 1, count: store.description.spec.outputs.dimension))
    try store.answer([result], at: 1)
    try store.adopt(outside(store, [0.25]), source: "told", at: 2)
    for _ in 0..<2 {
      let next = runner(store)
      #expect(try next.replay() == nil)
      let rows = try next.propose(2)
      #expect(rows.count == 2 && rows.allSatisfy { $0.result == nil })
    }
    #expect(try store.openRows().map(\.request.id) == [1, 3, 5, 6, 7, 8])
    #expect(try store.rows().compactMap(\.answer) == [1, 2])
    #expect(try store.check().faults == [])
  }
}
