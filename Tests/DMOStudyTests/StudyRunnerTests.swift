import DMOCore
import DMOSearch
import Foundation
import Testing

@testable import DMOStudy

@Suite struct StudyRunnerTests {
  let folder = TemporaryFolder()

  private func run(
    _ name: String, budget: Int = 60, capacity: Int = 1, shuffle: UInt64 = 1, stopAfter: Int? = nil,
    wish: StudyRunner.Request = .finish
  ) throws -> (StudyStore, StudyRunner.Outcome) {
    let store = try StudyStore.create(path: folder.file(name), Bowl.description(budget: budget, jobs: capacity))
    let runner = StudyRunner(
      store: store, evaluator: ShufflingEvaluator(capacity: capacity, seed: shuffle), strategy: HistoryStrategy(),
      clock: { 0 })
    var answers = 0
    let outcome = try runner.run(
      request: { stopAfter.map { answers >= $0 } == true ? wish : .goOn }, onAnswer: { _ in answers += 1 })
    return (store, outcome)
  }

  private func essence(_ store: StudyStore) throws -> [String] {
    try store.rows().map { "\($0.request) \($0.answer ?? 0) \($0.result.map { "\($0.status) \($0.y)" } ?? "-")" }
  }

  @Test("every evaluation of the budget is answered and recorded once, whatever its status")
  func complete() throws {
    let (store, outcome) = try run("a.dmo", capacity: 4)
    let rows = try store.rows()
    #expect(outcome == .budgetSpent)
    #expect(rows.map(\.request.id) == Array(1...60))
    #expect(Set(rows.compactMap(\.answer)) == Set(1...60))
    #expect(rows.filter { $0.result?.status == .failed }.count == 8)
    #expect(store.state == "finished")
  }

  @Test("an answer is on disk before the strategy hears of it")
  func committedFirst() throws {
    let path = folder.file("b.dmo")
    let store = try StudyStore.create(path: path, Bowl.description(budget: 20))
    var told = 0
    var seen: [Int] = []
    var strategy = HistoryStrategy()
    strategy.onTell = { _ in
      told += 1
      let stored = try? StudyStore.open(path: path).rows().filter { $0.result != nil }.count
      seen.append((stored ?? -1) - told)
    }
    let runner = StudyRunner(store: store, evaluator: ShufflingEvaluator(), strategy: strategy, clock: { 0 })
    _ = try runner.run()
    #expect(told == 20)
    #expect(!seen.contains { $0 < 0 })
  }

  @Test("the same seed gives the same study with one worker")
  func sameSeed() throws {
    let first = try essence(try run("c.dmo").0)
    let second = try essence(try run("d.dmo").0)
    #expect(first == second)
  }

  @Test("a point waits for each worker, 8 at most, where points are chosen many at once; else for an eighth of many workers")
  func reserve() throws {
    func mostInFlight(_ strategy: any SearchStrategy, capacity: Int) throws -> Int {
      let path = folder.file("\(type(of: strategy))-\(capacity).dmo")
      let evaluator = ShufflingEvaluator(capacity: capacity)
      var (submitted, most) = (0, 0)
      evaluator.onSubmit = { _ in submitted += 1 }
      let store = try StudyStore.create(path: path, Bowl.description(budget: 30, jobs: capacity))
      let runner = StudyRunner(store: store, evaluator: evaluator, strategy: strategy, clock: { 0 })
      var answered = 0
      _ = try runner.run(onAnswer: { _ in
        most = max(most, submitted - answered)
        answered += 1
      })
      return most
    }
    #expect(try mostInFlight(HistoryStrategy(), capacity: 2) == 2)
    #expect(try mostInFlight(BatchedHistory(), capacity: 2) == 4)
    #expect(try mostInFlight(BatchedHistory(), capacity: 1) == 1)
    #expect(try mostInFlight(HistoryStrategy(), capacity: 16) == 18)
    #expect(try mostInFlight(BatchedHistory(), capacity: 16) == 24)
  }

  @Test("with several workers the proposals are a function of the recorded order of answers", arguments: [2, 5])
  func orderDecides(_ capacity: Int) throws {
    let (store, _) = try run("e\(capacity).dmo", capacity: capacity, shuffle: 3)
    let other = try run("f\(capacity).dmo", capacity: capacity, shuffle: 4).0
    let (one, two) = (try essence(store), try essence(other))
    #expect(one != two)
    for s in [store, other] {
      let runner = StudyRunner(
        store: s, evaluator: ShufflingEvaluator(capacity: capacity), strategy: HistoryStrategy(), clock: { 0 })
      #expect(try runner.replay() == nil)
    }
  }

  @Test("a replay notices proposals that this build would not have made")
  func deviation() throws {
    let (store, _) = try run("g.dmo")
    let runner = StudyRunner(
      store: store, evaluator: ShufflingEvaluator(), strategy: HistoryStrategy(state: Seed(2)), clock: { 0 })
    #expect(try runner.replay() == 1)
  }

  @Test("a study stopped and resumed equals the one that was not", arguments: [1, 17, 59])
  func resume(_ stop: Int) throws {
    let whole = try essence(try run("h\(stop).dmo").0)
    let (store, outcome) = try run("i\(stop).dmo", stopAfter: stop)
    #expect(outcome == .stopped)
    #expect(store.state == "interrupted")
    let runner = StudyRunner(store: store, evaluator: ShufflingEvaluator(), strategy: HistoryStrategy(), clock: { 0 })
    #expect(try runner.replay() == nil)
    #expect(try runner.run() == .budgetSpent)
    #expect(try essence(store) == whole)
  }

  @Test("points in flight when a run is abandoned are asked again with the same number and seed")
  func inFlight() throws {
    let (store, outcome) = try run("j.dmo", capacity: 3, stopAfter: 10, wish: .abandon)
    #expect(outcome == .abandoned)
    let open = try store.rows().filter { $0.answer == nil }.map(\.request)
    #expect(!open.isEmpty)
    let evaluator = ShufflingEvaluator(capacity: 3)
    var asked: [EvaluationRequest] = []
    evaluator.onSubmit = { asked.append($0) }
    let runner = StudyRunner(store: store, evaluator: evaluator, strategy: HistoryStrategy(), clock: { 0 })
    _ = try runner.replay()
    #expect(asked == open)
    #expect(try runner.run() == .budgetSpent)
    #expect(try store.rows().allSatisfy { $0.answer != nil })
  }

  @Test("a strategy with nothing left to offer ends the study without an endless loop")
  func exhausted() throws {
    struct Three: SearchStrategy {
      var left = 3
      var telemetry: [String: Double] { [:] }
      mutating func ask(_ count: Int) -> [Proposal] {
        defer { left -= min(left, count) }
        return (0..<min(left, count)).map { _ in Proposal(x: [0, 0], source: "three") }
      }
      mutating func tell(_ observation: Observation) {}
    }
    let store = try StudyStore.create(path: folder.file("k.dmo"), Bowl.description(budget: 10))
    let runner = StudyRunner(store: store, evaluator: ShufflingEvaluator(capacity: 2), strategy: Three(), clock: { 0 })
    #expect(try runner.run() == .exhausted)
    #expect(try store.rows().count == 3)
  }
}
