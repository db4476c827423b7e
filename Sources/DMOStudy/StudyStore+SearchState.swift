import DMOCore
import Foundation
import GRDB

/// How far a study had come at some moment: what comes after it is enough to go on from there.
struct SearchState {
  /// The last decision that is part of it, the answers told, the points asked for.
  var decision: Int64
  var told: Int
  var asked: UInt64
  var digest: IncumbentDigest
  /// What the strategy says it needs, and which dmo wrote it; nil: it must be replayed.
  var format: String?
  var state: Data?
}

extension StudyStore {
  /// - Throws: `StudyError.unwritable`.
  func record(_ snapshot: SearchState) throws {
    let digest = String(decoding: (try? JSONEncoder().encode(snapshot.digest)) ?? Data(), as: UTF8.self)
    try writing { db in
      try db.execute(
        sql: "INSERT OR REPLACE INTO search_state VALUES (1, ?, ?, ?, ?, ?, ?)",
        arguments: [
          snapshot.decision, snapshot.told, Int64(snapshot.asked), digest, snapshot.format, snapshot.state,
        ])
    }
  }

  /// Nil when there is none, or none that this dmo understands.
  func searchState(_ db: Database) throws -> SearchState? {
    guard version >= 2 else { return nil }
    return try damageChecked {
      guard let row = try Row.fetchOne(db, sql: "SELECT * FROM search_state"),
        let digest = try? JSONDecoder().decode(IncumbentDigest.self, from: Data((row["digest"] as String).utf8))
      else { return nil }
      return SearchState(
        decision: row["decision"], told: row["told"], asked: UInt64(bitPattern: row["asked"] as Int64), digest: digest,
        format: row["format"], state: row["state"])
    }
  }

  /// The best points and the counts by status.
  /// - Complexity: O(answers since the last snapshot · front)
  public func incumbents() throws -> Incumbents {
    try reading { db in
      let snapshot = try searchState(db)
      var incumbents = try incumbents(db, at: snapshot)
      try visit(db, "WHERE _answer > ? ORDER BY _answer", [snapshot?.told ?? 0]) { row in
        if let result = row.result { incumbents.add(x: row.request.x, result) }
      }
      return incumbents
    }
  }

  /// The incumbents as they were at a snapshot; none without one.
  func incumbents(_ db: Database, at snapshot: SearchState?) throws -> Incumbents {
    guard let snapshot else { return Incumbents(goals: description.goals) }
    return try Incumbents(goals: description.goals, snapshot.digest) { id in
      let row = try cursor(db, "WHERE _id = ?", [Int64(bitPattern: id)])()
      return row.flatMap { row in row.result.map { (row.request.x, $0) } }
    }
  }

  /// Evaluations that gave no answer, grouped by status and message, the most frequent first.
  public func failures() throws -> [FailureTable.Group] { try incumbents().failures.sorted }
}
