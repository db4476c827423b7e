import DMOCore
import DMOSearch
import DMOWorker

/// Drives one study: ask, evaluate, commit, learn.
///
/// Each answer is on disk before the strategy hears of it. What the strategy proposes is a function of the study's seed and
/// of the order of answers, which is recorded; replaying that order rebuilds its state.
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
  private let evaluator: any Evaluator
  private var strategy: any SearchStrategy
  private let clock: () -> Double
  private let seed: Seed

  public private(set) var incumbents: Incumbents
  private var inFlight: [UInt64: StudyRow] = [:]
  private var answered = 0
  private var askedCount = 0
  private var decisionCount: Int64 = 0
  private var telemetry: [String: Double] = [:]
  /// The strategy offered nothing and waits for an answer. Asking again before one came would make its decisions depend on
  /// how often the loop turned, so on the clock.
  private var isWaiting = false

  /// - Parameter clock: seconds since 1970; only ever recorded, never decided by.
  public init(
    store: StudyStore, evaluator: any Evaluator, strategy: any SearchStrategy, clock: @escaping () -> Double
  ) {
    self.store = store
    self.evaluator = evaluator
    self.strategy = strategy
    self.clock = clock
    seed = store.description.seed
    incumbents = Incumbents(goals: store.description.goals)
  }

  /// Runs until the budget is spent or the caller wants it otherwise.
  /// - Parameters:
  ///   - request: asked between answers, at least ten times a second.
  ///   - onAnswer: each committed evaluation, in the order of answers.
  ///   - onProgress: called at least ten times a second.
  /// - Throws: `StudyError.unwritable`; whatever the strategy throws.
  public func run(
    request: () -> Request = { .goOn }, onAnswer: (StudyRow) -> Void = { _ in }, onProgress: (Progress) -> Void = { _ in }
  ) throws -> Outcome {
    store.state = "running"
    while true {
      let wish = request()
      if wish == .abandon {
        store.state = "interrupted"
        return .abandoned
      }
      if wish == .goOn { try ask() }
      if inFlight.isEmpty { return finish() }
      guard let first = evaluator.next(timeout: 0.1) else {
        onProgress(progress)
        continue
      }
      var batch = [first]
      while batch.count < 256, let more = evaluator.next(timeout: 0) { batch.append(more) }
      try take(batch, onAnswer)
      onProgress(progress)
    }
  }

  private func finish() -> Outcome {
    let isSpent = answered >= store.description.budget
    let learnt = strategy.learnt
    if !learnt.isEmpty {
      // For those who want the surrogate afterwards; a study without it is whole, since `replay` learns it again.
      try? store.save(StudyStore.Snapshot(answers: answered, bytes: learnt))
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
    while !isWaiting && inFlight.count < evaluator.capacity && askedCount < store.description.budget {
      let wanted = min(evaluator.capacity - inFlight.count, store.description.budget - askedCount)
      let proposals = try strategy.ask(wanted)
      decisionCount += 1
      let rows = proposals.enumerated().map { k, proposal in
        self.row(proposal, id: UInt64(askedCount + k + 1), decision: decisionCount)
      }
      if !strategy.telemetry.isEmpty { telemetry = strategy.telemetry }
      let decision = Decision(
        id: decisionCount, after: answered, requested: wanted, proposed: proposals.count,
        telemetry: strategy.telemetry)
      try store.record(decision, asked: rows)
      askedCount += rows.count
      for row in rows {
        inFlight[row.request.id] = row
        evaluator.submit(row.request)
      }
      isWaiting = proposals.isEmpty
    }
  }

  private func row(_ proposal: Proposal, id: UInt64, decision: Int64) -> StudyRow {
    StudyRow(
      request: EvaluationRequest(id: id, x: proposal.x, seed: seed.derived("evaluation", id).value),
      source: proposal.source, decision: decision, answer: nil, result: nil, askedAt: clock(), answeredAt: nil)
  }

  /// Commits answers, then lets the strategy learn from them.
  private func take(_ results: [EvaluationResult], _ onAnswer: (StudyRow) -> Void) throws {
    let now = clock()
    let answers = results.enumerated().map { (answer: answered + $0.offset + 1, result: $0.element) }
    try store.record(answers: answers, at: now)
    for (answer, result) in answers {
      guard var row = inFlight.removeValue(forKey: result.id) else {
        preconditionFailure("the evaluator answered evaluation \(result.id), which was not in flight")
      }
      row.answer = answer
      row.result = result
      row.answeredAt = now
      learn(row.request.x, result)
      onAnswer(row)
    }
  }

  private func learn(_ x: [Double], _ result: EvaluationResult) {
    answered += 1
    isWaiting = false
    incumbents.add(x: x, result)
    strategy.tell(Observation(x: x, result: result))
  }
}

extension StudyRunner {
  /// Rebuilds the strategy's state from a stored study by asking and telling in the recorded order, and puts what was in
  /// flight back to work with the same numbers and seeds.
  ///
  /// - Returns: the first evaluation that this build would have proposed otherwise (another library or processor), or nil.
  ///   The study goes on either way: what was simulated stands.
  /// - Complexity: that of the search itself, without the simulations.
  public func replay() throws -> UInt64? {
    let rows = try store.rows()
    let decisions = try store.decisions()
    var answers = rows.filter { $0.answer != nil }.sorted { $0.answer! < $1.answer! }[...]
    var asked = rows[...]
    var deviation: UInt64?
    for decision in decisions {
      while answered < decision.after, let row = answers.popFirst(), let result = row.result {
        learn(row.request.x, result)
      }
      let proposals = try strategy.ask(decision.requested)
      let stored = asked.prefix(decision.proposed)
      asked = asked.dropFirst(stored.count)
      if deviation == nil, proposals.map(\.x) != stored.map(\.request.x) {
        deviation = stored.first?.request.id
      }
    }
    while let row = answers.popFirst(), let result = row.result { learn(row.request.x, result) }
    decisionCount = decisions.last?.id ?? 0
    askedCount = rows.count
    for row in rows where row.answer == nil {
      inFlight[row.request.id] = row
      evaluator.submit(row.request)
    }
    return deviation
  }
}
