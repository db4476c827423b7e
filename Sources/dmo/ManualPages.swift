import ArgumentParser
import DMOCore
import Foundation

/// Manual pages in mdoc, one for `dmo` and one for each command, from the same source as `--help`.
enum ManualPages {
  struct Page {
    /// Such as `dmo-run.1`.
    var file: String
    var text: String
  }

  static func all(date: String) throws -> [Page] {
    let root = try CommandDump.of(DMO.self)
    return pages(root, path: [], date: date)
  }

  private static func pages(_ command: CommandDump, path: [String], date: String) -> [Page] {
    let path = path + [command.commandName]
    let children = (command.subcommands ?? []).filter { $0.shouldDisplay && $0.commandName != "help" }
    return [Page(file: path.joined(separator: "-") + ".1", text: page(command, path, children, date))]
      + children.flatMap { pages($0, path: path, date: date) }
  }

  private static func page(_ command: CommandDump, _ path: [String], _ children: [CommandDump], _ date: String)
    -> String
  {
    let name = path.joined(separator: "-")
    let arguments = (command.arguments ?? []).filter(\.shouldDisplay)
    var lines = [
      ".Dd \(date)", ".Dt \(name.uppercased()) 1", ".Os dmo \(Version.current)", ".Sh NAME", ".Nm \(name)",
      ".Nd \(escaped(command.abstract ?? ""))", ".Sh SYNOPSIS", ".Nm \(path.joined(separator: " "))",
    ]
    lines += children.isEmpty ? arguments.flatMap(synopsis) : [".Ar command", ".Op Ar options"]
    lines += [".Sh DESCRIPTION"] + paragraphs(command.discussion ?? command.abstract ?? "")
    if !arguments.isEmpty {
      lines += [".Sh OPTIONS", ".Bl -tag -width 6n"] + arguments.flatMap(entry) + [".El"]
    }
    if !children.isEmpty {
      lines += [".Sh COMMANDS", ".Bl -tag -width 6n"]
      lines += children.flatMap { [".It Xr \(name)-\($0.commandName) 1", escaped($0.abstract ?? "")] } + [".El"]
    }
    lines += [
      ".Sh EXIT STATUS", "0 done; 1 a check failed, or no feasible point was found though one was required; 2 usage;",
      "3 the plugin could not be loaded or is broken; 4 stopped by the failure policy; 5 a file could not be read or",
      "written; 130 interrupted.",
    ]
    if path.count > 1 { lines += [".Sh SEE ALSO", ".Xr \(path.dropLast().joined(separator: "-")) 1"] }
    return lines.joined(separator: "\n") + "\n"
  }

  private static func synopsis(_ a: CommandDump.Argument) -> [String] {
    let dots = a.isRepeating ? " ..." : ""
    switch a.kind {
    case "positional": return [(a.isOptional ? ".Op Ar " : ".Ar ") + escaped(a.valueName ?? "") + dots]
    case "flag": return [".Op Fl \(flags(a).first ?? "")"]
    default:
      return [(a.isOptional ? ".Op Fl " : ".Fl ") + "\(flags(a).first ?? "") Ar \(escaped(a.valueName ?? ""))\(dots)"]
    }
  }

  private static func entry(_ a: CommandDump.Argument) -> [String] {
    let value = a.kind == "flag" ? "" : " Ar " + escaped(a.valueName ?? "")
    let head =
      a.kind == "positional"
      ? ".It Ar " + escaped(a.valueName ?? "")
      : ".It " + flags(a).map { "Fl \($0)" }.joined(separator: " , ") + value
    var text = [a.abstract, a.discussion].compactMap { $0 }.joined(separator: " ")
    if let usual = a.defaultValue, !usual.isEmpty { text += " (default: \(usual))" }
    return [head] + paragraphs(text)
  }

  /// mdoc writes the first dash itself. Long names first.
  private static func flags(_ a: CommandDump.Argument) -> [String] {
    (a.names ?? []).sorted { $0.kind < $1.kind }.map { escaped($0.kind == "long" ? "-" + $0.name : $0.name) }
  }

  /// Lines that begin with blanks are examples and stay as they are; the rest is filled.
  private static func paragraphs(_ text: String) -> [String] {
    var lines: [String] = []
    var isExample = false
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      let isIndented = line.hasPrefix("  ")
      if isIndented != isExample { lines.append(isIndented ? ".Bd -literal -offset indent" : ".Ed") }
      isExample = isIndented
      let content = line.trimmingCharacters(in: .whitespaces)
      if !content.isEmpty {
        lines.append(escaped(content))
      } else if !isExample && !lines.isEmpty && lines.last != ".Pp" && lines.last != ".Ed" {
        lines.append(".Pp")
      }
    }
    if isExample { lines.append(".Ed") }
    if lines.last == ".Pp" { lines.removeLast() }
    return lines
  }

  private static func hex(_ c: Unicode.Scalar) -> String { String(c.value, radix: 16, uppercase: true) }

  /// Backslashes, letters beyond ASCII, and what would be a request at a line's beginning, mean themselves.
  private static func escaped(_ text: String) -> String {
    var safe = ""
    for c in text.unicodeScalars {
      switch c {
      case "\\": safe += "\\e"
      case "-": safe += "\\-"
      case _ where c.isASCII: safe.unicodeScalars.append(c)
      // groff reads one byte at a time unless it is told otherwise.
      default: safe += "\\[u" + String(repeating: "0", count: max(0, 4 - hex(c).count)) + hex(c) + "]"
      }
    }
    return safe.hasPrefix(".") || safe.hasPrefix("'") ? "\\&" + safe : safe
  }
}

/// `dmo manual`: writes the manual pages. For `make install`.
struct ManualCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "manual", abstract: "Write dmo's manual pages into a folder.", shouldDisplay: false)

  @Argument(help: "The folder.")
  var folder: String

  func run() throws {
    let formatter = DateFormatter()
    formatter.locale = Locale(identifier: "en_US_POSIX")
    formatter.dateFormat = "MMMM d, yyyy"
    for page in try ManualPages.all(date: formatter.string(from: Date())) {
      let sink = try Sink(folder + "/" + page.file)
      sink.write(page.text)
      try sink.close()
    }
  }
}
