import Foundation

/// A program that watches a check from outside.
struct Tool {
  var command: [String] = []
  var environment: [String] = []
  /// As `CheckProcess.hidesDebugInformationOf`.
  var hidden: String?
  /// Why it cannot be used, or nil.
  var missing: String?

  /// Where memcheck leaves its findings, below the check's own TMPDIR.
  static let report = "memcheck.xml"

  /// Nil when the check needs no tool.
  init?(check: String, executable: String, sanitizer: ThreadSanitizer) {
    // The link names the tool itself once the tool runs.
    let program = (try? FileManager.default.destinationOfSymbolicLink(atPath: executable)) ?? executable
    switch check {
    case "eval.valgrind":
      guard let valgrind = Self.find("valgrind") else {
        missing = "valgrind is not installed"
        return
      }
      command = [
        valgrind, "--quiet", "--xml=yes", "--xml-file=%q{TMPDIR}/\(Self.report)", "--leak-check=no",
        "--num-callers=20", "--error-limit=no", program, "check-worker",
      ]
      hidden = program
      // The copy's own folder is none that the program's libraries lie in.
      environment = ["LD_LIBRARY_PATH=\(URL(fileURLWithPath: program).deletingLastPathComponent().path)"]
    case "eval.tsan":
      if sanitizer.isWanted && !sanitizer.environment.isEmpty { return nil }
      missing =
        sanitizer.isWanted
        ? "the run-time library of the thread sanitizer is not found" : "the plugin is not built with -fsanitize=thread"
    default: return nil
    }
  }

  private static func find(_ name: String) -> String? {
    let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin").split(separator: ":")
    return folders.map { "\($0)/\(name)" }.first { access($0, X_OK) == 0 }
  }
}

/// What a plugin built with -fsanitize=thread needs: the loader takes it only into a process that started with the
/// sanitizer's library.
struct ThreadSanitizer {
  let isWanted: Bool
  /// For each process that loads the plugin.
  private(set) var environment: [String] = []

  init(plugin: String) {
    let image = ELFImage(path: plugin)
    isWanted = image?.imports.contains { $0.hasPrefix("__tsan_") } ?? false
    guard isWanted, let name = image?.needed.first(where: { $0.hasPrefix("libtsan") }) else { return }
    let folders = ["/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib64", "/usr/lib", "/lib"]
    let paths: [String] = folders.map { "\($0)/\(name)" }
    guard let path = paths.first(where: { access($0, R_OK) == 0 }) else { return }
    environment = ["LD_PRELOAD=\(path)", "TSAN_OPTIONS=exitcode=0:report_bugs=1"]
  }
}
