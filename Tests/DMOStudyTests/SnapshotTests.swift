import DMOCore
import DMOSearch
import DMOSurrogates
import Testing

@testable import DMOStudy

@Suite struct SnapshotTests {
  let folder = TemporaryFolder()

  @Test("a study keeps the latest snapshot only, also for readers, and none until there is one")
  func latest() throws {
    let path = folder.file("a.dmo")
    let store = try StudyStore.create(path: path, Bowl.description(budget: 5))
    #expect(try store.snapshot() == nil && StudyStore.open(path: path).snapshot() == nil)
    try store.save(StudyStore.Snapshot(answers: 3, bytes: [1, 2, 3]))
    let large = StudyStore.Snapshot(answers: 4, bytes: (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) })
    try store.save(large)
    #expect(try StudyStore.open(path: path).snapshot() == large)
  }

  private func trainer(_ id: String) throws -> any SurrogateTrainer {
    try TrainerRegistry.make(
      id: id, options: id == "gp" ? [] : ["hidden=8", "cold_epochs=20", "epochs=5"],
      setup: TrainerSetup(seed: Seed(3)))
  }

  @Test("what a run had learnt is in its study at the end, and a trainer goes on from it", arguments: ["gradient", "bayes"])
  func kept(_ search: String) throws {
    let id = search == "bayes" ? "gp" : "mae"
    let store = try StudyStore.create(path: folder.file("\(search).dmo"), Bowl.description(budget: 30))
    let setup = SearchSetup(
      space: SearchSpace(Bowl.spec.space), outputs: Bowl.spec.outputs, goals: Goals(Bowl.spec.outputs), seed: Seed(1),
      budget: 30)
    let runner = StudyRunner(
      store: store, evaluator: ShufflingEvaluator(),
      strategy: try StrategyRegistry.make(search, setup: setup, trainer: try trainer(id)), clock: { 0 })
    #expect(try runner.run() == .budgetSpent)
    let snapshot = try #require(try store.snapshot())
    #expect(snapshot.answers == 30)
    var restored = try trainer(id)
    try restored.restore(snapshot.bytes)
    #expect(restored.lastLoss.isFinite && restored.saved() == snapshot.bytes)
  }

  @Test("a search that learns nothing leaves no snapshot")
  func none() throws {
    let store = try StudyStore.create(path: folder.file("h.dmo"), Bowl.description(budget: 5))
    let runner = StudyRunner(store: store, evaluator: ShufflingEvaluator(), strategy: HistoryStrategy(), clock: { 0 })
    _ = try runner.run()
    #expect(try store.snapshot() == nil)
  }
}
