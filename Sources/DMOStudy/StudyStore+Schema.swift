import DMOCore
import Foundation
import GRDB

extension StudyStore {
  /// Grows with the tables; a file with a larger number is refused, one with a smaller is brought up to date when it is
  /// opened for writing.
  ///
  /// 1: the first. 2: tries that were followed by another (`attempts`), the state of the search (`search_state`),
  /// room that an
  /// evaluation's row keeps for its answer (`_room`).
  static let schemaVersion = 2
  /// "dmo1" in SQLite's application_id, so that `file` and dmo tell a study from any other database.
  static let applicationID = 0x646D_6F31

  func createTables(_ db: Database) throws {
    try db.execute(sql: "PRAGMA application_id = \(Self.applicationID)")
    try db.execute(sql: "PRAGMA user_version = \(Self.schemaVersion)")
    try db.execute(sql: "CREATE TABLE study (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT")
    try db.execute(
      sql: """
        CREATE TABLE decisions (id INTEGER PRIMARY KEY, after INTEGER NOT NULL, requested INTEGER NOT NULL,
          proposed INTEGER NOT NULL, telemetry TEXT)
        """)
    let own = [
      "_id INTEGER PRIMARY KEY", "_decision INTEGER NOT NULL", "_source TEXT NOT NULL", "_seed INTEGER NOT NULL",
      "_fidelity INTEGER NOT NULL", "_asked_at REAL NOT NULL", "_answer INTEGER UNIQUE", "_status TEXT",
      "_message TEXT", "_cost REAL", "_wall REAL", "_worker INTEGER", "_answered_at REAL", "_printed TEXT",
    ]
    let all = own + layout.definitions + ["_room BLOB"]
    try db.execute(sql: "CREATE TABLE evaluations (\(all.joined(separator: ", ")))")
    try Self.createTablesOfVersion2(db)
    try writeDescription(db)
  }

  private static func createTablesOfVersion2(_ db: Database) throws {
    try db.execute(
      sql: """
        CREATE TABLE attempts (id INTEGER NOT NULL, answer INTEGER, status TEXT NOT NULL, message TEXT, cost REAL,
          wall REAL, worker INTEGER, answered_at REAL, printed TEXT)
        """)
    try db.execute(sql: "CREATE INDEX attempts_of ON attempts (id)")
    try db.execute(
      sql: """
        CREATE TABLE search_state (id INTEGER PRIMARY KEY CHECK (id = 1), decision INTEGER NOT NULL, told INTEGER NOT NULL,
          asked INTEGER NOT NULL, digest TEXT NOT NULL, format TEXT, state BLOB)
        """)
  }

  /// Brings a file of an older dmo up to date: all of it in one transaction, or nothing.
  static func migrate(_ db: Database, from version: Int) throws {
    if version < 2 {
      try db.execute(sql: "ALTER TABLE evaluations ADD COLUMN _room BLOB")
      try createTablesOfVersion2(db)
    }
    try db.execute(sql: "PRAGMA user_version = \(schemaVersion)")
  }

  func writeDescription(_ db: Database) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    let text = String(decoding: try encoder.encode(description), as: UTF8.self)
    try db.execute(sql: "INSERT OR REPLACE INTO study VALUES ('description', ?)", arguments: [text])
  }
}
