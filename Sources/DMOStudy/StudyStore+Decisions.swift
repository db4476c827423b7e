import DMOCore
import Foundation
import GRDB

extension StudyStore {
  /// All `ask` calls in their order.
  public func decisions() throws -> [Decision] {
    var all: [Decision] = []
    try forEachDecision { all.append($0) }
    return all
  }

  /// Visits `ask` calls with a larger number, in their order. - Throws: as `forEachRow`.
  public func forEachDecision(after id: Int64 = 0, _ body: (Decision) throws -> Void) throws {
    try reading { db in
      let next = try decisionCursor(db, after: id)
      while let decision = try next() { try body(decision) }
    }
  }

  /// `TelemetryTable.summary` without a table of all decisions. - Complexity: O(decisions that told something)
  public func telemetrySummary() throws -> [TelemetryTable.Summary] {
    let names = TelemetryTable.judgements
    var values = [[Double]](repeating: [], count: names.count)
    let columns = names.map { "json_extract(telemetry, '$.\($0)')" }.joined(separator: ", ")
    try reading { db in
      let rows = try Row.fetchCursor(
        db, sql: "SELECT \(columns) FROM decisions WHERE telemetry IS NOT NULL ORDER BY id")
      while let row = try rows.next() {
        // What is not finite stands there as a word.
        for k in names.indices {
          if let value = Double.fromDatabaseValue(row[k] as DatabaseValue) { values[k].append(value) }
        }
      }
    }
    return names.indices.compactMap { TelemetryTable.summary(names[$0], values[$0]) }
  }

  func decisionCursor(_ db: Database, after id: Int64) throws -> () throws -> Decision? {
    let cursor = try damageChecked {
      try Row.fetchCursor(
        db, sql: "SELECT id, after, requested, proposed, telemetry FROM decisions WHERE id > ? ORDER BY id",
        arguments: [id])
    }
    return { [self] in
      try damageChecked {
        guard let row = try cursor.next() else { return nil }
        let text: String? = row[4]
        let telemetry = try text.map { try JSONDecoder.study.decode([String: Double].self, from: Data($0.utf8)) }
        return Decision(
          id: row[0], after: row[1], requested: row[2], proposed: row[3], telemetry: telemetry ?? [:])
      }
    }
  }
}
