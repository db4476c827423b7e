import DMOCore
import DMOSearch
import DMOWorker
import Foundation

@testable import DMOStudy

/// A folder that is removed with the value.
final class TemporaryFolder {
  let path: String
  init() {
    path = NSTemporaryDirectory() + "dmo-study-\(UUID().uuidString)"
    try? FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }
  deinit { try? FileManager.default.removeItem(atPath: path) }
  func file(_ name: String) -> String { path + "/" + name }
}

/// Two parameters, one objective, one bounded output; f = (x − 1)² + (y + 2)², g = x + y ≤ 0.
enum Bowl {
  static let spec = ProblemSpec(
    space: ParameterSpace([Parameter(id: "x", min: -5, max: 5), Parameter(id: "y", min: -5, max: 5)]),
    outputs: OutputSpace([Output(id: "f", role: .minimize), Output(id: "g", role: .atMost(0))]))

  /// Every seventh point fails and every eleventh has no answer, as their number tells.
  static func evaluate(_ r: EvaluationRequest) -> EvaluationResult {
    if r.id % 7 == 0 { return EvaluationResult(id: r.id, status: .failed, y: [.nan, .nan], message: "seventh") }
    if r.id % 11 == 0 { return EvaluationResult(id: r.id, status: .infeasible, y: [.nan, 1], message: "eleventh") }
    let f = (r.x[0] - 1) * (r.x[0] - 1) + (r.x[1] + 2) * (r.x[1] + 2)
    return EvaluationResult(id: r.id, status: .ok, y: [f, r.x[0] + r.x[1]], wallSeconds: 0.001)
  }

  static func description(
    budget: Int, jobs: Int = 1, spec: ProblemSpec = Bowl.spec, storeObserved: ObservedStorage = .full
  )
    -> StudyDescription
  {
    StudyDescription(
      dmoVersion: "test", command: ["dmo"], created: "2026-01-01T00:00:00Z",
      plugin: PluginReference(path: "/p.so", id: "t", name: "t", version: "1.0.0", fingerprint: "0"), problem: "bowl",
      options: [:], spec: spec, goals: Goals(spec.outputs), fixed: [:], search: "test", searchOptions: [:],
      trainer: nil,
      trainerOptions: [:], seed: Seed(7), budget: budget, jobs: jobs, inProcess: false, evaluationTimeout: nil,
      storeObserved: storeObserved)
  }
}

/// Answers at once, in an order that a seed shuffles among what is in flight; with one worker, in the order of
/// requests.
final class ShufflingEvaluator: Evaluator {
  let spec: ProblemSpec
  let capacity: Int
  var onSubmit: (EvaluationRequest) -> Void = { _ in }
  private var queue: [EvaluationRequest] = []
  private var stream: RandomStream

  init(spec: ProblemSpec = Bowl.spec, capacity: Int = 1, seed: UInt64 = 1) {
    self.spec = spec
    self.capacity = capacity
    stream = Seed(seed).generator
  }
  func submit(_ request: EvaluationRequest) {
    onSubmit(request)
    queue.append(request)
  }
  func next(timeout seconds: Double?) -> EvaluationResult? {
    queue.isEmpty || (seconds == 0 && stream.uniform() < 0.5)
      ? nil : Bowl.evaluate(queue.remove(at: capacity == 1 ? 0 : stream.index(below: queue.count)))
  }
  func vjp(_ request: EvaluationRequest, ybar: [Double]) -> (result: EvaluationResult, xbar: [Double]?) {
    (Bowl.evaluate(request), nil)
  }
  var composite: (any Composite)? { nil }
  func draw(_ request: EvaluationRequest) throws -> [Artifact] { [] }
  func shutdown() {}
}

/// Proposes points that depend on every answer so far and on its order, so that any slip in a replay shows.
struct HistoryStrategy: SearchStrategy {
  var state = Seed(1)
  var asked: UInt64 = 0
  var onTell: (Observation) -> Void = { _ in }
  var telemetry: [String: Double] { ["asked": Double(asked)] }

  mutating func ask(_ count: Int) throws -> [Proposal] {
    (0..<count).map { _ in
      asked += 1
      var stream = state.derived("point", asked).generator
      return Proposal(x: [stream.uniform() * 10 - 5, stream.uniform() * 10 - 5], source: "history")
    }
  }
  mutating func tell(_ observation: Observation) {
    onTell(observation)
    for v in observation.x + observation.result.y { state = state.derived("told", v.isNaN ? 1 : v.bitPattern) }
  }
}

/// `HistoryStrategy` as one that chooses many points at once.
struct BatchedHistory: BatchedStrategy {
  private var base = HistoryStrategy()
  var telemetry: [String: Double] { base.telemetry }
  mutating func ask(_ count: Int) throws -> [Proposal] { try base.ask(count) }
  mutating func tell(_ observation: Observation) { base.tell(observation) }
}
