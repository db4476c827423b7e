import CDMOHost
import DMOCore
import Foundation
import GRDB
import Glibc

/// A study's file: one SQLite database with what was asked for and every evaluation.
///
/// Promise: when `record(answers:)` returns, the answers are on disk (`synchronous=FULL`) and survive the death of
/// dmo and
/// the loss of power; what was asked survives the death of dmo from the moment it is recorded, and a loss of power from
/// the next answer on. Any number of readers may open the file while it is written; a second writer is refused.
public final class StudyStore {
  public let path: String
  public internal(set) var description: StudyDescription
  let layout: StudyLayout
  let database: DatabaseQueue
  let mode: StorageMode
  /// What the file was when it was opened: another one may take its name.
  private let identity: (device: dev_t, inode: ino_t)
  private var lock: StudyLock?
  /// The schema of the file: smaller than the current one only when it was opened for reading.
  let version: Int

  private init(
    path: String, description: StudyDescription, database: DatabaseQueue, mode: StorageMode, lock: StudyLock?,
    version: Int = StudyStore.schemaVersion
  ) {
    self.path = path
    self.description = description
    self.database = database
    self.mode = mode
    self.lock = lock
    self.version = version
    var information = stat()
    stat(path, &information)
    identity = (information.st_dev, information.st_ino)
    layout = StudyLayout(description.spec, storeObserved: description.storeObserved)
  }

  private static func connect(_ path: String, readOnly: Bool, mode: StorageMode? = nil) throws -> DatabaseQueue {
    var configuration = Configuration()
    configuration.readonly = readOnly
    configuration.busyMode = .timeout(10)
    configuration.prepareDatabase { db in
      guard let mode, !readOnly else { return }
      _ = try String.fetchOne(db, sql: "PRAGMA journal_mode = \(mode == .wal ? "WAL" : "DELETE")")
      try db.execute(sql: "PRAGMA synchronous = \(mode == .wal ? "FULL" : "EXTRA")")
    }
    return try DatabaseQueue(path: path, configuration: configuration)
  }

  /// Makes a new study.
  /// - Parameters:
  ///   - path: a file that does not exist yet.
  ///   - description: what is asked for: the problem, the search, the budget, the seed.
  ///   - mode: nil: what the file system bears.
  /// - Throws: `StudyError.exists`, `.locked`, `.unwritable`.
  public static func create(path: String, _ description: StudyDescription, mode: StorageMode? = nil) throws -> StudyStore {
    func exists() -> StudyError {
      StudyError(
        .exists, path: path, detail: "a file of that name exists",
        hint: "go on with it by `dmo resume \(path)`, or choose another name with --study")
    }
    if access(path, F_OK) == 0 { throw exists() }
    let lock = try StudyLock(study: path)
    // Made beside and then linked: whoever finds the name finds a whole study, and no file is ever overwritten.
    let draft = path + ".new"
    let remove = { for suffix in ["", "-journal"] { unlink(draft + suffix) } }
    remove()
    defer { remove() }
    do {
      let made = StudyStore(
        path: draft, description: description, database: try connect(draft, readOnly: false, mode: .rollback),
        mode: .rollback, lock: nil)
      try made.database.write { db in try made.createTables(db) }
      try made.database.close()
      // Some file systems have no links; two dmos that choose one name there are told apart by the lock.
      if link(draft, path) != 0 {
        let cause = errno
        if cause == EEXIST { throw exists() }
        guard [EPERM, ENOTSUP, ENOSYS, EMLINK].contains(cause), access(path, F_OK) != 0, rename(draft, path) == 0 else {
          throw StudyError(
            .unwritable, path: path, detail: "cannot be written: \(String(cString: strerror(cause)))",
            hint: "choose a folder you may write to with --study")
        }
      }
      syncFolder(of: path)
      let mode = mode ?? .suitable(for: path)
      let database = try connect(path, readOnly: false, mode: mode)
      return StudyStore(path: path, description: description, database: database, mode: mode, lock: lock)
    } catch {
      throw error as? StudyError ?? unwritable(path, error)
    }
  }

  /// Makes a name that was given survive a loss of power.
  private static func syncFolder(of path: String) {
    let fd = dmo_open_reading(path.lastIndex(of: "/").map { String(path[...$0]) } ?? ".")
    guard fd >= 0 else { return }
    fsync(fd)
    Glibc.close(fd)
  }

  /// What SQLite's refusal of a write means for the user.
  static func unwritable(_ path: String, _ error: any Error) -> StudyError {
    let kept = "everything recorded before is kept"
    guard let error = error as? DatabaseError else {
      return StudyError(.unwritable, path: path, detail: "cannot be written: \(error)", hint: kept)
    }
    let go = "then go on with `dmo resume \(path)`: \(kept)"
    switch error.resultCode {
    case .SQLITE_FULL:
      return StudyError(
        .unwritable, path: path, detail: "cannot be written: the disk is full", hint: "make room, \(go)")
    case .SQLITE_IOERR:
      return StudyError(
        .unwritable, path: path, detail: "cannot be written: the disk reported an error (\(error.extendedResultCode))",
        hint: "check the disk and its free space (dmesg, df), \(go)")
    case .SQLITE_READONLY, .SQLITE_CANTOPEN, .SQLITE_PERM:
      return StudyError(
        .unwritable, path: path, detail: "cannot be written: \(error.message ?? "\(error.extendedResultCode)")",
        hint: "the folder, too, must be writable: SQLite keeps its log there; \(kept)")
    case .SQLITE_BUSY, .SQLITE_LOCKED:
      return StudyError(
        .unwritable, path: path, detail: "another program keeps the file locked",
        hint: "close the program that reads it, \(go)")
    case .SQLITE_CORRUPT, .SQLITE_NOTADB:
      return StudyError(
        .notAStudy, path: path, detail: "is damaged: \(error.message ?? "\(error.extendedResultCode)")",
        hint: "`dmo check \(path)` says what is left; restore a copy")
    default:
      return StudyError(.unwritable, path: path, detail: "cannot be written: \(error)", hint: kept)
    }
  }

  /// Opens a study; one of an older schema is brought up to date when it is opened for writing.
  /// - Throws: `StudyError.missing`, `.notAStudy`, `.newer`, `.locked`, `.unwritable`.
  public static func open(path: String, readOnly: Bool = true, mode: StorageMode? = nil) throws -> StudyStore {
    try examine(path, readOnly: readOnly)
    // Before anything is written, so before another program is known not to write.
    let reading = try connectToRead(path)
    var (version, description) = try describe(reading, path)
    if readOnly {
      return StudyStore(
        path: path, description: description, database: reading, mode: .wal, lock: nil, version: version)
    }
    try reading.close()
    let lock = try StudyLock(study: path)
    let mode = mode ?? .suitable(for: path)
    do {
      let database = try connect(path, readOnly: false, mode: mode)
      // Again under the lock: a dmo that ended just now may have written.
      (version, description) = try describe(database, path)
      if version < schemaVersion { try database.write { db in try migrate(db, from: version) } }
      return StudyStore(path: path, description: description, database: database, mode: mode, lock: lock)
    } catch let error as StudyError {
      throw error
    } catch { throw unwritable(path, error) }
  }

  private static func foreign(_ path: String, _ why: String) -> StudyError {
    StudyError(
      .notAStudy, path: path, detail: "is not a dmo study (\(why))", hint: "`dmo list` shows the studies of a folder")
  }

  private static func examine(_ path: String, readOnly: Bool) throws {
    var information = stat()
    guard stat(path, &information) == 0 else {
      throw StudyError(
        .missing, path: path, detail: String(cString: strerror(errno)).lowercased(),
        hint: "`dmo list` shows the studies of a folder")
    }
    guard information.st_mode & S_IFMT == S_IFREG else { throw foreign(path, "not a regular file") }
    guard information.st_size > 0 else { throw foreign(path, "the file is empty") }
    if access(path, readOnly ? R_OK : W_OK) != 0 {
      throw StudyError(
        .unwritable, path: path,
        detail: "cannot be \(readOnly ? "read" : "written"): \(String(cString: strerror(errno)))",
        hint: "copy it to a place you may \(readOnly ? "read" : "write to")")
    }
  }

  /// A connection for reading. Where a dmo died within a transaction, what it left half done is taken back first,
  /// before
  /// anyone can read; in a folder that cannot be written, the file is read as one that nobody changes.
  private static func connectToRead(_ path: String) throws -> DatabaseQueue {
    func connected(_ name: String, readOnly: Bool = true) throws -> DatabaseQueue {
      let database = try connect(name, readOnly: readOnly)
      _ = try database.read { db in try Int.fetchOne(db, sql: "SELECT count(*) FROM sqlite_master") }
      return database
    }
    do { return try connected(path) } catch let error as DatabaseError
      where [.SQLITE_CANTOPEN, .SQLITE_READONLY].contains(error.resultCode)
    {
      do {
        guard access(path + "-wal", F_OK) != 0, access(path + "-journal", F_OK) != 0 else {
          try connected(path, readOnly: false).close()
          return try connected(path)
        }
        let escaped = path.addingPercentEncoding(withAllowedCharacters: .urlPathAllowed) ?? path
        return try connected("file:\(escaped)?immutable=1")
      } catch let error as DatabaseError where [.SQLITE_CANTOPEN, .SQLITE_READONLY].contains(error.resultCode) {
        throw StudyError(
          .unwritable, path: path, detail: "was not closed, and its folder cannot be written",
          hint: "copy it, with the files beside it, to a place you may write to")
      } catch { throw foreign(path, "\(error)") }
    } catch { throw foreign(path, "\(error)") }
  }

  private static func describe(_ database: DatabaseQueue, _ path: String) throws -> (Int, StudyDescription) {
    do {
      return try database.read { db in
        guard try Int.fetchOne(db, sql: "PRAGMA application_id") == applicationID else {
          throw foreign(path, "an SQLite file of another program")
        }
        let version = try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
        guard version <= schemaVersion else {
          throw StudyError(
            .newer, path: path, detail: "was written by a newer dmo (schema \(version); this one reads \(schemaVersion))",
            hint: "update dmo")
        }
        guard let text = try String.fetchOne(db, sql: "SELECT value FROM study WHERE key = 'description'") else {
          throw foreign(path, "its description is missing")
        }
        return (version, try JSONDecoder().decode(StudyDescription.self, from: Data(text.utf8)))
      }
    } catch let error as StudyError {
      throw error
    } catch { throw foreign(path, "\(error)") }
  }

  /// Whether the name still leads to the file that was opened: SQLite would go on writing to one that was removed.
  /// - Throws: `StudyError.removed`.
  func checkIdentity() throws {
    var information = stat()
    if stat(path, &information) == 0, information.st_ino == identity.inode, information.st_dev == identity.device { return }
    let rescue = path + ".rescued"
    let isSaved = (try? database.writeWithoutTransaction { try $0.execute(sql: "VACUUM INTO ?", arguments: [rescue]) }) != nil
    throw StudyError(
      .removed, path: path, detail: "was removed or replaced while it was written",
      hint: isSaved ? "what was recorded is saved in \(rescue)" : "restore a copy")
  }

  /// Changes what the study asks for, such as its budget. - Throws: `StudyError.unwritable`.
  public func update(_ change: (inout StudyDescription) -> Void) throws {
    change(&description)
    try writing { db in try writeDescription(db) }
  }

  /// As `update`, in one transaction with making every evaluation one from outside: a search that is rebuilt learns
  /// them all and begins anew, as another problem needs. - Throws: `StudyError.unwritable`.
  public func restart(_ change: (inout StudyDescription) -> Void) throws {
    change(&description)
    try writing { db in
      try db.execute(sql: "UPDATE decisions SET requested = 0; DELETE FROM search_state")
      try writeDescription(db)
    }
  }

  func writing(_ body: (Database) throws -> Void) throws {
    try checkIdentity()
    do { try database.write(body) } catch { throw Self.unwritable(path, error) }
  }

  /// A word on how things stand: `running`, `finished`, `interrupted`.
  public var state: String {
    get {
      let word = (try? database.read { try String.fetchOne($0, sql: "SELECT value FROM study WHERE key = 'state'") }) ?? "new"
      // Killed before it could say so.
      return word == "running" && lock == nil && StudyLock.holder(study: path) == nil ? "interrupted" : word
    }
    set {
      // Only for people: a study whose state could not be written is still whole.
      try? database.write { try $0.execute(sql: "INSERT OR REPLACE INTO study VALUES ('state', ?)", arguments: [newValue]) }
    }
  }

  /// Folds the log into the one file, which then needs no other beside it, and closes it. Where readers have it open,
  /// the last of them does so.
  public func close() {
    if lock != nil {
      database.writeWithoutTransaction { db in
        try? db.execute(sql: "PRAGMA busy_timeout = 200")
        _ = try? db.checkpoint(.truncate)
        _ = try? String.fetchOne(db, sql: "PRAGMA journal_mode = DELETE")
      }
    }
    try? database.close()
    lock = nil
  }
}
