import DMOCore
import DMOSearch
import DMOWorker

/// Drives one study: ask, evaluate, commit, learn.
///
/// Each answer is on disk before the strategy hears of it. What the strategy proposes is a function of the study's
/// seed and
/// of the order of answers, which is recorded; replaying that order, or the part after a stored state, rebuilds its
/// state.
public final class StudyRunner {
  /// How a run ended.
  public enum Outcome: Equatable, Sendable {
    case budgetSpent
    /// The strategy had nothing more to offer.
    case exhausted
    /// Stopped on request: what ran was finished and committed.
    case stopped
    /// Stopped at once on a second request: what ran is asked again by `resume`.
    case abandoned
    /// More evaluations failed than the failure policy allows; the reason in words.
    case tooManyFailures(String)
  }
  /// What a caller wants of a run that goes on.
  public enum Request: Int, Sendable {
    case goOn = 0
    /// Finish what runs, ask for nothing more.
    case finish = 1
    /// Drop what runs.
    case abandon = 2
  }
  /// How things stand, for a progress display.
  public struct Progress {
    public var answered: Int
    public var inFlight: Int
    public var budget: Int
    public var incumbents: Incumbents
    /// Numbers the strategy told of with its last proposals.
    public var telemetry: [String: Double]
  }

  public let store: StudyStore
  let evaluator: any Evaluator
  var strategy: any SearchStrategy
  private let clock: () -> Double
  private let seed: Seed
  private let policy: FailurePolicy

  public internal(set) var incumbents: Incumbents
  var inFlight: [UInt64: StudyRow] = [:]
  /// Evaluations with an answer, and answers told: more when failures were tried again after the search knew of them.
  private var answered: Int { incumbents.total }
  var told = 0
  var askedCount = 0
  var decisionCount: Int64 = 0
  /// `told` when the last snapshot was stored.
  var snapshotAt = 0
  /// Bytes of the last state.
  var stateBytes = 0
  private var telemetry: [String: Double] = [:]
  /// The strategy offered nothing and waits for an answer. Asking again before one came would make its decisions
  /// depend on
  /// how often the loop turned, so on the clock.
  private var isWaiting = false
  /// How long evaluations took lately, in seconds.
  private var typicalSeconds = 1.0

  /// - Parameters:
  ///   - store: where every answer is committed before anything learns from it.
  ///   - evaluator: what simulates.
  ///   - strategy: decides what to simulate next.
  ///   - clock: seconds since 1970; only ever recorded, never decided by.
  public init(
    store: StudyStore, evaluator: any Evaluator, strategy: any SearchStrategy, clock: @escaping () -> Double
  ) {
    self.store = store
    self.evaluator = evaluator
    self.strategy = strategy
    self.clock = clock
    seed = store.description.seed
    policy = store.description.failures ?? FailurePolicy()
    incumbents = Incumbents(goals: store.description.goals)
  }

  /// Runs until the budget is spent or the caller wants it otherwise.
  /// - Parameters:
  ///   - request: asked between answers, at least ten times a second.
  ///   - onAnswer: each committed evaluation, in the order of answers.
  ///   - onProgress: called at least ten times a second.
  /// - Throws: `StudyError`; whatever the strategy throws.
  public func run(
    request: () -> Request = { .goOn }, onAnswer: (StudyRow) -> Void = { _ in }, onProgress: (Progress) -> Void = { _ in }
  ) throws -> Outcome {
    store.state = "running"
    while true {
      let objection = policy.objection(incumbents.counts)
      let wish = max(request().rawValue, objection == nil ? 0 : Request.finish.rawValue)
      if wish == Request.abandon.rawValue {
        try storeSnapshot()
        store.state = "interrupted"
        return .abandoned
      }
      if wish == Request.goOn.rawValue { try ask() }
      if inFlight.isEmpty { return try finish(objection) }
      if told - snapshotAt >= snapshotInterval { try storeSnapshot() }
      guard let first = evaluator.next(timeout: 0.1) else {
        onProgress(progress)
        continue
      }
      try take(gather(first), isRetrying: wish == Request.goOn.rawValue, onAnswer)
      onProgress(progress)
    }
  }

  /// Answers between two snapshots. A search that fits stores its state with every batch of decisions, as long as that
  /// is 256 KiB an answer at most, and with many workers once for a quarter of what they evaluate: a fit serves more
  /// points than that. Another one, whose replay costs little, 1 KiB an answer at most.
  private var snapshotInterval: Int {
    if (strategy as? any StorableStrategy)?.isReplayCostly == true {
      return max(1, stateBytes >> 18, evaluator.capacity / 4)
    }
    return max(min(max(512, snapshotAt / 8), 1 << 15), stateBytes >> 10)
  }
  /// The most answers of one transaction, and the longest that the first of them waits for the others, in seconds.
  private static let groupSize = 256
  private static let groupPatience = 0.01

  /// What has finished, to be committed together.
  private func gather(_ first: EvaluationResult) -> [EvaluationResult] {
    var batch = [first]
    // Where points are asked for far ahead, workers go on meanwhile.
    let end = ahead > 0 ? clock() + Self.groupPatience : 0
    while batch.count < Self.groupSize && batch.count < inFlight.count {
      guard let more = evaluator.next(timeout: ahead > 0 ? max(end - clock(), 0) : 0) else { break }
      batch.append(more)
    }
    return batch
  }

  /// How many points may wait for a worker: none, unless their choice depends on no answer and they take next to no
  /// time.
  /// With one worker, none either where a second try would change the order of answers.
  private var ahead: Int {
    guard strategy is any NonAdaptiveStrategy, evaluator.capacity > 1 || policy.retries == 0 else { return 0 }
    return typicalSeconds < 0.001 ? 2 * Self.groupSize : 0
  }

  /// How many points wait for an idle worker. Of many workers an eighth, so that none waits for a fit: they are chosen
  /// without the answers of the meantime. One for each, 8 at most, where points are chosen many at once anyway, so that
  /// none waits for a commit or for the state to be stored.
  private var reserve: Int {
    let workers = evaluator.capacity
    return max(workers / 8, strategy is any BatchedStrategy && workers > 1 ? min(workers, Self.mostWaiting) : 0)
  }
  private static let mostWaiting = 8

  private func finish(_ objection: String?) throws -> Outcome {
    try storeSnapshot()
    let isSpent = answered >= store.description.budget
    let learnt = strategy.learnt
    if !learnt.isEmpty {
      // For those who want the surrogate afterwards; a study without it is whole, since `replay` learns it again.
      try? store.save(StudyStore.Snapshot(answers: answered, bytes: learnt))
    }
    if let objection, !isSpent {
      store.state = "stopped by failures"
      return .tooManyFailures(objection)
    }
    store.state = isSpent || isWaiting ? "finished" : "interrupted"
    return isSpent ? .budgetSpent : (isWaiting ? .exhausted : .stopped)
  }

  private var progress: Progress {
    Progress(
      answered: answered, inFlight: inFlight.count, budget: store.description.budget, incumbents: incumbents,
      telemetry: telemetry)
  }

  /// Fills the free workers.
  private func ask() throws {
    let target = evaluator.capacity + max(ahead, reserve)
    // By halves, so that one transaction notes many.
    guard ahead == 0 || inFlight.count <= target / 2 else { return }
    while !isWaiting && inFlight.count < target && askedCount < store.description.budget {
      let wanted = min(target - inFlight.count, store.description.budget - askedCount)
      let rows = try decide(wanted)
      for row in rows { evaluator.submit(row.request) }
      isWaiting = rows.isEmpty
    }
  }

  /// One decision of the search: up to `wanted` points, recorded, then in flight.
  func decide(_ wanted: Int) throws -> [StudyRow] {
    let proposals = try strategy.ask(wanted)
    decisionCount += 1
    let rows = proposals.enumerated().map { k, proposal in
      self.row(proposal, id: UInt64(askedCount + k + 1), decision: decisionCount)
    }
    if !strategy.telemetry.isEmpty { telemetry = strategy.telemetry }
    let decision = Decision(
      id: decisionCount, after: told, requested: wanted, proposed: proposals.count, telemetry: strategy.telemetry)
    try store.record(decision, asked: rows)
    askedCount += rows.count
    for row in rows { inFlight[row.request.id] = row }
    return rows
  }

  private func row(_ proposal: Proposal, id: UInt64, decision: Int64) -> StudyRow {
    StudyRow(
      request: EvaluationRequest(id: id, x: proposal.x, seed: seed.derived("evaluation", id).value),
      source: proposal.source, decision: decision, answer: nil, result: nil, askedAt: clock(), answeredAt: nil)
  }

  /// Commits answers, then lets the strategy learn from them; tries those that failed again.
  private func take(_ results: [EvaluationResult], isRetrying: Bool, _ onAnswer: (StudyRow) -> Void) throws {
    let now = clock()
    var answers: [(answer: Int, result: EvaluationResult)] = []
    var attempts: [Attempt] = []
    for result in results {
      guard let row = inFlight[result.id] else {
        preconditionFailure("the evaluator answered evaluation \(result.id), which was not in flight")
      }
      typicalSeconds += 0.1 * (result.wallSeconds - typicalSeconds)
      if FailurePolicy.isFailure(result.status) && row.tries < policy.retries {
        attempts.append(Attempt(id: result.id, answer: nil, result: result))
      } else {
        answers.append((told + answers.count + 1, result))
      }
    }
    try store.record(answers: answers, attempts: attempts, at: now)
    for attempt in attempts {
      guard isRetrying, let row = inFlight[attempt.id] else {
        // It stays open in the study, and `resume` tries it again.
        inFlight[attempt.id] = nil
        continue
      }
      inFlight[attempt.id]?.tries += 1
      evaluator.submit(row.request)
    }
    for (answer, result) in answers {
      guard var row = inFlight.removeValue(forKey: result.id) else { continue }
      row.answer = answer
      row.result = result
      row.answeredAt = now
      learn(row.request.x, result)
      onAnswer(row)
    }
  }

  func learn(_ x: [Double], _ result: EvaluationResult, isFinal: Bool = true) {
    told += 1
    isWaiting = false
    if isFinal { incumbents.add(x: x, result) }
    strategy.tell(Observation(x: x, result: result))
  }
}
