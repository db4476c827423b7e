import Bridge
import DMOPluginKit
import Foundation

/// What a program is told: the parameters, in the layout that it expects.
struct ParameterFile {
  let problem: BridgedProblem
  /// As text, in the order of the labels.
  let values: [String]

  /// The layout of Dakota's fork interface: a count and a word, then a value and its name on each line.
  func dakota(_ number: UInt64) -> String {
    let outputs = problem.outputLabels
    var lines = ["\(values.count) variables"] + zip(values, problem.parameterLabels).map { "\($0) \($1)" }
    // Each function is wanted (1), and no derivatives.
    lines += ["\(outputs.count) functions"] + outputs.enumerated().map { "1 ASV_\($0 + 1):\($1)" }
    lines += ["0 derivative_variables", "0 analysis_components", "\(number) eval_id"]
    return lines.map { line in
      let parts = line.split(separator: " ", maxSplits: 1)
      return String(repeating: " ", count: max(0, 24 - parts[0].count)) + line + "\n"
    }.joined()
  }

  /// One object: numbers as numbers, categories as texts, blocks by their labels.
  var json: String {
    var isText: [Bool] = []
    for p in problem.file.parameter {
      isText += [Bool](repeating: p.kind == .categorical, count: max(1, p.count ?? 1))
    }
    let members = zip(zip(problem.parameterLabels, values), isText).map { pair, quoted in
      "  \"\(pair.0)\": \(quoted ? "\"\(pair.1.replacing("\\", with: "\\\\").replacing("\"", with: "\\\""))\"" : pair.1)"
    }
    return "{\n" + members.joined(separator: ",\n") + "\n}\n"
  }
}

/// What a program answered.
struct ResultFile {
  /// By the outputs' order; NaN where nothing is known.
  var values: [Double]
  /// Why the point has no answer, or this try failed.
  var infeasible: String?
  var failed: String?

  /// Lines of a value, perhaps with its output's name; without names in the outputs' order. A line that begins with
  /// `fail` says that the try failed (Dakota's word), one with `infeasible` that the point has no answer; what follows
  /// is why.
  init(dakota text: String, _ labels: [String]) throws {
    values = [Double](repeating: .nan, count: labels.count)
    var next = 0
    for (number, line) in text.split(whereSeparator: \.isNewline).enumerated() {
      let words = line.split(whereSeparator: \.isWhitespace).map(String.init)
      guard let first = words.first, !first.hasPrefix("#") else { continue }
      let rest = words.dropFirst().joined(separator: " ")
      if first.lowercased() == "fail" {
        failed = rest.isEmpty ? "the program says that it failed" : rest
      } else if first.lowercased() == "infeasible" {
        infeasible = rest.isEmpty ? "the program says that this point has no answer" : rest
      } else {
        guard let value = Double(first) else {
          throw Failed("results, line \(number + 1): '\(first)' is not a number")
        }
        let position = rest.isEmpty ? next : labels.firstIndex(of: rest) ?? -1
        guard labels.indices.contains(position) else {
          throw Failed(
            "results, line \(number + 1): \(rest.isEmpty ? "more numbers than outputs" : "no output '\(rest)'")")
        }
        values[position] = value
        next = position + 1
      }
    }
  }

  /// An object of numbers by output; blocks as arrays or by label. `status` may be `infeasible` or `failed`, with a
  /// `message`.
  init(json text: String, _ labels: [String]) throws {
    guard let object = try? JSONDecoder().decode([String: Member].self, from: Data(text.utf8)) else {
      throw Failed("the results are no JSON object of numbers, arrays of numbers and texts")
    }
    values = [Double](repeating: .nan, count: labels.count)
    let message = object["message"]?.text
    switch object["status"]?.text {
    case "infeasible": infeasible = message ?? "the program says that this point has no answer"
    case "failed": failed = message ?? "the program says that it failed"
    case nil, "ok": break
    case .some(let word): throw Failed("the results have the status '\(word)'; write ok, infeasible or failed")
    }
    for (name, member) in object where name != "status" && name != "message" {
      switch member {
      case .number(let value):
        guard let k = labels.firstIndex(of: name) else { throw Failed("results: '\(name)' is no output") }
        values[k] = value
      case .numbers(let block):
        for (j, value) in block.enumerated() {
          guard let k = labels.firstIndex(of: "\(name)[\(j)]") else {
            throw Failed("results: there is no \(name)[\(j)]")
          }
          values[k] = value ?? .nan
        }
      case .nothing: break
      case .text: throw Failed("results: '\(name)' is no number")
      }
    }
  }

  /// Decoded, since `JSONSerialization` does not keep the last bits of a number.
  private enum Member: Decodable {
    case number(Double), numbers([Double?]), text(String), nothing

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if container.decodeNil() {
        self = .nothing
      } else if let value = try? container.decode(Double.self) {
        self = .number(value)
      } else if let text = try? container.decode(String.self) {
        self = .text(text)
      } else {
        self = .numbers(try container.decode([Double?].self))
      }
    }

    var text: String? { if case .text(let text) = self { text } else { nil } }
  }
}
