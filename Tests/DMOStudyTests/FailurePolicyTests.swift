import DMOCore
import DMOSearch
import DMOWorker
import GRDB
import Testing

@testable import DMOStudy

/// Fails each evaluation as often as `failures` says, then answers.
private final class FlakyEvaluator: Evaluator {
  let spec = Bowl.spec
  let capacity: Int
  var failures: (UInt64) -> (status: EvaluationStatus, times: Int)
  private(set) var tries: [UInt64: Int] = [:]
  private var queue: [EvaluationRequest] = []

  init(capacity: Int = 1, _ failures: @escaping (UInt64) -> (status: EvaluationStatus, times: Int)) {
    (self.capacity, self.failures) = (capacity, failures)
  }
  func submit(_ request: EvaluationRequest) { queue.append(request) }
  func next(timeout seconds: Double?) -> EvaluationResult? {
    if queue.isEmpty { return nil }
    let request = queue.removeFirst()
    tries[request.id, default: 0] += 1
    let (status, times) = failures(request.id)
    if tries[request.id, default: 0] <= times {
      return EvaluationResult(id: request.id, status: status, y: [.nan, .nan], message: "try \(tries[request.id] ?? 0)")
    }
    return EvaluationResult(id: request.id, status: .ok, y: [request.x[0], request.x[1]])
  }
  func vjp(_ request: EvaluationRequest, ybar: [Double]) -> (result: EvaluationResult, xbar: [Double]?) {
    (EvaluationResult(id: request.id, status: .unsupported, y: [.nan, .nan]), nil)
  }
  var composite: (any Composite)? { nil }
  func draw(_ request: EvaluationRequest) throws -> [Artifact] { [] }
  func shutdown() {}
}

@Suite struct FailurePolicyTests {
  let folder = TemporaryFolder()

  private func store(_ name: String, budget: Int = 20, _ policy: FailurePolicy) throws -> StudyStore {
    var description = Bowl.description(budget: budget)
    description.failures = policy
    return try StudyStore.create(path: folder.file(name), description)
  }
  private func runner(_ store: StudyStore, _ evaluator: any Evaluator) -> StudyRunner {
    StudyRunner(store: store, evaluator: evaluator, strategy: HistoryStrategy(), clock: { 0 })
  }

  @Test(
    "failures are tried again as often as --retries says, and every try is recorded",
    arguments: [EvaluationStatus.failed, .crashed, .timedOut, .badOutput, .fatal])
  func retries(_ status: EvaluationStatus) throws {
    let store = try store("a-\(status).dmo", FailurePolicy(retries: 2))
    // Number 3 needs one try more, number 5 two, number 7 three: that one stays a failure.
    let evaluator = FlakyEvaluator { (status, $0 == 3 ? 1 : $0 == 5 ? 2 : $0 == 7 ? 3 : 0) }
    #expect(try runner(store, evaluator).run() == .budgetSpent)
    let rows = try store.rows()
    #expect(rows.count == 20 && rows.allSatisfy { $0.answer != nil })
    #expect(rows.filter { $0.result?.status != .ok }.map(\.request.id) == [7])
    #expect(evaluator.tries[3] == 2 && evaluator.tries[5] == 3 && evaluator.tries[7] == 3 && evaluator.tries[8] == 1)
    let attempts = try store.database.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM attempts") }
    #expect(attempts == 1 + 2 + 2)
  }

  @Test("INFEASIBLE and what the plugin refuses are never tried again", arguments: [
    EvaluationStatus.infeasible, .badInput, .unsupported, .cancelled,
  ])
  func final(_ status: EvaluationStatus) throws {
    let store = try store("b-\(status).dmo", FailurePolicy(retries: 5))
    let evaluator = FlakyEvaluator { (status, $0 == 3 ? 9 : 0) }
    #expect(try runner(store, evaluator).run() == .budgetSpent)
    #expect(evaluator.tries[3] == 1)
    #expect(try store.rows()[2].result?.status == status)
  }

  @Test("too many failures end the run, by number or by share, and what ran is committed")
  func limit() throws {
    for (name, text, last) in [("c.dmo", "3", 8), ("d.dmo", "25%", 20)] {
      let store = try store(name, budget: 200, FailurePolicy(maxFailures: FailurePolicy.Limit(text)))
      let outcome = try runner(store, FlakyEvaluator { (.failed, $0 % 2 == 0 ? 1 : 0) }).run()
      guard case .tooManyFailures(let reason) = outcome else {
        Issue.record("ended with \(outcome)")
        continue
      }
      #expect(reason.contains("--max-failures allows \(text)"), "\(reason)")
      #expect(try store.rows().count == last)
      #expect(try store.rows().allSatisfy { $0.answer != nil })
      #expect(store.state == "stopped by failures")
    }
  }

  @Test("limits read as a number or a share", arguments: ["", "x", "-1", "120%", "1.5", "%"])
  func badLimits(_ text: String) { #expect(FailurePolicy.Limit(text) == nil) }

  @Test("a try that failed before an interruption counts after it")
  func triesSurvive() throws {
    let store = try store("e.dmo", FailurePolicy(retries: 3))
    var answers = 0
    let first = FlakyEvaluator { (.failed, $0 == 3 ? 99 : 0) }
    // Stops when two are answered: the first try of number 3 is its last before the stop.
    _ = try runner(store, first).run(request: { answers >= 2 ? .finish : .goOn }, onAnswer: { _ in answers += 1 })
    let before = first.tries[3] ?? 0
    let second = FlakyEvaluator { (.failed, $0 == 3 ? 99 : 0) }
    let resumed = runner(store, second)
    #expect(try resumed.replay() == nil)
    #expect(try resumed.run() == .budgetSpent)
    #expect(before + (second.tries[3] ?? 0) == 4)
  }

  @Test("failures that are evaluated again are told as later answers, and the study still replays")
  func retryFailed() throws {
    let store = try store("f.dmo", budget: 30, FailurePolicy())
    #expect(try runner(store, FlakyEvaluator { (.crashed, $0 % 5 == 0 ? 1 : 0) }).run() == .budgetSpent)
    #expect(try store.incumbents().counts == [.ok: 24, .crashed: 6])
    #expect(try store.reopenFailures() == 6)
    #expect(try store.incumbents().counts == [.ok: 24])
    let again = runner(store, FlakyEvaluator { _ in (.ok, 0) })
    #expect(try again.replay() == nil)
    #expect(try again.run() == .budgetSpent)
    let rows = try store.rows()
    #expect(rows.map(\.request.id) == Array(1...30))
    #expect(rows.filter { $0.request.id % 5 == 0 }.compactMap(\.answer).sorted() == Array(31...36))
    #expect(try store.incumbents().counts == [.ok: 30])
    #expect(try store.check().faults == [])
    #expect(try runner(store, FlakyEvaluator { _ in (.ok, 0) }).replay() == nil)
    #expect(try store.reopenFailures() == 0)
  }
}
