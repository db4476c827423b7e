import CDMOHost
import DMOHost
import DMOTestSupport
import Foundation

/// What `dmo plugin validate` left behind.
struct Validated {
  struct Line: Decodable {
    var type: String
    var id: String?
    var problem: String?
    var outcome: String?
    var message: String?
    var point: String?
    var reproduce: [String]?
  }
  var status: Int32
  var lines: [Line]
  var text: String
  /// Files in the folder that was its TMPDIR, and processes that were started with it.
  var leftFiles: [String]
  var leftProcesses: [pid_t]

  /// "id outcome" of the results with one of these outcomes, each once.
  func results(_ outcomes: String...) -> Set<String> {
    Set(
      lines.filter { $0.type == "result" && outcomes.contains($0.outcome ?? "") }
        .map { "\($0.id ?? "") \($0.outcome ?? "")" })
  }
}

/// The built program.
enum Program {
  static let path: String = {
    let own = PluginFinder.executablePath ?? ""
    let beside = URL(fileURLWithPath: own).deletingLastPathComponent().path + "/dmo"
    // `swift test` runs tests within a helper of the toolchain on some versions.
    return access(beside, X_OK) == 0 ? beside : Fixtures.root + "/.build/debug/dmo"
  }()
  static var folder: String { URL(fileURLWithPath: path).deletingLastPathComponent().path }

  /// A new private folder.
  static func makeFolder() throws -> String {
    let folder = "\(Fixtures.folder)/\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    return folder
  }

  static func start(_ words: [String], folder: String, out: String) throws -> Process {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments = words
    process.environment = ProcessInfo.processInfo.environment.merging(["TMPDIR": folder]) { $1 }
    for file in [out, out + ".err"] { try Data().write(to: URL(fileURLWithPath: file)) }
    process.standardOutput = FileHandle(forWritingAtPath: out)
    process.standardError = FileHandle(forWritingAtPath: out + ".err")
    try process.run()
    return process
  }

  /// Runs to the end, with a folder of its own for temporary files; a program that hangs is killed after four minutes.
  static func run(_ words: [String]) throws -> Validated {
    let folder = try makeFolder()
    let out = folder + ".out"
    let process = try start(words, folder: folder, out: out)
    let end = Date().addingTimeInterval(240)
    while process.isRunning && Date() < end { usleep(5000) }
    if process.isRunning { kill(process.processIdentifier, SIGKILL) }
    process.waitUntilExit()
    let status = process.terminationReason == .exit ? process.terminationStatus : 128 + process.terminationStatus
    let text = try String(contentsOfFile: out, encoding: .utf8)
    let lines = text.split(separator: "\n").compactMap {
      try? JSONDecoder().decode(Validated.Line.self, from: Data($0.utf8))
    }
    return Validated(
      status: status, lines: lines, text: text, leftFiles: files(folder), leftProcesses: processes(folder))
  }

  static func validate(_ file: String, _ words: [String] = []) throws -> Validated {
    try run(["plugin", "validate", file, "--json", "--jobs", "2"] + words)
  }

  static func files(_ folder: String) -> [String] {
    (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
  }

  /// Those whose environment, or working directory, names the folder.
  static func processes(_ folder: String) -> [pid_t] {
    let mark = Data(folder.utf8)
    return files("/proc").compactMap { pid_t($0) }.filter { pid in
      let environment = FileManager.default.contents(atPath: "/proc/\(pid)/environ") ?? Data()
      let place = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(pid)/cwd")) ?? ""
      return environment.range(of: mark) != nil || place.hasPrefix(folder)
    }
  }
}

/// A plugin of `Tests/Fixtures/Hostile/Checks`, and what its first line says of it.
struct Hostile: CustomStringConvertible, Sendable {
  var name: String
  /// The check that it fails; empty for a good one.
  var check: String
  var outcome: String
  var flags: [String]

  var description: String { name }

  /// The built library.
  var library: String { Fixtures.plugin("Hostile/Checks/" + name, flags: flags) }

  static let all: [Hostile] = {
    let folder = Fixtures.root + "/Tests/Fixtures/Hostile/Checks"
    return Program.files(folder).filter { $0.hasSuffix(".c") }.sorted().compactMap { file in
      guard let text = try? String(contentsOfFile: folder + "/" + file, encoding: .utf8) else { return nil }
      let name = String(file.dropLast(2))
      let check = name.split(separator: ".").prefix(2).joined(separator: ".")
      func word(after mark: String) -> String? {
        text.range(of: mark).map { String(text[$0.upperBound...].prefix { !" .\n".contains($0) }) }
      }
      return Hostile(
        name: name, check: name.hasPrefix("good.") ? "" : check, outcome: word(after: "expect: ") ?? "",
        flags: word(after: "flags: ").map { [$0] } ?? [])
    }
  }()
}
