/// A wish about the goals that cannot be understood, in words for the user.
public struct GoalRequestError: Error, Equatable, CustomStringConvertible {
  public let description: String
  /// What to write instead.
  public let hint: String
}

extension Goals {
  /// Applies the user's wishes to the problem's own roles.
  ///
  /// - Parameters:
  ///   - goals: `power=min`, `gain=max`: if any is given, these are the only objectives. `pm=observe` drops an output
  ///     from objectives and constraints.
  ///   - requirements: `gain>=65`, `65<=gain`, `0.8<=vcm<=1.0`, in the output's unit: replaces the output's own bound.
  ///   - outputs: where the names are looked up.
  /// - Throws: `GoalRequestError`.
  public mutating func apply(goals: [String], requirements: [String], to outputs: OutputSpace) throws {
    var named: [Objective] = []
    for text in goals {
      let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map { Self.trimmed($0) }
      guard parts.count == 2 else {
        throw GoalRequestError(description: "--goal \(text): no '='", hint: "write --goal OUTPUT=min, =max or =observe")
      }
      let (index, _) = try Self.find(parts[0], in: outputs, of: "--goal \(text)")
      switch parts[1] {
      case "min", "minimize", "minimise": named.append(Objective(index: index, label: parts[0], maximize: false))
      case "max", "maximize", "maximise": named.append(Objective(index: index, label: parts[0], maximize: true))
      case "observe":
        objectives.removeAll { $0.index == index }
        constraints.removeAll { $0.index == index }
      default:
        throw GoalRequestError(
          description: "--goal \(text): '\(parts[1])' is no direction", hint: "write min, max or observe")
      }
    }
    if !named.isEmpty { objectives = named }
    for text in requirements {
      let constraint = try Self.requirement(text, outputs)
      if let k = constraints.firstIndex(where: { $0.index == constraint.index }) {
        constraints[k] = constraint
      } else {
        constraints.append(constraint)
      }
    }
    if let twice = Dictionary(grouping: objectives, by: \.index).values.first(where: { $0.count > 1 }) {
      throw GoalRequestError(description: "--goal names \(twice[0].label) twice", hint: "name each output once")
    }
  }

  private static func trimmed(_ s: some StringProtocol) -> String {
    var t = Substring(s)
    while t.first?.isWhitespace == true { t.removeFirst() }
    while t.last?.isWhitespace == true { t.removeLast() }
    return String(t)
  }

  private static func find(_ label: String, in outputs: OutputSpace, of what: String) throws -> (Int, Output) {
    if let k = outputs.index(of: label), outputs.outputs[k].count == 0 {
      return (outputs.offsets[k], outputs.outputs[k])
    }
    if let index = outputs.labels.firstIndex(of: label), let k = outputs.offsets.lastIndex(where: { $0 <= index }) {
      return (index, outputs.outputs[k])
    }
    let names = outputs.outputs.map { $0.count == 0 ? $0.id : "\($0.id)[0…\($0.count - 1)]" }
    throw GoalRequestError(
      description: "\(what): the problem has no output '\(label)'",
      hint: "its outputs: \(names.joined(separator: ", "))")
  }

  /// `a<=id`, `id>=a`, `a<=id<=b` and their mirror images.
  private static func requirement(_ text: String, _ outputs: OutputSpace) throws -> Constraint {
    let hint = "write --require 'OUTPUT>=NUMBER', 'OUTPUT<=NUMBER' or 'NUMBER<=OUTPUT<=NUMBER'"
    func bad(_ why: String) -> GoalRequestError {
      GoalRequestError(description: "--require \(text): \(why)", hint: hint)
    }
    var terms: [String] = [""]
    var signs: [Character] = []
    var rest = Substring(text)
    while let c = rest.popFirst() {
      if c == "<" || c == ">" {
        if rest.first == "=" { rest.removeFirst() }
        signs.append(c)
        terms.append("")
      } else {
        terms[terms.count - 1].append(c)
      }
    }
    terms = terms.map { trimmed($0) }
    guard signs.count == 1 || (signs.count == 2 && signs[0] == signs[1]) else { throw bad("not a comparison") }
    let nameAt = signs.count == 2 ? 1 : (Double(terms[0]) == nil ? 0 : 1)
    let (index, output) = try find(terms[nameAt], in: outputs, of: "--require \(text)")
    var lower: Double?
    var upper: Double?
    for (k, term) in terms.enumerated() where k != nameAt {
      guard let value = Double(term), value.isFinite else { throw bad("'\(term)' is not a number") }
      // A number on the left of '<' or on the right of '>' bounds from below.
      let isLower = (signs[min(k, nameAt)] == "<") == (k < nameAt)
      if isLower { lower = value } else { upper = value }
    }
    if let lower, let upper, lower > upper { throw bad("no number is both") }
    var constraint = bound(output, index, lower: lower, upper: upper)
    constraint.label = terms[nameAt]
    return constraint
  }
}
