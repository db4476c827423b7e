import DMOCore
import Foundation
import GRDB

/// Turns rows of `evaluations` into values; looks column names up once.
struct RowReader {
  private let layout: StudyLayout
  private let position: [String: Int]
  private let spec: ProblemSpec

  init(layout: StudyLayout, names: [String], spec: ProblemSpec) {
    self.layout = layout
    self.spec = spec
    position = Dictionary(names.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
  }

  private func value<T: DatabaseValueConvertible>(_ row: Row, _ name: String) -> T? {
    position[name].flatMap { T.fromDatabaseValue(row[$0] as DatabaseValue) }
  }

  func read(_ row: Row, path: String) throws -> StudyRow {
    guard let id: Int64 = value(row, "_id"), let seed: Int64 = value(row, "_seed") else {
      throw StudyError(.notAStudy, path: path, detail: "an evaluation has no number or seed", hint: "restore a copy")
    }
    var x = [Double](repeating: .nan, count: spec.space.dimension)
    fill(&x, layout.parameters, row)
    let fidelity: Int64 = value(row, "_fidelity") ?? 0
    var result: EvaluationResult?
    let answer: Int? = value(row, "_answer")
    if answer != nil, let word: String = value(row, "_status"), let status = EvaluationStatus(word: word) {
      var y = [Double](repeating: .nan, count: spec.outputs.dimension)
      fill(&y, layout.scalars, row)
      fill(&y, layout.blocks, row)
      result = EvaluationResult(
        id: UInt64(bitPattern: id), status: status, y: y, message: value(row, "_message") ?? "",
        costSeconds: value(row, "_cost") ?? .nan, wallSeconds: value(row, "_wall") ?? 0,
        worker: value(row, "_worker") ?? -1, printed: value(row, "_printed") ?? "")
    }
    return StudyRow(
      request: EvaluationRequest(
        id: UInt64(bitPattern: id), x: x, seed: UInt64(bitPattern: seed), fidelity: UInt32(truncatingIfNeeded: fidelity)
      ),
      source: value(row, "_source") ?? "", decision: value(row, "_decision") ?? 0, answer: answer, result: result,
      askedAt: value(row, "_asked_at") ?? 0, answeredAt: value(row, "_answered_at"))
  }

  private func fill(_ values: inout [Double], _ group: StudyLayout.Group, _ row: Row) {
    switch group.storage {
    case .none: return
    case .columns:
      for (i, label) in zip(group.indices, group.labels) { values[i] = value(row, label) ?? .nan }
    case .float64(let column):
      guard let data: Data = value(row, column), data.count == group.indices.count * 8 else { return }
      data.withUnsafeBytes { bytes in
        for (k, i) in group.indices.enumerated() {
          values[i] = Double(
            bitPattern: UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: 8 * k, as: UInt64.self)))
        }
      }
    case .float32(let column):
      guard let data: Data = value(row, column), data.count == group.indices.count * 4 else { return }
      data.withUnsafeBytes { bytes in
        for (k, i) in group.indices.enumerated() {
          let bits = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: 4 * k, as: UInt32.self))
          values[i] = Double(Float(bitPattern: bits))
        }
      }
    }
  }
}
