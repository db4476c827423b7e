import DMOCore
import DMOHost

/// What the plugin says of itself and of its problems.
let tableChecks: [Check] = [
  Check(
    "meta.strings", .quick, .plugin,
    "Ids are well formed and unique, texts are UTF-8, and id, name and version are set.",
    why: "Ids become columns and command-line words; a study is found again by them.",
    fix:
      "Ids are `[a-z][A-Za-z0-9_]*` for parameters and outputs, `[a-z][a-z0-9_-]*` for problems, "
      + "unique whatever the case."
  ) { run in
    let info = try run.library().info
    var remarks: [String] = []
    if !isSemantic(info.version) { remarks.append("the version \(info.version) is not like 1.2.3") }
    for (name, text) in [("vendor", info.vendor), ("license", info.license), ("url", info.url)] where text.isEmpty {
      remarks.append("no \(name)")
    }
    return remarks.isEmpty ? .pass() : .warn(remarks.joined(separator: "; "))
  },
  Check(
    "meta.extension-unknown", .quick, .plugin, "`extension()` answers NULL to ids that it does not know.",
    why: "A host of a later version asks for extensions that do not exist yet, and calls what it gets.",
    fix: "Compare the whole id with `strcmp`; no prefixes."
  ) { run in
    let library = try run.library()
    for (index, problem) in library.info.problems.enumerated() {
      for id in ["dmo.nope/1", "dmo.gradient/1x", "dmo.gradient/2", "dmo.batch/10", "dmo.reference", ""] {
        run.note("extension(\"\(id)\") of \(problem.id)")
        if library.answers(id, problem: index) { return .fail("problem \(problem.id) answers to \"\(id)\"") }
      }
    }
    return .pass()
  },
  Check(
    "spec.params", .quick, .instance, "Parameters have finite ordered bounds, and each kind keeps its own rules.",
    why: "The search maps every parameter to [0, 1] by its bounds.",
    fix:
      "Logarithmic scales need min > 0, integers whole bounds within 2^53, "
      + "a step must divide the range, categories two labels."
  ) { run in
    var remarks: [String] = []
    for p in try run.instance().spec.space.parameters {
      if case .categorical(let labels) = p.kind, labels.count < 2 { remarks.append("\(p.id) has one choice only") }
      guard p.step > 0 else { continue }
      let steps = (p.max - p.min) / p.step
      if abs(steps - steps.rounded()) > 1e-9 * max(1, steps) {
        remarks.append("the grid of \(p.id) does not reach max")
      }
    }
    return remarks.isEmpty ? .pass() : .warn(remarks.joined(separator: "; "))
  },
  Check(
    "spec.outputs", .quick, .instance,
    "At least one output is a goal or a bound; blocks are observed; bounds are finite.",
    why: "Without a goal or a bound there is nothing to optimise.",
    fix: "Give the output that matters the role `DMO_MINIMIZE` or `DMO_MAXIMIZE`."
  ) { run in
    let outputs = try run.instance().spec.outputs.outputs
    return outputs.contains { $0.role != .observe } ? .pass() : .fail("all outputs are only observed")
  },
  Check(
    "spec.stable", .quick, .instance, "`describe()` answers the same again, and on a second instance.",
    why: "A study's columns are made once.",
    fix: "Fill the tables in `create()` from the options alone, and only return their address in `describe()`."
  ) { run in
    let instance = try run.instance()
    run.note("the second describe()")
    if try instance.describeAgain() != instance.spec { return .fail("describe() answers differently the second time") }
    if try run.isOneInstance { return .pass("one instance only") }
    let other = try run.makeInstance()
    return other.spec == instance.spec ? .pass() : .fail("a second instance has another spec")
  },
  Check(
    "spec.units", .standard, .instance, "Parameters and outputs have units that can be read.",
    why: "Reports and the command line show numbers in these units.",
    fix: "Write units such as `um`, `V/us`, `dB`; `1` for what has none."
  ) { run in
    let spec = try run.instance().spec
    var unknown: [String] = []
    var without: [String] = []
    for (id, unit, needs) in spec.space.parameters.map({ ($0.id, $0.unit, $0.kind == .real) })
      + spec.outputs.outputs.map({ ($0.id, $0.unit, true) })
    {
      if unit.isEmpty {
        if needs { without.append(id) }
      } else if !UnitText.isKnown(unit) {
        unknown.append("\(id) (\(unit))")
      }
    }
    var remarks: [String] = []
    if !without.isEmpty { remarks.append("no unit: \(without.prefix(8).joined(separator: ", "))") }
    if !unknown.isEmpty { remarks.append("not understood: \(unknown.prefix(8).joined(separator: ", "))") }
    return remarks.isEmpty ? .pass() : .warn(remarks.joined(separator: "; "))
  },
]

/// Three whole numbers, then whatever a pre-release or build adds.
private func isSemantic(_ version: String) -> Bool {
  let core = version.prefix { $0 != "-" && $0 != "+" }
  let parts = core.split(separator: ".", omittingEmptySubsequences: false)
  return parts.count == 3 && parts.allSatisfy { !$0.isEmpty && $0.allSatisfy { "0123456789".contains($0) } }
}

/// Unit texts as engineers write them: symbols with prefixes and exponents, joined by `*`, `·`, spaces and `/`.
enum UnitText {
  private static let whole: Set<String> = [
    "1", "%", "ppm", "ppb", "deg", "°", "rad", "mrad", "dB", "dBm", "dBc", "dBV", "dec", "oct", "px", "pixel", "bit",
    "min", "h", "d", "degC", "°C", "wave", "waves", "rpm", "count", "counts", "sample", "samples", "cycle", "cycles",
  ]
  private static let base: Set<String> = [
    "m", "g", "s", "A", "K", "mol", "cd", "Hz", "N", "Pa", "J", "W", "C", "V", "F", "Ohm", "ohm", "Ω", "S", "Wb", "T",
    "H",
    "lm", "lx", "Bq", "Gy", "Sv", "eV", "bar", "l", "L", "t", "sr", "B", "rad", "VA", "var", "Sa",
  ]
  private static let prefixes = [
    "", "y", "z", "a", "f", "p", "n", "u", "µ", "μ", "m", "c", "d", "da", "h", "k", "M", "G", "T", "P",
  ]

  static func isKnown(_ text: String) -> Bool {
    let bare = text.replacing("(", with: " ").replacing(")", with: " ").replacing("sqrt", with: " ")
    let symbols = bare.split { "/*·. √".contains($0) }
    return !symbols.isEmpty && symbols.allSatisfy { isSymbol(String($0)) }
  }

  private static func isSymbol(_ text: String) -> Bool {
    if whole.contains(text) { return true }
    var symbol = text
    while let last = symbol.last, "0123456789^-²³⁻¹".contains(last) { symbol.removeLast() }
    if symbol.isEmpty { return false }
    return whole.contains(symbol)
      || prefixes.contains { symbol.hasPrefix($0) && base.contains(String(symbol.dropFirst($0.count))) }
  }
}
