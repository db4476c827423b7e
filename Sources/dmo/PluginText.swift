import DMOCore

/// Plugins as people and programs read them.
enum PluginText {
  static func line(_ info: PluginInfo, path: String) -> String {
    let problems = info.problems.map { p in
      let shape =
        p.spec.map { "\($0.space.dimension) parameters, \($0.outputs.dimension) outputs" }
        ?? "an instance tells its parameters and outputs"
      return "    \(p.id): \(p.name) (" + ([shape] + flags(p)).joined(separator: ", ") + ")"
    }
    return "\(info.name) \(info.version)  \(path)\n" + problems.joined(separator: "\n")
  }

  static func full(_ info: PluginInfo, path: String, references: [String: [ReferencePoint]] = [:]) -> String {
    var text = "\(info.name) \(info.version) (\(info.id))\n  file: \(path)\n  interface: 1.\(info.abiMinor)\n"
    let about = [("vendor", info.vendor), ("license", info.license), ("url", info.url)].filter { !$0.1.isEmpty }
    for (key, value) in about { text += "  \(key): \(value)\n" }
    return text + info.problems.map { problem($0, references[$0.id] ?? []) }.joined(separator: "\n")
  }

  private static func problem(_ p: ProblemInfo, _ references: [ReferencePoint]) -> String {
    var text = "\nproblem \(p.id): \(p.name)\n"
    if !p.summary.isEmpty { text += "  \(p.summary)\n" }
    text += "  threads: \(p.threads)"
    let words = flags(p)
    if !words.isEmpty { text += "; \(words.joined(separator: ", "))" }
    text += "\n"
    if !p.extensions.names.isEmpty { text += "  offers: \(p.extensions.names.joined(separator: ", "))\n" }
    if let spec = p.spec {
      let rows = spec.space.parameters.map { q in [name(q.id, q.count, q.columns), range(q), q.unit, q.name] }
      text += "  parameters\n" + Text.table(rows, indent: 4) + "\n"
      let outputs = spec.outputs.outputs.map { o in [name(o.id, o.count, o.columns), role(o), o.unit, o.name] }
      text += "  outputs\n" + Text.table(outputs, indent: 4) + "\n"
    } else {
      text += "  parameters and outputs depend on required options: give --set\n"
    }
    if !p.options.isEmpty {
      text += "  options (--set key=value)\n"
      text += Text.table(p.options.map { [$0.key, kind($0), $0.unit, $0.help] }, indent: 4) + "\n"
    }
    if !p.fidelities.isEmpty {
      let rows = p.fidelities.map { [$0.id, "cost \(Text.number($0.relativeCost))", $0.summary] }
      text += "  fidelities\n" + Text.table(rows, indent: 4) + "\n"
    }
    if !references.isEmpty {
      let rows = references.prefix(20).map { ["\($0.kind)", $0.note, point($0, p.spec)] }
      text += "  known points\n" + Text.table(rows, indent: 4) + "\n"
      if references.count > rows.count { text += "    and \(references.count - rows.count) more (--json)\n" }
    }
    return text
  }

  /// The goals and bounds of a reference point; nothing where they are not known.
  private static func point(_ reference: ReferencePoint, _ spec: ProblemSpec?) -> String {
    guard let spec, let y = reference.y, y.count == spec.outputs.dimension else { return "" }
    return zip(spec.outputs.outputs, spec.outputs.offsets).filter { $0.0.role != .observe && !y[$0.1].isNaN }.prefix(4)
      .map { "\($0.0.id) \(Text.number(y[$0.1]))" }.joined(separator: ", ")
  }

  private static func flags(_ p: ProblemInfo) -> [String] {
    let names: [(ProblemFlags, String)] = [
      (.stochastic, "stochastic"), (.expensive, "expensive"), (.hiddenConstraints, "hidden constraints"),
      (.oneInstance, "one instance a process"),
    ]
    return names.filter { p.flags.contains($0.0) }.map(\.1)
  }

  private static func name(_ id: String, _ count: Int, _ columns: Int) -> String {
    if count == 0 { return id }
    return columns > 0 ? "\(id)[\(count / columns)×\(columns)]" : "\(id)[\(count)]"
  }

  private static func range(_ p: Parameter) -> String {
    switch p.kind {
    case .categorical(let labels): return labels.joined(separator: " | ")
    case .boolean: return "true | false"
    case .integer, .real:
      var text = "\(Text.number(p.min)) … \(Text.number(p.max))"
      if p.kind == .integer { text += " whole" }
      if p.scale == .log { text += " log" }
      if p.step > 0 { text += " step \(Text.number(p.step))" }
      if p.isPeriodic { text += " periodic" }
      if let initial = p.initial { text += ", usual \(Text.number(initial))" }
      return text
    }
  }

  private static func role(_ o: Output) -> String {
    switch o.role {
    case .minimize: return "minimise"
    case .maximize: return "maximise"
    case .atMost(let bound): return "≤ \(Text.number(bound))"
    case .atLeast(let bound): return "≥ \(Text.number(bound))"
    case .observe: return "observe"
    }
  }

  private static func kind(_ o: ProblemOption) -> String {
    var text = o.kind == .choice ? o.choices.joined(separator: " | ") : o.kind.rawValue
    if let limits = o.limits { text += " \(Text.number(limits.lowerBound)) … \(Text.number(limits.upperBound))" }
    if o.isRequired { return text + ", required" }
    return text + (o.defaultText.map { ", default \($0)" } ?? "")
  }

  /// One JSON object; `extra` members come last.
  static func json(
    _ info: PluginInfo, path: String, references: [String: [ReferencePoint]] = [:], extra: [(String, JSON)] = []
  ) -> JSON {
    .object(
      [
        ("type", .string("plugin")), ("path", .string(path)), ("id", .string(info.id)), ("name", .string(info.name)),
        ("version", .string(info.version)), ("vendor", .string(info.vendor)), ("license", .string(info.license)),
        ("url", .string(info.url)), ("abi_minor", .integer(Int(info.abiMinor))),
        ("problems", .array(info.problems.map { json($0, references[$0.id]) })),
      ] + extra)
  }

  private static func json(_ p: ProblemInfo, _ references: [ReferencePoint]?) -> JSON {
    .object(
      [
        ("id", .string(p.id)), ("name", .string(p.name)), ("summary", .string(p.summary)),
        ("threads", .string("\(p.threads)")), ("flags", strings(flags(p))), ("offers", strings(p.extensions.names)),
        ("parameters", .array((p.spec?.space.parameters ?? []).map(json))),
        ("outputs", .array((p.spec?.outputs.outputs ?? []).map(json))), ("options", .array(p.options.map(json))),
        (
          "fidelities",
          .array(
            p.fidelities.map {
              .object([
                ("id", .string($0.id)), ("summary", .string($0.summary)), ("relative_cost", .number($0.relativeCost)),
              ])
            })
        ),
      ] + (references.map { [("references", .array($0.map(json)))] } ?? []))
  }

  private static func strings(_ texts: [String]) -> JSON { .array(texts.map { .string($0) }) }

  private static func json(_ q: Parameter) -> JSON {
    let (kind, choices): (String, [String]) =
      switch q.kind {
      case .real: ("real", [])
      case .integer: ("integer", [])
      case .boolean: ("boolean", [])
      case .categorical(let labels): ("categorical", labels)
      }
    return .object([
      ("id", .string(q.id)), ("name", .string(q.name)), ("unit", .string(q.unit)), ("kind", .string(kind)),
      ("range", .string(range(q))), ("min", .number(q.min)), ("max", .number(q.max)),
      ("scale", .string(q.scale == .log ? "log" : "linear")), ("step", .number(q.step)), ("choices", strings(choices)),
      ("count", .integer(q.count)), ("columns", .integer(q.columns)), ("periodic", .bool(q.isPeriodic)),
      ("initial", q.initial.map { .number($0) } ?? .null),
    ])
  }

  private static func json(_ o: Output) -> JSON {
    let bound: JSON =
      switch o.role {
      case .atMost(let bound), .atLeast(let bound): .number(bound)
      case .minimize, .maximize, .observe: .null
      }
    return .object([
      ("id", .string(o.id)), ("name", .string(o.name)), ("unit", .string(o.unit)), ("role", .string(role(o))),
      ("bound", bound), ("count", .integer(o.count)), ("columns", .integer(o.columns)), ("scale", .number(o.scale)),
      ("may_be_nan", .bool(o.mayBeNaN)),
    ])
  }

  private static func json(_ o: ProblemOption) -> JSON {
    .object([
      ("key", .string(o.key)), ("kind", .string(kind(o))), ("type", .string(o.kind.rawValue)),
      ("unit", .string(o.unit)), ("help", .string(o.help)), ("required", .bool(o.isRequired)),
      ("default", o.defaultText.map { .string($0) } ?? .null), ("min", o.limits.map { .number($0.lowerBound) } ?? .null),
      ("max", o.limits.map { .number($0.upperBound) } ?? .null), ("choices", strings(o.choices)),
    ])
  }

  private static func json(_ r: ReferencePoint) -> JSON {
    func numbers(_ values: [Double]?) -> JSON { values.map { .array($0.map { .number($0) }) } ?? .null }
    return .object([
      ("kind", .string("\(r.kind)")), ("note", .string(r.note)), ("x", numbers(r.x)), ("y", numbers(r.y)),
      ("rtol", .number(r.rtol)), ("atol", .number(r.atol)), ("seed", .string("\(r.seed)")),
      ("fidelity", .integer(Int(r.fidelity))),
    ])
  }
}
