import DMOCore
import DMOStudy

/// A study's results as people and programs read them: the one source of numbers for `run`, `resume`, `show`, `list`.
enum StudyText {
  /// Longer blocks are told by their size alone.
  private static let blockLimit = 16

  /// The parameters of a design with their units.
  static func parameters(_ x: [Double], _ space: ParameterSpace) -> String {
    var rows: [[String]] = []
    var start = 0
    for p in space.parameters {
      if p.width > blockLimit {
        rows.append([p.id, "\(p.width) numbers", Text.unit(p.unit)])
      } else {
        for k in 0..<p.width { rows.append([p.label(k), Text.value(x[start + k], of: p), Text.unit(p.unit)]) }
      }
      start += p.width
    }
    return Text.table(rows, indent: 4)
  }

  /// The outputs of a design with units, what is wanted of each, and whether a bound is violated.
  static func outputs(_ y: [Double], spec: ProblemSpec, goals: Goals) -> String {
    var rows: [[String]] = []
    for (k, o) in spec.outputs.outputs.enumerated() {
      if o.width > blockLimit {
        rows.append([o.id, "\(o.width) numbers", Text.unit(o.unit)])
        continue
      }
      for j in 0..<o.width {
        let index = spec.outputs.offsets[k] + j
        rows.append([o.label(j), Text.number(y[index]), Text.unit(o.unit), wish(index, y, o, goals)])
      }
    }
    return Text.table(rows, indent: 4)
  }

  private static func wish(_ index: Int, _ y: [Double], _ output: Output, _ goals: Goals) -> String {
    var words: [String] = []
    if let objective = goals.objectives.first(where: { $0.index == index }) {
      words.append(objective.maximize ? "maximised" : "minimised")
    }
    if let k = goals.constraints.firstIndex(where: { $0.index == index }) {
      let limits = Text.limits(goals.constraints[k], unit: output.unit)
      let violation = goals.violations(y)[k]
      words.append(limits + (violation.isNaN ? ", unknown" : violation > 0 ? ", VIOLATED" : ", met"))
    }
    return words.joined(separator: "; ")
  }

  /// What a study found, in full.
  static func result(_ incumbents: Incumbents, spec: ProblemSpec) -> String {
    let goals = incumbents.goals
    if let best = incumbents.best {
      return """
        best\(goals.constraints.isEmpty ? "" : " feasible") design: evaluation \(best.id)
          parameters
        \(parameters(best.x, spec.space))
          outputs
        \(outputs(best.result.y, spec: spec, goals: goals))
        """
    }
    if !incumbents.front.isEmpty { return front(incumbents, spec: spec) }
    guard let nearest = incumbents.nearest else { return "no evaluation gave an answer that can be ranked" }
    return """
      no feasible design is known; nearest: evaluation \(nearest.point.id), total violation \
      \(Text.number(nearest.violation))
        parameters
      \(parameters(nearest.point.x, spec.space))
        outputs
      \(outputs(nearest.point.result.y, spec: spec, goals: goals))
      """
  }

  /// The non-dominated feasible designs, best first in the first objective.
  private static func front(_ incumbents: Incumbents, spec: ProblemSpec) -> String {
    let shown = 20
    let goals = incumbents.goals
    let points = incumbents.front.sorted { $0.losses[0] < $1.losses[0] }
    let units = goals.objectives.map { o in
      spec.outputs.outputs.first { $0.id == o.label }.map { Text.unit($0.unit).isEmpty ? "" : " (\($0.unit))" } ?? ""
    }
    let isNarrow = spec.space.dimension <= blockLimit
    var rows = [
      ["evaluation"] + zip(goals.objectives, units).map { "\($0.label)\($1) \($0.maximize ? "max" : "min")" }
        + goals.constraints.map(\.label) + (isNarrow ? spec.space.labels : [])
    ]
    for p in points.prefix(shown) {
      rows.append(
        ["\(p.id)"] + goals.objectives.map { Text.number(p.result.y[$0.index]) }
          + goals.constraints.map { Text.number(p.result.y[$0.index]) }
          + (isNarrow ? p.x.indices.map { Text.value(p.x[$0], of: spec.space.parameter(at: $0)) } : []))
    }
    let more = points.count > shown ? "\n    … and \(points.count - shown) more: dmo export" : ""
    return "\(points.count) feasible designs that no other dominates\n\(Text.table(rows, indent: 4))\(more)"
  }

  /// An evaluation as a JSON object: parameters and outputs by name.
  static func json(row: Int, x: [Double], _ result: EvaluationResult, spec: ProblemSpec) -> JSON {
    .object([
      ("type", .string("evaluation")), ("id", .integer(row)), ("status", .string(result.status.description)),
      ("message", result.message.isEmpty ? .null : .string(result.message)),
      ("parameters", .object(zip(spec.space.labels, x).map { ($0, .number($1)) })),
      ("outputs", .object(zip(spec.outputs.labels, result.y).map { ($0, .number($1)) })),
      ("wallSeconds", .number(result.wallSeconds)),
    ])
  }

  /// What a study found as a JSON object; the same numbers as `result`.
  static func json(_ incumbents: Incumbents, study: String, state: String, spec: ProblemSpec) -> JSON {
    .object([
      ("type", .string("result")), ("study", .string(study)), ("state", .string(state)),
      ("evaluations", .integer(incumbents.total)), ("feasible", .integer(incumbents.feasibleCount)),
      (
        "counts",
        .object(
          incumbents.counts.sorted { $0.key.rawValue < $1.key.rawValue }.map {
            ($0.key.description, .integer($0.value))
          })
      ),
      (
        "front",
        .array(
          incumbents.front.map { json(row: Int($0.id), x: $0.x, $0.result, spec: spec) })
      ),
    ])
  }
}
