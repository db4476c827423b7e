import DMOCore
import Foundation
import GRDB

extension StudyStore {
  /// Notes one `ask` and the points it gave, before they run. With a write-ahead log it survives the death of dmo at
  /// once
  /// and a loss of power with the next answer: a point that was lost with its `ask` is asked again the same.
  /// - Throws: `StudyError.unwritable`.
  func record(_ decision: Decision, asked rows: [StudyRow]) throws {
    try synchronising(false)
    try writing { db in
      let telemetry: String? =
        decision.telemetry.isEmpty
        ? nil : String(decoding: try JSONEncoder.study.encode(decision.telemetry), as: UTF8.self)
      let noted = try db.cachedStatement(sql: "INSERT INTO decisions VALUES (?, ?, ?, ?, ?)")
      try noted.execute(
        arguments: [decision.id, decision.after, decision.requested, decision.proposed, telemetry])
      guard !rows.isEmpty else { return }
      let own = ["_id", "_decision", "_source", "_seed", "_fidelity", "_asked_at"]
      let names = own + layout.parameters.columns.map(StudyLayout.quoted)
      let marks = names.map { _ in "?" }.joined(separator: ", ")
      // The room makes sure that the answer fits where the row lies: rows that grow leave half-empty pages.
      let statement = try db.cachedStatement(
        sql: """
          INSERT INTO evaluations (\(names.joined(separator: ", ")), _room) \
          VALUES (\(marks), zeroblob(\(layout.answerBytes)))
          """)
      for row in rows {
        let id = Int64(row.request.id)
        let seed = Int64(bitPattern: row.request.seed)
        var arguments: [(any DatabaseValueConvertible)?] = [
          id, row.decision, row.source, seed, Int64(row.request.fidelity), row.askedAt,
        ]
        arguments += Self.encoded(layout.parameters, row.request.x)
        try statement.execute(arguments: StatementArguments(arguments))
      }
    }
  }

  /// Commits answers, in the order in which they will be learnt from, and failed tries that are followed by others; one
  /// transaction, on disk when this returns. - Throws: `StudyError.unwritable`.
  func record(answers: [(answer: Int, result: EvaluationResult)], attempts: [Attempt] = [], at time: Double) throws {
    try synchronising(true)
    try writing { db in
      for attempt in attempts { try Self.insert(attempt, at: time, db) }
      let own = ["_answer", "_status", "_message", "_cost", "_wall", "_worker", "_answered_at", "_printed"]
      let values = (layout.scalars.columns + layout.blocks.columns).map(StudyLayout.quoted)
      let sets = (own + values).map { "\($0) = ?" }.joined(separator: ", ")
      let statement = try db.cachedStatement(
        sql: "UPDATE evaluations SET \(sets), _room = NULL WHERE _id = ? AND _answer IS NULL")
      for (answer, r) in answers {
        let message = r.message.isEmpty ? nil : r.message
        let printed = r.printed.isEmpty ? nil : r.printed
        let cost = r.costSeconds.isNaN ? nil : r.costSeconds
        var arguments: [(any DatabaseValueConvertible)?] = [
          answer, r.status.description, message, cost, r.wallSeconds, r.worker, time, printed,
        ]
        arguments += Self.encoded(layout.scalars, r.y)
        arguments += Self.encoded(layout.blocks, r.y)
        arguments.append(Int64(r.id))
        try statement.execute(arguments: StatementArguments(arguments))
        precondition(db.changesCount == 1, "evaluation \(r.id) was answered twice or never asked")
      }
    }
  }

  private static func insert(_ attempt: Attempt, at time: Double, _ db: Database) throws {
    let r = attempt.result
    let statement = try db.cachedStatement(sql: "INSERT INTO attempts VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)")
    try statement.execute(arguments: [
      Int64(r.id), attempt.answer, r.status.description, r.message, r.costSeconds.isNaN ? nil : r.costSeconds,
      r.wallSeconds, r.worker, time, r.printed.isEmpty ? nil : r.printed,
    ])
  }

  /// Whether the next transactions wait for the disk. A rollback journal always does: it is what keeps the file whole.
  private func synchronising(_ isOn: Bool) throws {
    guard mode == .wal else { return }
    do {
      try database.writeWithoutTransaction { db in
        try db.cachedStatement(sql: "PRAGMA synchronous = \(isOn ? "FULL" : "NORMAL")").execute()
      }
    } catch { throw Self.unwritable(path, error) }
  }

  /// Puts every evaluation that failed back among those in flight; what was learnt of it is kept among the attempts.
  /// - Returns: how many. - Throws: `StudyError.unwritable`.
  public func reopenFailures() throws -> Int {
    var failed: [StudyRow] = []
    try forEachRow { row in
      if let result = row.result, FailurePolicy.isFailure(result.status) { failed.append(row) }
    }
    try synchronising(true)
    try writing { db in
      let statement = try db.cachedStatement(
        sql: """
          UPDATE evaluations SET _answer = NULL, _status = NULL, _message = NULL, _cost = NULL, _wall = NULL, \
          _worker = NULL, _answered_at = NULL, _printed = NULL WHERE _id = ?
          """)
      for row in failed {
        guard let result = row.result else { continue }
        try Self.insert(
          Attempt(id: row.request.id, answer: row.answer, result: result), at: row.answeredAt ?? 0, db)
        try statement.execute(arguments: [Int64(row.request.id)])
      }
      if !failed.isEmpty { try db.execute(sql: "DELETE FROM search_state") }
    }
    return failed.count
  }

  /// Visits evaluations in the order of their numbers, one row in memory at a time. - Complexity: O(rows)
  /// - Throws: `StudyError.notAStudy` on a damaged file, or what `body` throws.
  public func forEachRow(_ body: (StudyRow) throws -> Void) throws {
    try reading { db in try visit(db, "ORDER BY _id", [], body) }
  }

  /// Visits answered evaluations in the order in which they were learnt from, one row in memory at a time.
  /// - Parameters:
  ///   - answer: visits only answers with a larger number.
  ///   - limit: visits at most so many.
  ///   - body: what it throws ends the visit.
  /// - Throws: `StudyError.notAStudy` on a damaged file, or what `body` throws. - Complexity: O(rows visited)
  public func forEachAnswer(after answer: Int = 0, limit: Int = .max, _ body: (StudyRow) throws -> Void) throws {
    try reading { db in try visit(db, "WHERE _answer > ? ORDER BY _answer LIMIT ?", [answer, limit], body) }
  }

  /// The evaluation of a number; nil when there is none. - Throws: `StudyError.notAStudy` on a damaged file.
  public func row(id: UInt64) throws -> StudyRow? {
    guard let id = Int64(exactly: id) else { return nil }
    return try reading { db in try cursor(db, "WHERE _id = ?", [id])() }
  }

  func visit(
    _ db: Database, _ rest: String, _ arguments: StatementArguments, _ body: (StudyRow) throws -> Void
  ) throws {
    let next = try cursor(db, rest, arguments)
    while let row = try next() { try body(row) }
  }

  /// Evaluations one by one; `rest` is what follows `SELECT * FROM evaluations`.
  func cursor(_ db: Database, _ rest: String, _ arguments: StatementArguments) throws -> () throws -> StudyRow? {
    let statement = try damageChecked { try db.makeStatement(sql: "SELECT * FROM evaluations \(rest)") }
    let reader = RowReader(layout: layout, names: statement.columnNames, spec: description.spec)
    let cursor = try damageChecked { try Row.fetchCursor(statement, arguments: arguments) }
    return { [self] in
      guard let row = try damageChecked({ try cursor.next() }) else { return nil }
      return try reader.read(row, path: path)
    }
  }

  /// A consistent view of the file. - Throws: `StudyError.notAStudy` on a damaged file, or what `body` throws.
  func reading<T>(_ body: (Database) throws -> T) throws -> T {
    do { return try database.read(body) } catch let error as DatabaseError { throw damaged(error) }
  }

  private func damaged(_ error: any Error) -> StudyError {
    StudyError(.notAStudy, path: path, detail: "cannot be read: \(error)", hint: "the file is damaged; restore a copy")
  }

  /// Runs a read and says of SQLite's errors that the file is damaged.
  func damageChecked<T>(_ read: () throws -> T) throws -> T {
    do { return try read() } catch let error as StudyError {
      throw error
    } catch { throw damaged(error) }
  }

  /// All evaluations in the order of their numbers.
  public func rows() throws -> [StudyRow] {
    var rows: [StudyRow] = []
    try forEachRow { rows.append($0) }
    return rows
  }

  /// Failed tries that were learnt from before they were tried again, by the number of their answer.
  func toldAttempts(_ db: Database) throws -> [Int: EvaluationResult] {
    guard version >= 2 else { return [:] }
    return try damageChecked {
      var all: [Int: EvaluationResult] = [:]
      let y = [Double](repeating: .nan, count: description.spec.outputs.dimension)
      let rows = try Row.fetchCursor(db, sql: "SELECT answer, id, status, message FROM attempts WHERE answer IS NOT NULL")
      while let row = try rows.next() {
        let (answer, id, word): (Int, Int64, String) = (row[0], row[1], row[2])
        guard let status = EvaluationStatus(word: word) else { continue }
        all[answer] = EvaluationResult(id: UInt64(bitPattern: id), status: status, y: y, message: row[3] ?? "")
      }
      return all
    }
  }

  /// How many tries an unanswered evaluation has behind it, those before a `--retry-failed` apart.
  func tries(_ db: Database, of id: UInt64) throws -> Int {
    guard version >= 2 else { return 0 }
    return try damageChecked {
      try Int.fetchOne(
        db,
        sql: """
          SELECT count(*) FROM attempts WHERE id = ?1 AND rowid > \
          coalesce((SELECT max(rowid) FROM attempts WHERE id = ?1 AND answer IS NOT NULL), 0)
          """, arguments: [Int64(bitPattern: id)]) ?? 0
    }
  }

  private static func encoded(_ group: StudyLayout.Group, _ values: [Double]) -> [(any DatabaseValueConvertible)?] {
    switch group.storage {
    case .none: return []
    case .columns: return group.indices.map { values[$0].isNaN ? nil : values[$0] }
    case .float64:
      var data = Data(capacity: group.indices.count * 8)
      for i in group.indices { withUnsafeBytes(of: values[i].bitPattern.littleEndian) { data.append(contentsOf: $0) } }
      return [data]
    case .float32:
      var data = Data(capacity: group.indices.count * 4)
      for i in group.indices {
        withUnsafeBytes(of: Float(values[i]).bitPattern.littleEndian) { data.append(contentsOf: $0) }
      }
      return [data]
    }
  }
}

extension JSONEncoder {
  /// Numbers that are not finite as words, since JSON has none for them.
  static var study: JSONEncoder {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    return encoder
  }
}

extension JSONDecoder {
  static var study: JSONDecoder {
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    return decoder
  }
}
