import DMOCore

/// A study as a flat table: what `export` writes.
public struct StudyTable {
  public enum Cell: Equatable, Sendable {
    case none
    case integer(Int)
    case number(Double)
    case text(String)
  }
  public struct Column: Sendable {
    public let name: String
    public let unit: String
    public let value: @Sendable (StudyRow) -> Cell
  }
  /// evaluation, the parameters, the outputs, then status, message, source and the rest.
  public let columns: [Column]

  public init(_ description: StudyDescription) {
    let spec = description.spec
    var columns = [Column(name: "evaluation", unit: "") { .integer(Int($0.request.id)) }]
    for (i, label) in spec.space.labels.enumerated() {
      let parameter = spec.space.parameter(at: i)
      columns.append(
        Column(name: label, unit: parameter.unit) { row in
          let value = row.request.x[i]
          if case .categorical(let labels) = parameter.kind, labels.indices.contains(Int(exactly: value) ?? -1) {
            return .text(labels[Int(value)])
          }
          return .number(value)
        })
    }
    for (k, o) in spec.outputs.outputs.enumerated() {
      for j in 0..<o.width {
        let index = spec.outputs.offsets[k] + j
        columns.append(
          Column(name: o.label(j), unit: o.unit) { row in
            guard let y = row.result?.y[index], !y.isNaN else { return .none }
            return .number(y)
          })
      }
    }
    columns += [
      Column(name: "status", unit: "") { .text($0.result?.status.description ?? "running") },
      Column(name: "message", unit: "") { .text($0.result?.message ?? "") },
      Column(name: "source", unit: "") { .text($0.source) },
      Column(name: "answer", unit: "") { $0.answer.map { .integer($0) } ?? .none },
      Column(name: "seed", unit: "") { .text("\($0.request.seed)") },
      Column(name: "cost", unit: "s") { row in
        row.result.map { $0.costSeconds.isNaN ? .none : .number($0.costSeconds) } ?? .none
      },
      Column(name: "wall", unit: "s") { row in row.result.map { .number($0.wallSeconds) } ?? .none },
      Column(name: "worker", unit: "") { row in row.result.map { .integer($0.worker) } ?? .none },
      Column(name: "printed", unit: "") { .text($0.result?.printed ?? "") },
    ]
    self.columns = columns
  }

  /// The named columns in the order given; nil: all. - Throws: `StudyError.badRequest` for an unknown name.
  public func select(_ names: [String]?, path: String) throws -> [Column] {
    guard let names else { return columns }
    return try names.map { name in
      guard let column = columns.first(where: { $0.name == name }) else {
        throw StudyError(
          .badRequest, path: path, detail: "has no column '\(name)'",
          hint: "its columns: \(columns.prefix(40).map(\.name).joined(separator: ", "))")
      }
      return column
    }
  }
}
