import CDMO
import DMOCore

extension TableReader {
  /// What parameters and outputs there are.
  func spec(_ address: UnsafePointer<dmo_spec>?) throws(PluginError) -> ProblemSpec {
    let spec = try table(address, dmo_spec.self, minimum: 40, "spec")
    let parameters = try array(
      spec.params, dmo_param.self, count: spec.param_count, stride: spec.param_size, minimum: 88, "parameters")
    let outputs = try array(
      spec.outputs, dmo_output.self, count: spec.output_count, stride: spec.output_size, minimum: 56, "outputs")
    // Before the spaces are made, since they hold one entry for each number.
    let sizes = [(parameters.map(\.count), "parameters"), (outputs.map(\.count), "outputs")]
    for (counts, name) in sizes where counts.reduce(0, { $0 + Int(max(1, $1)) }) > TableLimits.numbers {
      throw error("the \(name) are more than \(TableLimits.numbers) numbers")
    }
    var space: [Parameter] = []
    for (index, p) in parameters.enumerated() { space.append(try at("parameter \(index)").parameter(p)) }
    var results: [Output] = []
    for (index, o) in outputs.enumerated() { results.append(try at("output \(index)").output(o)) }
    return ProblemSpec(space: ParameterSpace(space), outputs: OutputSpace(results))
  }

  private func parameter(_ p: dmo_param) throws(PluginError) -> Parameter {
    let id = try text(p.id, "id", required: true)
    let here = TableReader(path: path, place: place.dropLast() + ["parameter \(id)"])
    let kind: ParameterKind
    switch Int(p.kind) {
    case DMO_REAL: kind = .real
    case DMO_INTEGER: kind = .integer
    case DMO_BOOLEAN: kind = .boolean
    case DMO_CATEGORICAL:
      let labels = try here.texts(p.choices, "choices")
      if labels.isEmpty { throw here.error("no choices") }
      kind = .categorical(labels)
    default: throw here.error("kind is \(p.kind); dmo.h defines 0 to 3")
    }
    guard p.scale <= 1 else { throw here.error("scale is \(p.scale); dmo.h defines 0 and 1") }
    return Parameter(
      id: id, name: try here.text(p.name, "name"), unit: try here.text(p.unit, "unit"), kind: kind,
      scale: Int(p.scale) == DMO_LOG ? .log : .linear, min: p.min, max: p.max, step: p.step, count: Int(p.count),
      columns: Int(p.columns), isPeriodic: p.periodic != 0, initial: p.has_initial != 0 ? p.initial : nil)
  }

  private func output(_ o: dmo_output) throws(PluginError) -> Output {
    let id = try text(o.id, "id", required: true)
    let here = TableReader(path: path, place: place.dropLast() + ["output \(id)"])
    let role: Role
    switch Int(o.role) {
    case DMO_MINIMIZE: role = .minimize
    case DMO_MAXIMIZE: role = .maximize
    case DMO_AT_MOST: role = .atMost(o.bound)
    case DMO_AT_LEAST: role = .atLeast(o.bound)
    case DMO_OBSERVE: role = .observe
    default: throw here.error("role is \(o.role); dmo.h defines 0 to 4")
    }
    return Output(
      id: id, name: try here.text(o.name, "name"), unit: try here.text(o.unit, "unit"), role: role,
      count: Int(o.count), columns: Int(o.columns), mayBeNaN: o.flags & 1 != 0, scale: o.scale)
  }

  func options(_ problem: dmo_problem) throws(PluginError) -> [ProblemOption] {
    let table = try array(
      problem.options, dmo_option.self, count: problem.option_count, stride: problem.option_size, minimum: 64,
      "options")
    var result: [ProblemOption] = []
    for (index, o) in table.enumerated() { result.append(try at("option \(index)").option(o)) }
    return result
  }

  private func option(_ o: dmo_option) throws(PluginError) -> ProblemOption {
    let kinds: [ProblemOption.Kind] = [.bool, .int, .real, .string, .choice, .path]
    let key = try text(o.key, "key", required: true)
    let here = TableReader(path: path, place: place.dropLast() + ["option \(key)"])
    guard Int(o.kind) < kinds.count else { throw here.error("kind is \(o.kind); dmo.h defines 0 to 5") }
    let kind = kinds[Int(o.kind)]
    var limits: ClosedRange<Double>?
    if kind == .int || kind == .real, o.min != 0 || o.max != 0 {
      guard o.min.isFinite, o.max.isFinite, o.min <= o.max else { throw here.error("limits \(o.min) … \(o.max)") }
      limits = o.min...o.max
    }
    return ProblemOption(
      key: key, kind: kind, isRequired: o.required != 0, help: try here.text(o.help, "help"),
      unit: try here.text(o.unit, "unit"),
      defaultText: o.default_text == nil ? nil : try here.text(o.default_text, "default_text"), limits: limits,
      choices: kind == .choice ? try here.texts(o.choices, "choices") : [])
  }

  /// The levels of `dmo.fidelity/1`.
  func fidelities(_ address: UnsafeRawPointer) throws(PluginError) -> [FidelityLevel] {
    let f = try table(address, dmo_fidelity.self, minimum: 24, "dmo.fidelity/1")
    let levels = try array(
      f.levels, dmo_fidelity_level.self, count: f.level_count, stride: f.level_size, minimum: 24, "fidelity levels")
    var result: [FidelityLevel] = []
    for (index, level) in levels.enumerated() {
      let here = at("fidelity level \(index)")
      result.append(
        FidelityLevel(
          id: try here.text(level.id, "id", required: true), summary: try here.text(level.summary, "summary"),
          relativeCost: level.relative_cost))
    }
    return result
  }
}
