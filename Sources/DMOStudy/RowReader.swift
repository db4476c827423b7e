import DMOCore
import Foundation
import GRDB

/// Turns rows of `evaluations` into values; looks column names up once.
struct RowReader {
  private struct Group {
    var storage: StudyLayout.Storage
    /// Positions in x or y, and of the columns that hold them (one, for a BLOB).
    var indices: [Int]
    var columns: [Int?]
  }
  private let parameters: Group
  private let outputs: [Group]
  private let id, seed, fidelity, answer, status, message, cost, wall, worker, printed, source, decision, asked, answered: Int?
  private let sizes: (x: Int, y: Int)

  init(layout: StudyLayout, names: [String], spec: ProblemSpec) {
    let position = Dictionary(names.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
    func group(_ g: StudyLayout.Group) -> Group {
      Group(storage: g.storage, indices: g.indices, columns: g.columns.map { position[$0] })
    }
    parameters = group(layout.parameters)
    outputs = [group(layout.scalars), group(layout.blocks)]
    (id, seed, fidelity, answer) = (position["_id"], position["_seed"], position["_fidelity"], position["_answer"])
    (status, message, cost, wall) = (position["_status"], position["_message"], position["_cost"], position["_wall"])
    (worker, printed, source, decision) =
      (position["_worker"], position["_printed"], position["_source"], position["_decision"])
    (asked, answered) = (position["_asked_at"], position["_answered_at"])
    sizes = (spec.space.dimension, spec.outputs.dimension)
  }

  private func value<T: DatabaseValueConvertible & StatementColumnConvertible>(_ row: Row, _ k: Int?) -> T? {
    guard let k else { return nil }
    return row[k]
  }

  func read(_ row: Row, path: String) throws -> StudyRow {
    guard let id: Int64 = value(row, id), let seed: Int64 = value(row, seed) else {
      throw StudyError(.notAStudy, path: path, detail: "an evaluation has no number or seed", hint: "restore a copy")
    }
    var x = [Double](repeating: .nan, count: sizes.x)
    fill(&x, parameters, row)
    let fidelity: Int64 = value(row, fidelity) ?? 0
    var result: EvaluationResult?
    let answer: Int? = value(row, answer)
    if answer != nil, let word: String = value(row, status), let status = EvaluationStatus(word: word) {
      var y = [Double](repeating: .nan, count: sizes.y)
      for group in outputs { fill(&y, group, row) }
      result = EvaluationResult(
        id: UInt64(bitPattern: id), status: status, y: y, message: value(row, message) ?? "",
        costSeconds: value(row, cost) ?? .nan, wallSeconds: value(row, wall) ?? 0,
        worker: value(row, worker) ?? -1, printed: value(row, printed) ?? "")
    }
    return StudyRow(
      request: EvaluationRequest(
        id: UInt64(bitPattern: id), x: x, seed: UInt64(bitPattern: seed), fidelity: UInt32(truncatingIfNeeded: fidelity)
      ),
      source: value(row, source) ?? "", decision: value(row, decision) ?? 0, answer: answer, result: result,
      askedAt: value(row, asked) ?? 0, answeredAt: value(row, answered))
  }

  private func fill(_ values: inout [Double], _ group: Group, _ row: Row) {
    switch group.storage {
    case .none: return
    case .columns:
      for (i, column) in zip(group.indices, group.columns) { values[i] = value(row, column) ?? .nan }
    case .float64:
      guard let data: Data = value(row, group.columns[0]), data.count == group.indices.count * 8 else { return }
      data.withUnsafeBytes { bytes in
        for (k, i) in group.indices.enumerated() {
          values[i] = Double(
            bitPattern: UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: 8 * k, as: UInt64.self)))
        }
      }
    case .float32:
      guard let data: Data = value(row, group.columns[0]), data.count == group.indices.count * 4 else { return }
      data.withUnsafeBytes { bytes in
        for (k, i) in group.indices.enumerated() {
          let bits = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: 4 * k, as: UInt32.self))
          values[i] = Double(Float(bitPattern: bits))
        }
      }
    }
  }
}
