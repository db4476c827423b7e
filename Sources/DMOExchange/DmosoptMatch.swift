import DMOCore
import DMOStudy

/// Brings dmosopt's records into a problem's order and units.
public struct DmosoptMatch {
  private let path: String
  private let spec: ProblemSpec
  /// Where each coordinate stands in a record.
  private let x: [Int]
  /// For each output: where it stands, the sign and what is added; nil: unknown.
  private let y: [(isConstraint: Bool, column: Int, sign: Double, offset: Double)?]

  /// By name. Objectives count as they are but for maximised ones, whose sign turns; a constraint's bound is added
  /// back.
  /// - Throws: `ExchangeError` when names do not match.
  public init(_ reader: DmosoptReader, spec: ProblemSpec, path: String) throws {
    self.path = path
    self.spec = spec
    let names = reader.parameters.map(\.name)
    func mismatch(_ what: String, _ hint: String) -> ExchangeError {
      ExchangeError(.mismatch, path: path, detail: what, hint: hint)
    }
    x = try spec.space.labels.map { label in
      guard let k = names.firstIndex(of: label) else {
        throw mismatch("has no parameter \(label)", "its parameters: \(names.joined(separator: ", "))")
      }
      return k
    }
    if let extra = names.first(where: { spec.space.coordinate($0) == nil }) {
      throw mismatch("its parameter \(extra) is none of the problem's", "import it without --plugin")
    }
    y = try spec.outputs.outputs.flatMap { output in
      try (0..<output.width).map { j in
        let label = output.label(j)
        if let k = reader.objectives.firstIndex(of: label) {
          return (false, k, output.role == .maximize ? -1 : 1, 0)
        }
        if let k = reader.constraints.firstIndex(of: label) {
          switch output.role {
          case .atLeast(let bound): return (true, k, 1, bound)
          case .atMost(let bound): return (true, k, -1, bound)
          default: return (true, k, 1, 0)
          }
        }
        guard output.mayBeNaN else {
          throw mismatch(
            "has no output \(label), which the problem always gives", "simulate the points again: `dmo run --points`")
        }
        return nil
      }
    }
  }

  /// - Throws: `ExchangeError` for a point outside its range, but for the rounding to 32 bits.
  public func point(_ record: DmosoptReader.Record) throws -> OutsidePoint {
    let values = try x.enumerated().map { i, k in
      let p = spec.space.parameter(at: i)
      var value = record.x[k]
      let slack = 0x1p-23 * max(abs(p.min), abs(p.max))
      if !p.isPeriodic && value < p.min && value >= p.min - slack { value = p.min }
      if !p.isPeriodic && value > p.max && value <= p.max + slack { value = p.max }
      if let objection = spec.space.objection(to: value, at: i) {
        throw ExchangeError(.mismatch, path: path, detail: objection, hint: "is it a file of this problem?")
      }
      return spec.space.canonical(value, at: i)
    }
    let results = y.map { entry -> Double in
      guard let entry else { return .nan }
      let value = entry.isConstraint ? record.constraints[entry.column] : record.objectives[entry.column]
      return value.isFinite ? entry.sign * value + entry.offset : .nan
    }
    let isWhole = zip(spec.outputs.outputs, spec.outputs.offsets).allSatisfy { output, start in
      output.mayBeNaN || !results[start..<start + output.width].contains(where: \.isNaN)
    }
    return OutsidePoint(x: values, status: isWhole ? .ok : .failed, y: results, message: isWhole ? "" : "not a number")
  }
}
