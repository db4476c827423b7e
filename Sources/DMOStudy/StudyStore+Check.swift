import DMOCore
import GRDB

extension StudyStore {
  /// What `check` found.
  public struct CheckReport: Equatable, Sendable {
    public var evaluations = 0
    public var answers = 0
    /// What is wrong, in words; at most `limit` of each kind.
    public var faults: [String] = []
  }
  private static let faultLimit = 20

  /// Looks at every page and every row of the file; writes nothing.
  /// - Throws: `StudyError.notAStudy` when the rows cannot even be read. - Complexity: O(file)
  public func check() throws -> CheckReport {
    var report = CheckReport()
    var unreadable: StudyError?
    do {
      try reading { db in
        do {
          let lines = try String.fetchAll(db, sql: "PRAGMA integrity_check(\(Self.faultLimit))")
          report.faults += lines.filter { $0 != "ok" }.map { "SQLite: \($0)" }
        } catch { report.faults.append("SQLite: \(error)") }
        do { try checkRows(db, &report) } catch let error as StudyError { unreadable = error }
      }
    } catch let error as StudyError { unreadable = unreadable ?? error }
    if let unreadable { report.faults.append(unreadable.detail) }
    return report
  }

  private func checkRows(_ db: Database, _ report: inout CheckReport) throws {
    var faults: [String] = []
    func fault(_ text: String) { if faults.count < Self.faultLimit { faults.append(text) } }
    defer { report.faults += faults }
    let retold = try toldAttempts(db)
    var told = Set(retold.keys)
    var expected: UInt64 = 1
    var proposed: [Int64: Int] = [:]
    try visit(db, "ORDER BY _id", []) { row in
      let id = row.request.id
      if id != expected { fault("evaluation \(expected) is missing: the next is \(id)") }
      expected = id + 1
      report.evaluations += 1
      proposed[row.decision, default: 0] += 1
      if row.request.seed != description.seed.derived("evaluation", id).value {
        fault("evaluation \(id) has a seed that is not its own")
      }
      for i in row.request.x.indices {
        if let objection = description.spec.space.objection(to: row.request.x[i], at: i) {
          fault("evaluation \(id): \(objection)")
        }
      }
      guard let answer = row.answer else { return }
      guard let result = row.result else { return fault("evaluation \(id) has an answer without a status") }
      report.answers += 1
      if !told.insert(answer).inserted { fault("two evaluations have the answer \(answer)") }
      if result.status == .ok { checkOutputs(result, fault) }
    }
    if let last = told.max(), last != told.count || told.min() != 1 {
      fault("\(told.count) answers are numbered up to \(last)")
    }
    let next = try decisionCursor(db, after: 0)
    var (id, after): (Int64, Int) = (0, 0)
    while let decision = try next() {
      id += 1
      if decision.id != id { fault("decision \(id) is missing: the next is \(decision.id)") }
      id = decision.id
      if decision.after < after { fault("decision \(id) was made before the one before it") }
      after = decision.after
      let rows = proposed.removeValue(forKey: id) ?? 0
      if rows != decision.proposed { fault("decision \(id) proposed \(decision.proposed) points, of which \(rows) are there") }
    }
    if let stray = proposed.keys.min() { fault("evaluations belong to decision \(stray), which is not there") }
  }

  /// OK promises that every output was written.
  private func checkOutputs(_ result: EvaluationResult, _ fault: (String) -> Void) {
    let outputs = description.spec.outputs
    for (o, start) in zip(outputs.outputs, outputs.offsets) where !o.mayBeNaN {
      if o.count > 0 && description.storeObserved == .none { continue }
      if result.y[start..<start + o.width].contains(where: { !$0.isFinite }) {
        fault("evaluation \(result.id) is ok, but its output \(o.id) is not known")
      }
    }
  }
}
