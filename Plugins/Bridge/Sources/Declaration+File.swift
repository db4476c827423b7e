import DMOPluginKit
import ProblemFile

/// What a bridge knows of its problem: the description, and how many numbers each entry takes.
public struct BridgedProblem: Sendable {
  public let file: ProblemFile

  /// Declares everything that a description names. Throws `BadInput` for what the declaration cannot have.
  public init(_ file: ProblemFile, into declare: inout Declaration) throws {
    self.file = file
    for p in file.parameter { try Self.add(p, to: &declare) }
    for o in file.output { Self.add(o, to: &declare) }
  }

  private static func add(_ p: ProblemFile.Parameter, to declare: inout Declaration) throws {
    let scale: Declaration.Scale = p.scale == .log ? .log : .linear
    switch p.kind ?? .real {
    case .real:
      let range = (p.min ?? 0)...(p.max ?? 1)
      if let count = p.count {
        _ = declare.reals(
          p.id, count: count, columns: p.columns ?? 0, in: range, unit: p.unit, name: p.name, scale: scale,
          step: p.step ?? 0, periodic: p.periodic ?? false, initial: p.initial)
      } else {
        _ = declare.real(
          p.id, in: range, unit: p.unit, name: p.name, scale: scale, step: p.step ?? 0, periodic: p.periodic ?? false,
          initial: p.initial)
      }
    case .integer:
      let range = Int(p.min ?? 0)...Int(p.max ?? 1)
      let initial = p.initial.map { Int($0.rounded()) }
      if let count = p.count {
        _ = declare.integers(
          p.id, count: count, columns: p.columns ?? 0, in: range, unit: p.unit, name: p.name, scale: scale,
          initial: initial)
      } else {
        _ = declare.integer(p.id, in: range, unit: p.unit, name: p.name, scale: scale, initial: initial)
      }
    case .boolean:
      if let count = p.count {
        _ = declare.booleans(
          p.id, count: count, columns: p.columns ?? 0, name: p.name, initial: p.initial.map { $0 != 0 })
      } else {
        _ = declare.boolean(p.id, name: p.name, initial: p.initial.map { $0 != 0 })
      }
    case .categorical:
      _ = declare.categorical(p.id, of: p.choices ?? [], name: p.name, initial: p.initial.map { Int($0.rounded()) })
    }
  }

  private static func add(_ o: ProblemFile.Output, to declare: inout Declaration) {
    let (unit, name, scale, bound) = (o.unit, o.name, o.scale ?? 0, o.bound ?? 0)
    switch o.role ?? .observe {
    case .minimize: _ = declare.minimize(o.id, unit: unit, name: name, scale: scale)
    case .maximize: _ = declare.maximize(o.id, unit: unit, name: name, scale: scale)
    case .atMost: _ = declare.atMost(bound, o.id, unit: unit, name: name, scale: scale)
    case .atLeast: _ = declare.atLeast(bound, o.id, unit: unit, name: name, scale: scale)
    case .observe:
      if let count = o.count {
        _ = declare.observe(
          o.id, count: count, columns: o.columns ?? 0, unit: unit, name: name, scale: scale,
          mayBeNaN: o.mayBeNaN ?? false)
      } else {
        _ = declare.observe(o.id, unit: unit, name: name, scale: scale, mayBeNaN: o.mayBeNaN ?? false)
      }
    }
  }

  /// The names of all numbers of a point, blocks as `id[0]`, `id[1]`, …
  public var parameterLabels: [String] { Self.labels(file.parameter.map { ($0.id, $0.count) }) }
  public var outputLabels: [String] { Self.labels(file.output.map { ($0.id, $0.count) }) }

  private static func labels(_ entries: [(id: String, count: Int?)]) -> [String] {
    entries.flatMap { id, count in count.map { n in (0..<n).map { "\(id)[\($0)]" } } ?? [id] }
  }

  /// A point's numbers as text: the label of a category, whole numbers without a point, else the shortest text that
  /// reads back to the same number.
  public func texts(_ x: UnsafeBufferPointer<Double>) -> [String] {
    var texts: [String] = []
    for p in file.parameter {
      for _ in 0..<max(1, p.count ?? 1) {
        let value = x[texts.count]
        switch p.kind ?? .real {
        case .real: texts.append("\(value)")
        case .integer, .boolean: texts.append("\(Int(value))")
        case .categorical: texts.append(p.choices?[Int(value)] ?? "\(Int(value))")
        }
      }
    }
    return texts
  }
}
