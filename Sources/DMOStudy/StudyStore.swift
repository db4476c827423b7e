import DMOCore
import Foundation
import GRDB
import Glibc

/// A study's file: one SQLite database with what was asked for and every evaluation.
///
/// Promise: when `record` returns, the answers are on disk (WAL, `synchronous=FULL`) and survive the death of dmo and the
/// loss of power. Any number of readers may open the file while it is written.
public final class StudyStore {
  /// Grows with the tables; a file with a larger number is refused.
  static let schemaVersion = 1
  /// "dmo1" in SQLite's application_id, so that `file` and dmo tell a study from any other database.
  static let applicationID = 0x646D_6F31

  public let path: String
  public private(set) var description: StudyDescription
  let layout: StudyLayout
  let database: DatabasePool

  private init(path: String, description: StudyDescription, database: DatabasePool) {
    self.path = path
    self.description = description
    self.database = database
    layout = StudyLayout(description.spec, storeObserved: description.storeObserved)
  }

  private static func configuration(readOnly: Bool) -> Configuration {
    var configuration = Configuration()
    configuration.readonly = readOnly
    configuration.busyMode = .timeout(10)
    configuration.prepareDatabase { db in
      if !readOnly { try db.execute(sql: "PRAGMA synchronous = FULL") }
    }
    return configuration
  }

  /// Makes a new study. - Throws: `StudyError.exists`, `.unwritable`.
  public static func create(path: String, _ description: StudyDescription) throws -> StudyStore {
    // O_EXCL: of two processes that pick the same name one fails, and no file is ever overwritten.
    let file = Glibc.open(path, O_CREAT | O_EXCL | O_RDWR, 0o644)
    guard file >= 0 else {
      let cause = errno
      if cause == EEXIST {
        throw StudyError(
          .exists, path: path, detail: "a file of that name exists",
          hint: "go on with it by `dmo resume \(path)`, or choose another name with --study")
      }
      throw StudyError(
        .unwritable, path: path, detail: "cannot be written: \(String(cString: strerror(cause)))",
        hint: "choose a folder you may write to with --study")
    }
    Glibc.close(file)
    do {
      let database = try DatabasePool(path: path, configuration: configuration(readOnly: false))
      let store = StudyStore(path: path, description: description, database: database)
      try database.write { db in try store.createTables(db) }
      return store
    } catch {
      for suffix in ["", "-wal", "-shm"] { unlink(path + suffix) }
      throw unwritable(path, error)
    }
  }

  static func unwritable(_ path: String, _ error: any Error) -> StudyError {
    StudyError(
      .unwritable, path: path, detail: "cannot be written: \(error)",
      hint: "check the disk's free space and the folder's permissions; everything recorded before is kept")
  }

  private func createTables(_ db: Database) throws {
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
    try db.execute(sql: "CREATE TABLE evaluations (\((own + layout.definitions).joined(separator: ", ")))")
    try writeDescription(db)
  }

  private func writeDescription(_ db: Database) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    let text = String(decoding: try encoder.encode(description), as: UTF8.self)
    try db.execute(sql: "INSERT OR REPLACE INTO study VALUES ('description', ?)", arguments: [text])
  }

  /// Opens a study. - Throws: `StudyError.missing`, `.notAStudy`, `.newer`, `.unwritable`.
  public static func open(path: String, readOnly: Bool = true) throws -> StudyStore {
    var information = stat()
    guard stat(path, &information) == 0 else {
      throw StudyError(.missing, path: path, detail: "no such file", hint: "`dmo list` shows the studies of a folder")
    }
    func foreign(_ why: String) -> StudyError {
      StudyError(.notAStudy, path: path, detail: "is not a dmo study (\(why))", hint: "`dmo list` shows the studies of a folder")
    }
    guard information.st_mode & S_IFMT == S_IFREG else { throw foreign("not a regular file") }
    guard information.st_size > 0 else { throw foreign("the file is empty") }
    if !readOnly && access(path, W_OK) != 0 {
      throw StudyError(
        .unwritable, path: path, detail: "cannot be written: \(String(cString: strerror(errno)))",
        hint: "copy it to a place you may write to")
    }
    do {
      let database = try DatabasePool(path: path, configuration: configuration(readOnly: readOnly))
      let description = try database.read { db -> StudyDescription in
        guard try Int.fetchOne(db, sql: "PRAGMA application_id") == applicationID else {
          throw foreign("an SQLite file of another program")
        }
        let version = try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
        guard version <= schemaVersion else {
          throw StudyError(
            .newer, path: path, detail: "was written by a newer dmo (schema \(version); this one reads \(schemaVersion))",
            hint: "update dmo")
        }
        guard let text = try String.fetchOne(db, sql: "SELECT value FROM study WHERE key = 'description'") else {
          throw foreign("its description is missing")
        }
        return try JSONDecoder().decode(StudyDescription.self, from: Data(text.utf8))
      }
      return StudyStore(path: path, description: description, database: database)
    } catch let error as StudyError {
      throw error
    } catch {
      throw foreign("\(error)")
    }
  }

  /// Changes what the study asks for, such as its budget. - Throws: `StudyError.unwritable`.
  public func update(_ change: (inout StudyDescription) -> Void) throws {
    change(&description)
    do { try database.write { db in try writeDescription(db) } } catch { throw Self.unwritable(path, error) }
  }

  /// A word on how things stand: `running`, `finished`, `interrupted`.
  public var state: String {
    get { (try? database.read { try String.fetchOne($0, sql: "SELECT value FROM study WHERE key = 'state'") }) ?? "new" }
    set {
      // Only for people: a study whose state could not be written is still whole.
      try? database.write { try $0.execute(sql: "INSERT OR REPLACE INTO study VALUES ('state', ?)", arguments: [newValue]) }
    }
  }

  /// Folds the write-ahead log into the one file and closes it.
  public func close() {
    database.writeWithoutTransaction { db in _ = try? db.checkpoint(.truncate) }
    try? database.close()
  }
}
