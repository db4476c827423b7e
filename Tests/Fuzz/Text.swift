import Foundation

/// What users type: tables of points, `key=value`, goals, times, sizes, limits, the options of plugins, searches and
/// trainers. The first byte chooses.
func fuzzText(_ bytes: [UInt8]) {
  guard let first = bytes.first else { return }
  let text = String(decoding: bytes.dropFirst(), as: UTF8.self)
  let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
  do {
    if first == 255 { return try searchOptions(KeyValue.parse(lines, flag: "--search-set")) }
    if first == 254 { return try trainerOptions(lines) }
    switch first % 7 {
    case 0:
      for x in try Points.table(text, name: "t", spec: fuzzSpec) { check(x) }
    case 1:
      _ = try KeyValue.parse(lines, flag: "--set")
      check(try Points.point(lines, in: fuzzSpec.space))
    case 2:
      var goals = Goals(fuzzSpec.outputs)
      try goals.apply(
        goals: lines.filter { !$0.contains("<") && !$0.contains(">") },
        requirements: lines.filter { $0.contains("<") || $0.contains(">") }, to: fuzzSpec.outputs)
      for c in goals.constraints { precondition(c.scale > 0 && fuzzSpec.outputs.labels.indices.contains(c.index)) }
    case 3:
      let seconds = try Quantity.seconds(text, option: "--eval-timeout")
      precondition(seconds > 0 && seconds.isFinite)
    case 4:
      let size = try Quantity.bytes(text, option: "--worker-memory")
      precondition(size >= 1 << 20)
    case 5:
      if case .share(let share) = FailurePolicy.Limit(text) { precondition((0...1).contains(share)) }
    default:
      for option in options where option.objection(to: text) == nil {
        if option.kind == .int { precondition(Double(text).map { (0...9).contains($0) } ?? false) }
      }
    }
  } catch {}
}

private let options = [
  ProblemOption(key: "n", kind: .int, help: "", limits: 0...9), ProblemOption(key: "b", kind: .bool, help: ""),
  ProblemOption(key: "r", kind: .real, help: "", limits: -1...1),
  ProblemOption(key: "c", kind: .choice, help: "", choices: ["a", "b"]),
]

/// What was accepted reads as what it is, and within its limits.
private func searchOptions(_ given: [String: String]) throws {
  let info = StrategyInfo(
    id: "s", summary: "", trainers: [],
    options: options
      + [ProblemOption(key: "design", kind: .choice, help: "", defaultText: "lhs", choices: ["lhs", "random"])])
  let values = try OptionValues(info, given)
  if values.text("n") != nil { precondition(values.int("n").map { (0...9).contains($0) } ?? false) }
  if values.text("r") != nil { precondition(values.real("r").map { (-1...1).contains($0) } ?? false) }
  precondition(["lhs", "random"].contains(values.text("design")))
  _ = values.bool("b")
}

private func trainerOptions(_ lines: [String]) throws {
  let keys = ["i", "n", "l", "k", "p", "b", "w", "target"]
  let description = TrainerDescription(
    id: "t", summary: "", options: keys.map { TrainerOption(key: $0, defaultText: "", help: "") })
  let values = try TrainerOptions(lines, for: description)
  if let i = try values.integer("i", in: 1...9) { precondition((1...9).contains(i)) }
  if let n = try values.number("n", in: 0...1) { precondition((0...1).contains(n)) }
  for n in try values.numbers("l", in: 0...1) ?? [] { precondition((0...1).contains(n)) }
  for k in try values.integers("k", in: 1...9, isList: true) ?? [] { precondition((1...9).contains(k)) }
  if let p = try values.positive("p", atMost: 2) { precondition(p > 0 && p <= 2) }
  for w in try values.widths("w") ?? [] { precondition((1...16384).contains(w)) }
  _ = try values.boolean("b")
  _ = try values.choice("target", TrainingTarget.self)
}

/// What was accepted lies within the problem's ranges.
private func check(_ x: [Double]) {
  precondition(x.count == fuzzSpec.space.dimension)
  for i in x.indices { precondition(fuzzSpec.space.objection(to: x[i], at: i) == nil) }
}
