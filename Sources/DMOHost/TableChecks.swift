import DMOCore

/// The rules of `dmo.h` for the values of a table, whoever says them: a plugin in this process, or a worker.
public struct TableChecks: Sendable {
  private static let capitals = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
  /// The plugin's file, for messages.
  let path: String

  public init(path: String) { self.path = path }

  private func require(_ holds: Bool, _ place: String, _ detail: @autoclosure () -> String) throws(PluginError) {
    if !holds {
      throw PluginError(
        .badTable, path: path, detail: place.isEmpty ? detail() : "\(place): \(detail())",
        hint: "the plugin's author must correct this table; dmo.h states the rule")
    }
  }

  /// - Throws: `PluginError.Code.badTable`, naming the problem, the field, the cause.
  public func check(_ plugin: PluginInfo) throws(PluginError) {
    try texts([plugin.name, plugin.version, plugin.vendor, plugin.license, plugin.url], "")
    try require(
      Self.isID(plugin.id, also: Self.capitals + ".-_", first: Self.capitals + "0123456789"), "",
      "id \"\(Self.printable(plugin.id))\" is not a name such as org.example.lens")
    try require(!plugin.name.isEmpty && !plugin.version.isEmpty, "", "name or version is empty")
    try require(!plugin.problems.isEmpty, "", "the plugin has no problem")
    try require(plugin.problems.count <= TableLimits.rows, "", "too many problems")
    var ids: Set<String> = []
    for problem in plugin.problems {
      try check(problem)
      try require(ids.insert(problem.id).inserted, "problem \(problem.id)", "two problems have this id")
    }
  }

  /// - Throws: as `check(_: PluginInfo)`.
  public func check(_ problem: ProblemInfo) throws(PluginError) {
    try require(
      Self.isID(problem.id, also: "_-"), "problem \"\(Self.printable(problem.id))\"",
      "the id must be [a-z][a-z0-9_-]*")
    let place = "problem \(problem.id)"
    try texts([problem.name, problem.summary], place)
    try require(problem.options.count <= TableLimits.rows, place, "too many options")
    var keys: Set<String> = []
    for option in problem.options {
      try check(option, "\(place), option \(Self.printable(option.key))")
      try require(keys.insert(option.key).inserted, "\(place), option \(option.key)", "two options have this key")
    }
    try check(problem.fidelities, place)
    if let spec = problem.spec { try check(spec, place) }
  }

  private func check(_ option: ProblemOption, _ place: String) throws(PluginError) {
    try require(
      Self.isID(option.key, also: Self.capitals + "_.-", first: Self.capitals), place, "the key is not a word")
    try texts([option.help, option.unit] + option.choices, place)
    if option.kind == .choice {
      try require(!option.choices.isEmpty, place, "no choices")
      try require(Set(option.choices).count == option.choices.count, place, "a choice is listed twice")
    }
    if let text = option.defaultText, let objection = option.objection(to: text) {
      try require(false, place, "the default is not allowed: \(Self.printable(objection))")
    }
  }

  private func check(_ levels: [FidelityLevel], _ place: String) throws(PluginError) {
    try require(levels.count <= TableLimits.rows, place, "too many fidelity levels")
    for (index, level) in levels.enumerated() {
      try texts([level.id, level.summary], place)
      try require(
        level.relativeCost.isFinite && level.relativeCost > 0, "\(place), fidelity \(Self.printable(level.id))",
        "relative_cost is \(level.relativeCost)")
      try require(index > 0 || level.relativeCost == 1, place, "fidelity level 0 is the reference; its cost must be 1")
    }
  }

  /// - Throws: as `check(_: PluginInfo)`.
  public func check(_ spec: ProblemSpec, _ place: String) throws(PluginError) {
    try require(!spec.space.parameters.isEmpty, place, "there are no parameters")
    try require(!spec.outputs.outputs.isEmpty, place, "there are no outputs")
    try require(
      spec.space.dimension <= TableLimits.numbers && spec.outputs.dimension <= TableLimits.numbers, place,
      "more than \(TableLimits.numbers) numbers")
    var ids: Set<String> = []
    for p in spec.space.parameters {
      let here = "\(place), parameter \(Self.printable(p.id))"
      try check(p, here)
      try require(ids.insert(p.id.lowercased()).inserted, here, "another parameter has this id, too")
    }
    for o in spec.outputs.outputs {
      let here = "\(place), output \(Self.printable(o.id))"
      try check(o, here)
      try require(ids.insert(o.id.lowercased()).inserted, here, "another parameter or output has this id, too")
    }
  }

  private func check(_ p: Parameter, _ here: String) throws(PluginError) {
    try require(Self.isID(p.id, also: Self.capitals + "_"), here, "the id must be [a-z][A-Za-z0-9_]*")
    try texts([p.name, p.unit], here)
    try require(p.min.isFinite && p.max.isFinite, here, "bounds \(p.min) … \(p.max) are not finite numbers")
    try require(p.min <= p.max, here, "min \(p.min) is above max \(p.max)")
    try require((p.max - p.min).isFinite, here, "the range \(p.min) … \(p.max) is wider than a number can say")
    switch p.kind {
    case .real:
      try require(p.step >= 0 && p.step.isFinite, here, "step is \(p.step)")
      // Its points are counted and numbered as whole numbers.
      try require(
        p.step == 0 || (p.max - p.min) / p.step <= TableLimits.integer, here,
        "step \(p.step) divides the range into more than 2^53 parts")
    case .integer:
      let whole = p.min == p.min.rounded() && p.max == p.max.rounded()
      try require(
        whole && max(abs(p.min), abs(p.max)) <= TableLimits.integer, here,
        "integer bounds \(p.min) … \(p.max) are not whole numbers within ±2^53")
    case .categorical(let labels):
      try texts(labels, here)
      try require(!labels.isEmpty && labels.count <= TableLimits.rows, here, "\(labels.count) choices")
      try require(Set(labels).count == labels.count, here, "a choice is listed twice")
    case .boolean: break
    }
    if p.kind != .real { try require(p.step == 0, here, "step is for real parameters only") }
    if p.scale == .log {
      try require(p.kind == .real || p.kind == .integer, here, "a logarithmic scale is for numbers only")
      try require(p.min > 0, here, "a logarithmic scale needs min > 0; min is \(p.min)")
    }
    if p.isPeriodic {
      try require(p.kind == .real || p.kind == .integer, here, "only numbers can be periodic")
      try require(p.min < p.max, here, "a periodic parameter needs min < max")
    }
    try shape(p.count, p.columns, here)
    if let initial = p.initial {
      try require(
        initial.isFinite && (p.isPeriodic || (p.min <= initial && initial <= p.max)), here,
        "initial is \(initial), outside \(p.min) … \(p.max)")
    }
  }

  private func check(_ o: Output, _ here: String) throws(PluginError) {
    try require(Self.isID(o.id, also: Self.capitals + "_"), here, "the id must be [a-z][A-Za-z0-9_]*")
    try texts([o.name, o.unit], here)
    try require(o.count == 0 || o.role == .observe, here, "a block can only be observed")
    try require(!o.mayBeNaN || o.role == .observe, here, "DMO_MAY_BE_NAN is for observed outputs only")
    try require(o.scale.isFinite && o.scale >= 0, here, "scale is \(o.scale)")
    switch o.role {
    case .atMost(let bound), .atLeast(let bound): try require(bound.isFinite, here, "bound is \(bound)")
    case .minimize, .maximize, .observe: break
    }
    try shape(o.count, o.columns, here)
  }

  private func shape(_ count: Int, _ columns: Int, _ here: String) throws(PluginError) {
    try require(
      count >= 0 && columns >= 0 && (columns == 0 || (count > 0 && count % columns == 0)), here,
      "\(count) numbers do not fill rows of \(columns)")
  }

  /// No control characters: these texts reach terminals.
  private func texts(_ texts: [String], _ place: String) throws(PluginError) {
    for text in texts {
      try require(text.utf8.count <= TableLimits.text, place, "a text is longer than \(TableLimits.text) bytes")
      try require(
        text.unicodeScalars.allSatisfy(Self.isPrintable), place,
        "a text has control characters: \(Self.printable(text))")
    }
  }

  private static func isPrintable(_ c: Unicode.Scalar) -> Bool {
    (c.value >= 32 || c == "\n" || c == "\t") && !(127..<160).contains(c.value)
  }

  /// The text without control characters, at most 80 characters.
  public static func printable(_ text: String) -> String {
    var result = String.UnicodeScalarView()
    for c in text.unicodeScalars.prefix(80) { result.append(isPrintable(c) && c != "\n" ? c : "?") }
    return String(result)
  }

  /// A plugin's message for people: control characters are replaced, lines are kept.
  public static func readable(_ text: String) -> String {
    var result = String.UnicodeScalarView()
    for c in text.unicodeScalars { result.append(isPrintable(c) ? c : "?") }
    return String(result)
  }

  /// [a-z][a-z0-9]*, with more characters allowed at the first place or after it.
  private static func isID(_ id: String, also: String, first: String = "") -> Bool {
    guard let head = id.utf8.first, id.utf8.count <= TableLimits.id else { return false }
    let small = UInt8(ascii: "a")...UInt8(ascii: "z")
    let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
    guard small.contains(head) || first.utf8.contains(head) else { return false }
    return id.utf8.dropFirst().allSatisfy { small.contains($0) || digits.contains($0) || also.utf8.contains($0) }
  }
}
