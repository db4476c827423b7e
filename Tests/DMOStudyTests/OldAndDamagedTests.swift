import DMOCore
import Foundation
import GRDB
import Testing

@testable import DMOStudy

/// Files that are not as this dmo would write them.
@Suite struct OldAndDamagedTests {
  let folder = TemporaryFolder()

  /// A study of 60 evaluations, closed.
  private func study(_ name: String) throws -> String {
    let path = folder.file(name)
    let store = try StudyStore.create(path: path, Bowl.description(budget: 60))
    let runner = StudyRunner(
      store: store, evaluator: ShufflingEvaluator(), strategy: HistoryStrategy(), clock: { 0 })
    #expect(try runner.run() == .budgetSpent)
    store.close()
    return path
  }

  private func schema1() throws -> String {
    let fixture = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("CLITests/Fixtures/schema1.sql")
    let path = folder.file("old.dmo")
    let database = try DatabaseQueue(path: path)
    try database.writeWithoutTransaction { db in try db.execute(sql: String(contentsOf: fixture, encoding: .utf8)) }
    try database.close()
    return path
  }

  @Test("a study of schema 1 reads as it is, and is brought up to date when it is written")
  func migration() throws {
    let path = try schema1()
    let before = try Data(contentsOf: URL(fileURLWithPath: path))
    let old = try StudyStore.open(path: path)
    let rows = try old.rows()
    #expect(rows.count == 4 && rows[2].result?.message == "no licence")
    #expect(try old.incumbents().counts == [.ok: 3, .failed: 1])
    #expect(try old.check().faults == [])
    old.close()
    #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == before)
    let new = try StudyStore.open(path: path, readOnly: false)
    #expect(try new.database.read { try Int.fetchOne($0, sql: "PRAGMA user_version") } == StudyStore.schemaVersion)
    #expect(try new.rows().map(\.request) == rows.map(\.request))
    #expect(try new.rows().map { $0.result?.y.first?.bitPattern } == rows.map { $0.result?.y.first?.bitPattern })
    #expect(try new.reopenFailures() == 1)
    #expect(try new.check().faults == [])
  }

  @Test("check finds what was changed by another hand", arguments: [
    ("DELETE FROM evaluations WHERE _id = 30", "evaluation 30 is missing"),
    ("UPDATE evaluations SET _answer = 99 WHERE _id = 60", "numbered up to 99"),
    ("UPDATE evaluations SET x = 7 WHERE _id = 5", "evaluation 5"),
    ("UPDATE evaluations SET f = NULL WHERE _id = 6", "output f is not known"),
    ("UPDATE evaluations SET _seed = 1 WHERE _id = 8", "seed that is not its own"),
    ("UPDATE evaluations SET _status = 'splendid' WHERE _id = 8", "without a status"),
    ("DELETE FROM decisions WHERE id = 9", "decision 9 is missing"),
    ("UPDATE decisions SET proposed = 3 WHERE id = 9", "of which 1 are there"),
  ])
  func check(_ sql: String, _ words: String) throws {
    let path = try study("check.dmo")
    #expect(try StudyStore.open(path: path).check().faults == [])
    let database = try DatabaseQueue(path: path)
    try database.write { try $0.execute(sql: sql) }
    try database.close()
    let faults = try StudyStore.open(path: path).check().faults
    #expect(faults.contains { $0.contains(words) }, "\(faults)")
  }

  @Test("a file with damaged bytes is said to be damaged or reads, never ends dmo, and reading changes nothing")
  func damaged() throws {
    let path = try study("damaged.dmo")
    let whole = try Data(contentsOf: URL(fileURLWithPath: path))
    var stream = Seed(4).generator
    var refused = 0
    for _ in 0..<150 {
      var bytes = whole
      switch stream.index(below: 3) {
      case 0: bytes.removeLast(1 + stream.index(below: bytes.count - 1))
      case 1: for _ in 0..<20 { bytes[stream.index(below: bytes.count)] = UInt8(stream.index(below: 256)) }
      default:
        let page = stream.index(below: bytes.count / 4096) * 4096
        for k in page..<page + 4096 { bytes[k] = 0 }
      }
      try bytes.write(to: URL(fileURLWithPath: path))
      do {
        let store = try StudyStore.open(path: path)
        let faults = try store.check().faults
        _ = try store.incumbents()
        _ = try store.rows()
        if !faults.isEmpty { refused += 1 }
      } catch let error as StudyError {
        refused += 1
        #expect([.notAStudy, .newer].contains(error.code), "\(error.code) \(error)")
      }
      #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == bytes)
    }
    #expect(refused > 75)
  }
}
