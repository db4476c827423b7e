import DMOCore
import DMOSearch
import Foundation
import GRDB

extension StudyRunner {
  /// Rebuilds the strategy's state from a stored study: from its last snapshot where the strategy stores its state,
  /// and by
  /// asking and telling in the recorded order after it, or from the start. Puts what was in flight back to work with
  /// the
  /// same numbers and seeds.
  ///
  /// - Returns: the first evaluation that this build would have proposed otherwise (another library or processor), or
  /// nil.
  ///   The study goes on either way: what was simulated stands.
  /// - Complexity: that of the search itself after the snapshot, without the simulations.
  public func replay() throws -> UInt64? {
    let (deviation, open) = try store.reading { db in
      (try replay(db, from: try restore(store.searchState(db), db)), try openRows(db))
    }
    for row in open {
      inFlight[row.request.id] = row
      evaluator.submit(row.request)
    }
    return deviation
  }

  /// Brings the strategy to a snapshot's state. - Returns: nil when it must be replayed from the start.
  private func restore(_ snapshot: SearchState?, _ db: Database) throws -> SearchState? {
    guard let snapshot, let state = snapshot.state, var storable = strategy as? any StorableStrategy,
      snapshot.format == Self.format(of: storable)
    else { return nil }
    // A state that cannot be read costs a replay, no more.
    guard (try? storable.restore([UInt8](state))) != nil else { return nil }
    strategy = storable
    incumbents = try store.incumbents(db, at: snapshot)
    stateBytes = state.count
    (told, snapshotAt, decisionCount) = (snapshot.told, snapshot.told, snapshot.decision)
    askedCount = Int(snapshot.asked)
    return snapshot
  }

  private func replay(_ db: Database, from snapshot: SearchState?) throws -> UInt64? {
    let retold = try store.toldAttempts(db)
    let nextAnswer = try store.cursor(db, "WHERE _answer > ? ORDER BY _answer", [told])
    let nextAsked = try store.cursor(db, "WHERE _id > ? ORDER BY _id", [askedCount])
    let nextDecision = try store.decisionCursor(db, after: decisionCount)
    var pending = try nextAnswer()
    /// Tells the next answer. - Returns: false when there is none.
    func tell() throws -> Bool {
      if let early = retold[told + 1] {
        guard let row = try store.cursor(db, "WHERE _id = ?", [Int64(bitPattern: early.id)])() else { return false }
        learn(row.request.x, early, isFinal: false)
        return true
      }
      guard let row = pending, let result = row.result else { return false }
      learn(row.request.x, result)
      pending = try nextAnswer()
      return true
    }
    var deviation: UInt64?
    while let decision = try nextDecision() {
      while told < decision.after, try tell() {}
      // Points from outside were never asked of the search.
      let isOutside = decision.requested == 0
      let proposals = isOutside ? [] : try strategy.ask(decision.requested)
      for k in 0..<max(proposals.count, decision.proposed) {
        guard k < decision.proposed, let row = try nextAsked() else { break }
        let same = isOutside || k < proposals.count && proposals[k].x == row.request.x
        if !same && deviation == nil { deviation = row.request.id }
      }
      decisionCount = decision.id
      askedCount += decision.proposed
    }
    while try tell() {}
    return deviation
  }

  /// What was asked and not answered, with the tries behind it.
  private func openRows(_ db: Database) throws -> [StudyRow] {
    var open: [StudyRow] = []
    try store.visit(db, "WHERE _answer IS NULL ORDER BY _id", []) { open.append($0) }
    for k in open.indices { open[k].tries = try store.tries(db, of: open[k].request.id) }
    return open
  }

  /// SQLite takes no more than 1e9 bytes at once; such a search is replayed.
  private static let largestState = 1 << 29

  /// Stores how far the study has come, with the strategy's state where it can be stored.
  func storeSnapshot() throws {
    guard told > snapshotAt else { return }
    snapshotAt = told
    let storable = strategy as? any StorableStrategy
    var state = try storable.map { Data(try $0.state()) }
    stateBytes = state?.count ?? 0
    if stateBytes > Self.largestState { state = nil }
    try store.record(
      SearchState(
        decision: decisionCount, told: told, asked: UInt64(askedCount), digest: incumbents.digest,
        format: storable.map(Self.format), state: state))
  }

  /// States of another version of dmo are not read: it may decide otherwise.
  private static func format(of strategy: any StorableStrategy) -> String {
    "\(type(of: strategy).stateFormat) dmo \(Version.current)"
  }
}
