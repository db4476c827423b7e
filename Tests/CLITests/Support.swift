import Foundation

/// What a run of the program left behind.
struct Ran {
  var status: Int32
  var out: String
  var err: String
}

/// The built program, driven as a user drives it.
enum Program {
  /// The folder of the test bundle, where SwiftPM puts the program and the plugins.
  static let folder: String = {
    let executable = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
    let beside = URL(fileURLWithPath: executable).deletingLastPathComponent().path
    if FileManager.default.isExecutableFile(atPath: beside + "/dmo") { return beside }
    // The runner is not always inside the build folder; the bundle it loads is among its arguments.
    for argument in CommandLine.arguments {
      let candidate = URL(fileURLWithPath: argument).deletingLastPathComponent().path
      if FileManager.default.isExecutableFile(atPath: candidate + "/dmo") { return candidate }
    }
    return beside
  }()
  static var dmo: String { folder + "/dmo" }

  /// The repository's root.
  static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().path

  static func process(_ arguments: [String], in folder: String) -> Process {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: dmo)
    process.arguments = arguments
    process.currentDirectoryURL = URL(fileURLWithPath: folder)
    return process
  }

  /// Runs to the end. Standard output and error go to files, so that no full pipe can block the program.
  static func run(_ arguments: [String], in folder: Folder, input: String = "") throws -> Ran {
    let tag = UUID().uuidString
    let (out, err, stdin) = (folder.file(tag + ".out"), folder.file(tag + ".err"), folder.file(tag + ".in"))
    for (path, text) in [(out, ""), (err, ""), (stdin, input)] {
      try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    }
    let process = process(arguments, in: folder.path)
    process.standardOutput = FileHandle(forWritingAtPath: out)
    process.standardError = FileHandle(forWritingAtPath: err)
    process.standardInput = FileHandle(forReadingAtPath: stdin)
    try process.run()
    process.waitAtMost(120)
    defer { for path in [out, err, stdin] { try? FileManager.default.removeItem(atPath: path) } }
    let status = process.terminationReason == .exit ? process.terminationStatus : 128 + process.terminationStatus
    return Ran(
      status: status, out: try String(contentsOfFile: out, encoding: .utf8),
      err: try String(contentsOfFile: err, encoding: .utf8))
  }
}

extension Process {
  /// Waits for the end; a process that does not come to one is killed, so that a fault fails its test, not
  /// hangs all.
  func waitAtMost(_ seconds: Double) {
    if !eventually(within: seconds, { !isRunning }) { kill(processIdentifier, SIGKILL) }
    waitUntilExit()
  }
}

/// A private folder with the fixture plugin in it; removed with the value.
final class Folder: Sendable {
  let path: String

  init() throws {
    path = NSTemporaryDirectory() + "dmo-cli-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }
  deinit { try? FileManager.default.removeItem(atPath: path) }

  func file(_ name: String) -> String { path + "/" + name }
  func write(_ name: String, _ text: String) throws -> String {
    try Data(text.utf8).write(to: URL(fileURLWithPath: file(name)))
    return file(name)
  }
  func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: file(name)) }
}

/// `moody.c`, compiled once for all tests.
enum Moody {
  static let path: String = {
    let folder = NSTemporaryDirectory() + "dmo-moody-\(ProcessInfo.processInfo.processIdentifier)"
    try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    atexit { try? FileManager.default.removeItem(atPath: NSTemporaryDirectory() + "dmo-moody-\(getpid())") }
    return compile(Program.root + "/Tests/CLITests/Fixtures/moody.c", to: folder + "/libmoody.so")
  }()

  /// Compiles a C plugin against the SDK's header. - Returns: the library's path.
  static func compile(_ source: String, to library: String) -> String {
    let compiler = Process()
    compiler.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    compiler.arguments = [
      "cc", "-std=gnu11", "-O1", "-fPIC", "-shared", "-I\(Program.root)/SDK/include", source, "-o", library, "-lm",
    ]
    try? compiler.run()
    compiler.waitUntilExit()
    return library
  }
}

/// Rows of a CSV text without quoted cells.
func table(_ text: String) -> [[String]] {
  text.split(whereSeparator: \.isNewline).map {
    $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
  }
}

/// Waits until something holds, at most so long. - Returns: whether it came to hold.
func eventually(within seconds: Double, _ condition: () -> Bool) -> Bool {
  let end = Date().addingTimeInterval(seconds)
  while !condition() {
    if Date() > end { return false }
    usleep(10_000)
  }
  return true
}
