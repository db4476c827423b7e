import DMOCore
import Foundation
import GRDB

extension StudyStore {
  /// What a search had learnt, as bytes for `SurrogateTrainer.restore`.
  public struct Snapshot: Equatable, Sendable {
    /// Answers that the study had when it was kept.
    public var answers: Int
    public var bytes: [UInt8]
    public init(answers: Int, bytes: [UInt8]) {
      self.answers = answers
      self.bytes = bytes
    }
  }

  /// Keeps the latest snapshot in the place of the one before: a network's weights may be larger than all answers.
  /// - Throws: `StudyError.unwritable`.
  public func save(_ snapshot: Snapshot) throws {
    do {
      try database.write { db in
        // Made when first needed, so that a study without one is as it was.
        try db.execute(
          sql: "CREATE TABLE IF NOT EXISTS snapshot (id INTEGER PRIMARY KEY CHECK (id = 1), answers INTEGER NOT NULL, "
            + "bytes BLOB NOT NULL)")
        try db.execute(
          sql: "INSERT OR REPLACE INTO snapshot VALUES (1, ?, ?)",
          arguments: [snapshot.answers, Data(snapshot.bytes)])
      }
    } catch { throw Self.unwritable(path, error) }
  }

  /// The latest snapshot; nil when none was kept. - Throws: `StudyError.notAStudy` on a damaged file.
  public func snapshot() throws -> Snapshot? {
    try damageChecked {
      try database.read { db in
        guard try db.tableExists("snapshot") else { return nil }
        return try Row.fetchOne(db, sql: "SELECT answers, bytes FROM snapshot").map { row in
          let bytes: Data = row["bytes"]
          return Snapshot(answers: row["answers"], bytes: [UInt8](bytes))
        }
      }
    }
  }
}
