import DMOCore
import Foundation
import GRDB
import Testing

@testable import DMOStudy

@Suite struct StudyStoreTests {
  let folder = TemporaryFolder()

  private func filled(_ store: StudyStore, y: [Double], x: [Double]) throws {
    let request = EvaluationRequest(id: 1, x: x, seed: .max)
    let row = StudyRow(
      request: request, source: "s", decision: 1, answer: nil, result: nil, askedAt: 5, answeredAt: nil)
    try store.record(Decision(id: 1, after: 0, requested: 2, proposed: 1, telemetry: ["loss": .infinity]), asked: [row])
    let result = EvaluationResult(
      id: 1, status: .infeasible, y: y, message: "so, \"it\" is", costSeconds: .nan, wallSeconds: 0.25, worker: 3,
      printed: "noise")
    try store.record(answers: [(1, result)], at: 6)
  }

  @Test("what was recorded reads back to the bit, NaN and extreme numbers included")
  func roundTrip() throws {
    let store = try StudyStore.create(path: folder.file("a.dmo"), Bowl.description(budget: 3))
    try filled(store, y: [.nan, -.leastNonzeroMagnitude], x: [0.1 + 0.2, -1e308])
    store.close()
    let again = try StudyStore.open(path: folder.file("a.dmo"))
    #expect(again.description == Bowl.description(budget: 3))
    let rows = try again.rows()
    let row = try #require(rows.first)
    let result = try #require(row.result)
    #expect(rows.count == 1)
    #expect(row.request.x == [0.1 + 0.2, -1e308])
    #expect(row.request.seed == .max)
    #expect(result.status == .infeasible)
    #expect(result.y[0].isNaN)
    #expect(result.y[1] == -.leastNonzeroMagnitude)
    #expect(result.message == "so, \"it\" is")
    #expect(result.costSeconds.isNaN)
    #expect((result.worker, result.wallSeconds, result.printed) == (3, 0.25, "noise"))
    #expect((row.answer, row.askedAt, row.answeredAt) == (1, 5, 6))
    let decision = try #require(try again.decisions().first)
    #expect(decision == Decision(id: 1, after: 0, requested: 2, proposed: 1, telemetry: ["loss": .infinity]))
  }

  @Test(
    "large blocks are kept in full, as float32 or not at all, and the scalars always in full",
    arguments: ObservedStorage.allCases)
  func blocks(_ storage: ObservedStorage) throws {
    let spec = ProblemSpec(
      space: ParameterSpace([Parameter(id: "phase", count: 3600, columns: 60)]),
      outputs: OutputSpace([Output(id: "loss", role: .minimize), Output(id: "field", count: 7200)]))
    let path = folder.file("b-\(storage).dmo")
    let store = try StudyStore.create(path: path, Bowl.description(budget: 1, spec: spec, storeObserved: storage))
    var stream = Seed(3).generator
    let x = (0..<3600).map { _ in stream.uniform() }
    let y = (0..<7201).map { _ in stream.normal() }
    try filled(store, y: y, x: x)
    store.close()
    let row = try #require(try StudyStore.open(path: path).rows().first)
    let read = try #require(row.result?.y)
    #expect(row.request.x == x)
    #expect(read[0] == y[0])
    switch storage {
    case .full: #expect(read == y)
    case .float32: #expect(read[1...].elementsEqual(y[1...].map { Double(Float($0)) }))
    case .none: #expect(!read[1...].contains { !$0.isNaN })
    }
  }

  @Test("a plugin's ids may be SQL words, and the columns carry the names users know")
  func columnNames() throws {
    let spec = ProblemSpec(
      space: ParameterSpace([Parameter(id: "select"), Parameter(id: "w", count: 2)]),
      outputs: OutputSpace([Output(id: "id", role: .minimize)]))
    let store = try StudyStore.create(path: folder.file("c.dmo"), Bowl.description(budget: 1, spec: spec))
    try filled(store, y: [4], x: [1, 2, 3])
    let names = try store.database.read { db in try db.columns(in: "evaluations").map(\.name) }
    #expect(Set(["select", "w[0]", "w[1]", "id"]).isSubset(of: names))
    #expect(try store.rows().first?.request.x == [1, 2, 3])
  }

  @Test("an existing file is never overwritten")
  func exists() throws {
    let path = folder.file("d.dmo")
    try Data("precious".utf8).write(to: URL(fileURLWithPath: path))
    let error = try #require(throws: StudyError.self) { try StudyStore.create(path: path, Bowl.description(budget: 1)) }
    #expect(error.code == .exists)
    #expect(try String(contentsOfFile: path, encoding: .utf8) == "precious")
  }

  @Test("a folder that is not there is said, and nothing is left behind")
  func unwritable() throws {
    let path = folder.file("no/such/e.dmo")
    let error = try #require(throws: StudyError.self) { try StudyStore.create(path: path, Bowl.description(budget: 1)) }
    #expect(error.code == .unwritable)
    #expect(error.description.contains("No such file or directory"))
  }

  @Test("files that are no studies are refused with the reason")
  func foreign() throws {
    #expect(throws: StudyError.self) { try StudyStore.open(path: folder.file("missing.dmo")) }
    let text = folder.file("text.dmo")
    try Data(String(repeating: "not a database ", count: 100).utf8).write(to: URL(fileURLWithPath: text))
    let empty = folder.file("empty.dmo")
    try Data().write(to: URL(fileURLWithPath: empty))
    let other = folder.file("other.dmo")
    try DatabaseQueue(path: other).write { try $0.execute(sql: "CREATE TABLE t (a)") }
    for path in [text, empty, other, folder.path] {
      let error = try #require(throws: StudyError.self) { try StudyStore.open(path: path) }
      #expect(error.code == .notAStudy, "\(path)")
    }
  }

  @Test("a file that is damaged while it is open is said to be, not an error of SQLite")
  func damagedLater() throws {
    let path = folder.file("g.dmo")
    try StudyStore.create(path: path, Bowl.description(budget: 1)).close()
    let store = try StudyStore.open(path: path)
    let file = try #require(FileHandle(forWritingAtPath: path))
    try file.write(contentsOf: Data(repeating: 0x78, count: 20_000))
    try file.close()
    let error = try #require(throws: StudyError.self) { try store.forEachRow { _ in } }
    #expect(error.code == .notAStudy)
  }

  @Test("a study of a newer dmo is refused and stays as it was")
  func newer() throws {
    let path = folder.file("f.dmo")
    let store = try StudyStore.create(path: path, Bowl.description(budget: 1))
    try store.database.write { try $0.execute(sql: "PRAGMA user_version = 99") }
    store.close()
    let error = try #require(throws: StudyError.self) { try StudyStore.open(path: path, readOnly: false) }
    #expect(error.code == .newer)
  }
}
