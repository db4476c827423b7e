import DMOCore
import DMOSearch
import GRDB

/// A point with its result that no search asked for.
public struct OutsidePoint: Equatable, Sendable {
  /// Canonical values; shape (space.dimension).
  public var x: [Double]
  public var status: EvaluationStatus
  /// Shape (outputs.dimension); NaN where nothing is known.
  public var y: [Double]
  public var message: String
  public init(x: [Double], status: EvaluationStatus, y: [Double], message: String = "") {
    self.x = x
    self.status = status
    self.y = y
    self.message = message
  }
}

extension StudyStore {
  /// What numbers the next points and answers have.
  struct Position {
    /// Points asked for, answers told, decisions made.
    var asked: UInt64
    var told: Int
    var decision: Int64
  }

  func position() throws -> Position {
    try reading { db in
      try damageChecked {
        let asked = try Int64.fetchOne(db, sql: "SELECT max(_id) FROM evaluations") ?? 0
        let answers = try Int.fetchOne(db, sql: "SELECT max(_answer) FROM evaluations") ?? 0
        let retold = version < 2 ? 0 : try Int.fetchOne(db, sql: "SELECT max(answer) FROM attempts") ?? 0
        let decision = try Int64.fetchOne(db, sql: "SELECT max(id) FROM decisions") ?? 0
        return Position(asked: UInt64(bitPattern: asked), told: max(answers, retold), decision: decision)
      }
    }
  }

  /// Adds points with results from outside, as evaluations and answers of their own: a decision that requested nothing.
  /// The search learns them in this order when it is next rebuilt. - Returns: the number of the first.
  /// - Throws: `StudyError.unwritable`. - Complexity: O(points), two transactions
  @discardableResult
  public func adopt(_ points: [OutsidePoint], source: String, at time: Double) throws -> UInt64 {
    let p = try position()
    let decision = Decision(
      id: p.decision + 1, after: p.told, requested: 0, proposed: points.count, telemetry: [:])
    let rows = points.enumerated().map { k, point in
      let id = p.asked + UInt64(k + 1)
      return StudyRow(
        request: EvaluationRequest(id: id, x: point.x, seed: description.seed.derived("evaluation", id).value),
        source: source, decision: decision.id, answer: nil, result: nil, askedAt: time, answeredAt: nil)
    }
    try record(decision, asked: rows)
    let answers = zip(rows, points).enumerated().map { k, pair in
      (
        answer: p.told + k + 1,
        result: EvaluationResult(
          id: pair.0.request.id, status: pair.1.status, y: pair.1.y, message: pair.1.message)
      )
    }
    try record(answers: answers, at: time)
    return p.asked + 1
  }

  /// Answers points that were asked for, in this order. - Throws: `StudyError.unwritable`.
  /// - Precondition: each is among `openRows()`, once.
  public func answer(_ results: [EvaluationResult], at time: Double) throws {
    let told = try position().told
    try record(answers: results.enumerated().map { (told + $0.offset + 1, $0.element) }, at: time)
  }

  /// The points that wait for an answer, in the order they were asked.
  public func openRows() throws -> [StudyRow] {
    var open: [StudyRow] = []
    try reading { db in try visit(db, "WHERE _answer IS NULL ORDER BY _id", []) { open.append($0) } }
    return open
  }
}
