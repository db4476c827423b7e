import DMOConformance
import DMOHost
import Foundation

/// Shows the results of a validation as they come, for people or as JSON lines, and keeps them for JUnit.
struct ValidationReport {
  let plan: ValidationPlan
  var console: Console
  private var results: [CheckResult] = []
  private var problem = ""
  private let started = Date()

  init(plan: ValidationPlan, console: Console) { (self.plan, self.console) = (plan, console) }

  mutating func start() {
    if !console.isJSON && !console.isQuiet { Console.out("\(plan.path): level \(plan.level), seed \(plan.seed)") }
  }

  mutating func add(_ result: CheckResult) {
    results.append(result)
    if console.isJSON { return Console.out(json(result).text) }
    if console.isQuiet { return }
    if result.problem != problem {
      problem = result.problem
      if !problem.isEmpty { Console.out("problem \(problem)") }
    }
    let word = mark(result.outcome)
    let rest = result.message.isEmpty ? "" : "  " + ValidationReport.line(result.message)
    Console.out("  \(word) \(rest.isEmpty ? result.id : result.id.padding(24))\(rest)")
  }

  mutating func finish(_ summary: ValidationSummary) {
    let seconds = Date().timeIntervalSince(started)
    if console.isJSON {
      let counts = Outcome.allCases.map { ($0.rawValue, JSON.integer(summary.counts[$0] ?? 0)) }
      return Console.out(
        JSON.object(
          [("type", .string("summary"))] + counts + [
            ("clean", .bool(summary.isClean)), ("seconds", .number(seconds)),
          ]
        ).text)
    }
    for result in results where result.outcome.isFailure { Console.out("\n" + explanation(result)) }
    let counts = Outcome.allCases.compactMap { outcome in
      summary.counts[outcome].map { "\($0) \(outcome.rawValue)" }
    }
    Console.out(
      "\n\(summary.isClean ? "ok" : "NOT OK"): \(counts.joined(separator: ", ")) in "
        + String(format: "%.1f s", seconds))
  }

  private func explanation(_ r: CheckResult) -> String {
    var lines = [
      "\(r.outcome.rawValue) \(r.id)\(r.problem.isEmpty ? "" : " of problem \(r.problem)")", "  \(r.message)",
    ]
    if !r.point.isEmpty { lines.append("  at         \(r.point)") }
    if !r.printed.isEmpty { lines.append("  printed    \(Self.line(String(r.printed.suffix(300))))") }
    if let check = Registry.check(r.id) { lines.append("  to fix     \(check.fix)") }
    lines.append("  reproduce  dmo \(r.reproduce.map { Self.quoted($0) }.joined(separator: " "))")
    return lines.joined(separator: "\n")
  }

  private func mark(_ outcome: Outcome) -> String {
    (outcome.isFailure ? outcome.rawValue.uppercased() : outcome.rawValue).padding(7)
  }

  private func json(_ r: CheckResult) -> JSON {
    .object([
      ("type", .string("result")), ("id", .string(r.id)), ("problem", .string(r.problem)),
      ("outcome", .string(r.outcome.rawValue)), ("message", .string(r.message)), ("point", .string(r.point)),
      ("seed", .string(String(r.seed))), ("seconds", .number(r.seconds)), ("printed", .string(r.printed)),
      ("reproduce", .array((["dmo"] + r.reproduce).map { .string($0) })),
    ])
  }

  /// One line for each text, at most 160 characters.
  private static func line(_ text: String) -> String {
    let line = text.split(whereSeparator: \.isNewline).joined(separator: " | ")
    return line.count > 160 ? line.prefix(160) + "…" : line
  }

  /// One word for a shell.
  private static func quoted(_ word: String) -> String {
    let plain = word.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "_-./=:,+@%".contains($0)) }
    return plain && !word.isEmpty ? word : "'" + word.replacingOccurrences(of: "'", with: "'\\''") + "'"
  }

  // MARK: - JUnit

  /// - Throws: `UserError` when the file cannot be written.
  func writeJUnit(to path: String) throws {
    let failures = results.filter { $0.outcome == .fail }.count
    let errors = results.filter { $0.outcome == .crash || $0.outcome == .timeout }.count
    let skips = results.filter { $0.outcome == .skip }.count
    var xml = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuite name=\"\(Self.escaped(plan.path))\" "
    xml += "tests=\"\(results.count)\" failures=\"\(failures)\" errors=\"\(errors)\" skipped=\"\(skips)\">\n"
    for r in results {
      xml += "  <testcase classname=\"\(Self.escaped(r.problem.isEmpty ? "plugin" : r.problem))\" name=\"\(r.id)\" "
      xml += "time=\"\(String(format: "%.3f", r.seconds))\">"
      let message = Self.escaped(r.message)
      switch r.outcome {
      case .pass: xml += r.message.isEmpty ? "" : "<system-out>\(message)</system-out>"
      case .warn: xml += "<system-err>\(message)</system-err>"
      case .skip: xml += "<skipped message=\"\(message)\"/>"
      case .fail: xml += "<failure message=\"\(message)\">\(Self.escaped(explanation(r)))</failure>"
      case .crash, .timeout:
        xml += "<error type=\"\(r.outcome.rawValue)\" message=\"\(message)\">\(Self.escaped(explanation(r)))</error>"
      }
      xml += "</testcase>\n"
    }
    xml += "</testsuite>\n"
    do { try Data(xml.utf8).write(to: URL(fileURLWithPath: path)) } catch {
      throw UserError(
        "cannot write \(path): \(error.localizedDescription)", hint: "name a file in a folder that exists")
    }
  }

  private static func escaped(_ text: String) -> String {
    var result = ""
    for c in text.unicodeScalars {
      switch c {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "\n": result += "&#10;"
      default: result.unicodeScalars.append(c.value < 32 ? "?" : c)
      }
    }
    return result
  }
}

extension String {
  /// With spaces up to this width.
  func padding(_ width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
}
