import DMOCore
import Foundation
import GRDB

extension StudyStore {
  /// Notes one `ask` and the points it gave, before they run; one transaction. - Throws: `StudyError.unwritable`.
  func record(_ decision: Decision, asked rows: [StudyRow]) throws {
    try writing { db in
      let telemetry: String? =
        decision.telemetry.isEmpty
        ? nil : String(decoding: try JSONEncoder.study.encode(decision.telemetry), as: UTF8.self)
      try db.execute(
        sql: "INSERT INTO decisions VALUES (?, ?, ?, ?, ?)",
        arguments: [decision.id, decision.after, decision.requested, decision.proposed, telemetry])
      guard !rows.isEmpty else { return }
      let own = ["_id", "_decision", "_source", "_seed", "_fidelity", "_asked_at"]
      let names = own + layout.parameters.columns.map(StudyLayout.quoted)
      let marks = names.map { _ in "?" }.joined(separator: ", ")
      let statement = try db.cachedStatement(
        sql: "INSERT INTO evaluations (\(names.joined(separator: ", "))) VALUES (\(marks))")
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

  /// Commits answers, in the order in which they will be learnt from; one transaction.
  /// - Throws: `StudyError.unwritable`.
  func record(answers: [(answer: Int, result: EvaluationResult)], at time: Double) throws {
    try writing { db in
      let own = ["_answer", "_status", "_message", "_cost", "_wall", "_worker", "_answered_at", "_printed"]
      let values = (layout.scalars.columns + layout.blocks.columns).map(StudyLayout.quoted)
      let sets = (own + values).map { "\($0) = ?" }.joined(separator: ", ")
      let statement = try db.cachedStatement(sql: "UPDATE evaluations SET \(sets) WHERE _id = ? AND _answer IS NULL")
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

  private func writing(_ body: (Database) throws -> Void) throws {
    do { try database.write(body) } catch { throw Self.unwritable(path, error) }
  }

  /// Visits all evaluations in the order of their numbers, one row in memory at a time. - Complexity: O(rows)
  /// - Throws: `StudyError.notAStudy` on a damaged file, or what `body` throws.
  public func forEachRow(_ body: (StudyRow) throws -> Void) throws {
    try damageChecked {
      try database.read { db in
        let statement = try db.makeStatement(sql: "SELECT * FROM evaluations ORDER BY _id")
        let reader = RowReader(layout: layout, names: statement.columnNames, spec: description.spec)
        let cursor = try Row.fetchCursor(statement)
        while let row = try cursor.next() {
          try body(try reader.read(row, path: path))
        }
      }
    }
  }

  /// Runs a read and says of SQLite's errors that the file is damaged.
  func damageChecked<T>(_ read: () throws -> T) throws -> T {
    do { return try read() } catch {
      guard error is DatabaseError || error is DecodingError else { throw error }
      throw StudyError(
        .notAStudy, path: path, detail: "cannot be read: \(error)", hint: "the file is damaged; restore a copy")
    }
  }

  /// All evaluations in the order of their numbers.
  public func rows() throws -> [StudyRow] {
    var rows: [StudyRow] = []
    try forEachRow { rows.append($0) }
    return rows
  }

  /// All `ask` calls in their order.
  public func decisions() throws -> [Decision] {
    try damageChecked {
      try database.read { db in
        try Row.fetchAll(db, sql: "SELECT * FROM decisions ORDER BY id").map { row in
          let text: String? = row["telemetry"]
          let telemetry = try text.map { try JSONDecoder.study.decode([String: Double].self, from: Data($0.utf8)) }
          return Decision(
            id: row["id"], after: row["after"], requested: row["requested"], proposed: row["proposed"],
            telemetry: telemetry ?? [:])
        }
      }
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
