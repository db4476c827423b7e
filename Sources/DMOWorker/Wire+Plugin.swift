import DMOCore
import DMOHost

extension WireWriter {
  mutating func put(_ error: PluginError) {
    for text in [error.code.rawValue, error.path, error.detail, error.hint] { put(text) }
  }

  mutating func put(_ plugin: PluginInfo) {
    for text in [plugin.id, plugin.name, plugin.version, plugin.vendor, plugin.license, plugin.url] { put(text) }
    put(plugin.abiMinor)
    put(plugin.problems) { $0.put($1) }
  }

  mutating func put(_ problem: ProblemInfo) {
    for text in [problem.id, problem.name, problem.summary] { put(text) }
    for word in [problem.threads.rawValue, problem.flags.rawValue, problem.extensions.rawValue] { put(word) }
    put(problem.options) { $0.put($1) }
    put(problem.fidelities) {
      $0.put($1.id)
      $0.put($1.summary)
      $0.put($1.relativeCost)
    }
    put(problem.spec) { $0.put($1) }
  }

  private mutating func put(_ option: ProblemOption) {
    for text in [option.key, option.kind.rawValue, option.help, option.unit] { put(text) }
    put(option.isRequired)
    put(option.defaultText) { $0.put($1) }
    put(option.limits) {
      $0.put($1.lowerBound)
      $0.put($1.upperBound)
    }
    put(option.choices) { $0.put($1) }
  }

  mutating func put(_ spec: ProblemSpec) {
    put(spec.space.parameters) { $0.put($1) }
    put(spec.outputs.outputs) { $0.put($1) }
  }

  private mutating func put(_ p: Parameter) {
    for text in [p.id, p.name, p.unit] { put(text) }
    switch p.kind {
    case .real: put(UInt8(0))
    case .integer: put(UInt8(1))
    case .categorical(let labels):
      put(UInt8(2))
      put(labels) { $0.put($1) }
    case .boolean: put(UInt8(3))
    }
    put(p.scale == .log)
    for value in [p.min, p.max, p.step] { put(value) }
    put(UInt32(p.count))
    put(UInt32(p.columns))
    put(p.isPeriodic)
    put(p.initial) { $0.put($1) }
  }

  private mutating func put(_ o: Output) {
    for text in [o.id, o.name, o.unit] { put(text) }
    switch o.role {
    case .minimize: put(UInt8(0))
    case .maximize: put(UInt8(1))
    case .atMost(let bound):
      put(UInt8(2))
      put(bound)
    case .atLeast(let bound):
      put(UInt8(3))
      put(bound)
    case .observe: put(UInt8(4))
    }
    put(UInt32(o.count))
    put(UInt32(o.columns))
    put(o.mayBeNaN)
    put(o.scale)
  }
}

extension WireReader {
  mutating func pluginError() throws(WireError) -> PluginError {
    let code = PluginError.Code(rawValue: TableChecks.printable(try text(limit: 64)))
    return PluginError(
      code, path: TableChecks.readable(try text()), detail: TableChecks.readable(try text()),
      hint: TableChecks.readable(try text()))
  }

  mutating func pluginInfo() throws(WireError) -> PluginInfo {
    PluginInfo(
      id: try text(), name: try text(), version: try text(), vendor: try text(), license: try text(), url: try text(),
      abiMinor: try integer(UInt32.self), problems: try array { r throws(WireError) in try r.problemInfo() })
  }

  mutating func problemInfo() throws(WireError) -> ProblemInfo {
    let (id, name, summary) = (try text(), try text(), try text())
    guard let threads = ThreadSafety(rawValue: try integer(UInt32.self)) else { throw WireError("threads") }
    let flags = ProblemFlags(rawValue: try integer(UInt32.self))
    let extensions = ProblemExtensions(rawValue: try integer(UInt32.self))
    let options = try array { r throws(WireError) in try r.option() }
    let fidelities = try array { r throws(WireError) in
      FidelityLevel(id: try r.text(), summary: try r.text(), relativeCost: try r.double())
    }
    return ProblemInfo(
      id: id, name: name, summary: summary, threads: threads, flags: flags, options: options, extensions: extensions,
      spec: try optional { r throws(WireError) in try r.problemSpec() }, fidelities: fidelities)
  }

  private mutating func option() throws(WireError) -> ProblemOption {
    let key = try text()
    guard let kind = ProblemOption.Kind(rawValue: try text(limit: 16)) else { throw WireError("an option's kind") }
    let (help, unit, required) = (try text(), try text(), try bool())
    let defaultText = try optional { r throws(WireError) in try r.text() }
    let limits = try optional { r throws(WireError) -> ClosedRange<Double> in
      let (lower, upper) = (try r.double(), try r.double())
      guard lower <= upper else { throw WireError("an option's limits") }
      return lower...upper
    }
    return ProblemOption(
      key: key, kind: kind, isRequired: required, help: help, unit: unit, defaultText: defaultText, limits: limits,
      choices: try array { r throws(WireError) in try r.text() })
  }

  mutating func problemSpec() throws(WireError) -> ProblemSpec {
    let parameters = try array { r throws(WireError) in try r.parameter() }
    let outputs = try array { r throws(WireError) in try r.output() }
    // Before the spaces are made: they hold an entry for each number.
    let numbers = [parameters.reduce(0) { $0 + $1.width }, outputs.reduce(0) { $0 + $1.width }]
    guard numbers.allSatisfy({ $0 <= 1 << 22 }) else { throw WireError("a spec of \(numbers) numbers") }
    return ProblemSpec(space: ParameterSpace(parameters), outputs: OutputSpace(outputs))
  }

  private mutating func parameter() throws(WireError) -> Parameter {
    let (id, name, unit) = (try text(), try text(), try text())
    let kind: ParameterKind
    switch try integer(UInt8.self) {
    case 0: kind = .real
    case 1: kind = .integer
    case 2: kind = .categorical(try array { r throws(WireError) in try r.text() })
    case 3: kind = .boolean
    default: throw WireError("a parameter's kind")
    }
    let scale: ParameterScale = try bool() ? .log : .linear
    let (min, max, step) = (try double(), try double(), try double())
    let (count, columns) = (Int(try integer(UInt32.self)), Int(try integer(UInt32.self)))
    let periodic = try bool()
    return Parameter(
      id: id, name: name, unit: unit, kind: kind, scale: scale, min: min, max: max, step: step, count: count,
      columns: columns, isPeriodic: periodic, initial: try optional { r throws(WireError) in try r.double() })
  }

  private mutating func output() throws(WireError) -> Output {
    let (id, name, unit) = (try text(), try text(), try text())
    let role: Role
    switch try integer(UInt8.self) {
    case 0: role = .minimize
    case 1: role = .maximize
    case 2: role = .atMost(try double())
    case 3: role = .atLeast(try double())
    case 4: role = .observe
    default: throw WireError("an output's role")
    }
    let (count, columns) = (Int(try integer(UInt32.self)), Int(try integer(UInt32.self)))
    return Output(
      id: id, name: name, unit: unit, role: role, count: count, columns: columns, mayBeNaN: try bool(),
      scale: try double())
  }
}
