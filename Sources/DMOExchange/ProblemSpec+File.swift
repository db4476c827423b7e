import DMOCore
import ProblemFile

extension ProblemSpec {
  /// The problem that a description states.
  public init(_ file: ProblemFile) {
    self.init(
      space: ParameterSpace(file.parameter.map(Parameter.init)), outputs: OutputSpace(file.output.map(Output.init)))
  }

  /// The problem that a dmosopt study optimised: its objectives minimised, its constraints above 0.
  /// - Throws: `ExchangeError` when names cannot be told apart.
  public init(_ reader: DmosoptReader, path: String) throws {
    let names = reader.parameters.map(\.name) + reader.objectives + reader.constraints
    guard Set(names.map { $0.lowercased() }).count == names.count else {
      throw ExchangeError(
        .mismatch, path: path, detail: "has parameters and outputs of the same name, whatever the case",
        hint: "rename them; they become columns of one table")
    }
    self.init(
      space: ParameterSpace(
        reader.parameters.map {
          Parameter(id: $0.name, kind: $0.isInteger ? .integer : .real, min: $0.lower, max: $0.upper)
        }),
      outputs: OutputSpace(
        reader.objectives.map { Output(id: $0, role: .minimize) }
          + reader.constraints.map { Output(id: $0, role: .atLeast(0)) }))
  }
}

extension Parameter {
  fileprivate init(_ p: ProblemFile.Parameter) {
    let kind: ParameterKind =
      switch p.kind ?? .real {
      case .real: .real
      case .integer: .integer
      case .boolean: .boolean
      case .categorical: .categorical(p.choices ?? [])
      }
    self.init(
      id: p.id, name: p.name ?? "", unit: p.unit ?? "", kind: kind, scale: p.scale == .log ? .log : .linear,
      min: p.min ?? 0, max: p.max ?? 1, step: p.step ?? 0, count: p.count ?? 0, columns: p.columns ?? 0,
      isPeriodic: p.periodic ?? false, initial: p.initial)
  }
}

extension Output {
  fileprivate init(_ o: ProblemFile.Output) {
    let role: Role =
      switch o.role ?? .observe {
      case .minimize: .minimize
      case .maximize: .maximize
      case .observe: .observe
      case .atMost: .atMost(o.bound ?? 0)
      case .atLeast: .atLeast(o.bound ?? 0)
      }
    self.init(
      id: o.id, name: o.name ?? "", unit: o.unit ?? "", role: role, count: o.count ?? 0, columns: o.columns ?? 0,
      mayBeNaN: o.mayBeNaN ?? false, scale: o.scale ?? 0)
  }
}
