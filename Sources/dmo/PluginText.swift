import DMOCore

/// Plugins as people and programs read them.
enum PluginText {
  static func line(_ info: PluginInfo, path: String) -> String {
    let problems = info.problems.map { p in
      let shape =
        p.spec.map { "\($0.space.dimension) parameters, \($0.outputs.dimension) outputs" } ?? "shape depends on options"
      return "    \(p.id): \(p.name) (\(shape))"
    }
    return "\(info.name) \(info.version)  \(path)\n" + problems.joined(separator: "\n")
  }

  static func full(_ info: PluginInfo, path: String) -> String {
    var text = "\(info.name) \(info.version) (\(info.id))\n  file: \(path)\n"
    let about = [("vendor", info.vendor), ("license", info.license), ("url", info.url)].filter { !$0.1.isEmpty }
    for (key, value) in about { text += "  \(key): \(value)\n" }
    return text + info.problems.map(problem).joined(separator: "\n")
  }

  private static func problem(_ p: ProblemInfo) -> String {
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
    return text
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

  static func json(_ info: PluginInfo, path: String) -> JSON {
    let strings: (([(String, String)]) -> [(String, JSON)]) = { $0.map { ($0.0, .string($0.1)) } }
    return .object(
      strings([
        ("type", "plugin"), ("path", path), ("id", info.id), ("name", info.name), ("version", info.version),
        ("vendor", info.vendor), ("license", info.license), ("url", info.url),
      ]) + [("problems", .array(info.problems.map(json)))])
  }

  private static func json(_ p: ProblemInfo) -> JSON {
    .object([
      ("id", .string(p.id)), ("name", .string(p.name)), ("summary", .string(p.summary)),
      ("threads", .string("\(p.threads)")), ("flags", .array(flags(p).map { .string($0) })),
      ("offers", .array(p.extensions.names.map { .string($0) })),
      (
        "parameters",
        .array(
          (p.spec?.space.parameters ?? []).map { q in
            .object([
              ("id", .string(q.id)), ("unit", .string(q.unit)), ("range", .string(range(q))), ("min", .number(q.min)),
              ("max", .number(q.max)), ("count", .integer(q.count)), ("columns", .integer(q.columns)),
              ("periodic", .bool(q.isPeriodic)),
            ])
          })
      ),
      (
        "outputs",
        .array(
          (p.spec?.outputs.outputs ?? []).map { o in
            .object([
              ("id", .string(o.id)), ("unit", .string(o.unit)), ("role", .string(role(o))),
              ("count", .integer(o.count)),
            ])
          })
      ),
      (
        "options",
        .array(
          p.options.map { o in
            .object([
              ("key", .string(o.key)), ("kind", .string(kind(o))), ("unit", .string(o.unit)), ("help", .string(o.help)),
              ("default", o.defaultText.map { .string($0) } ?? .null),
            ])
          })
      ),
    ])
  }
}
