import Foundation

/// A program that watches a check from outside.
struct Tool {
  var command: [String] = []
  var environment: [String] = []
  /// Why it cannot be used, or nil.
  var missing: String?

  /// Where memcheck leaves its findings, below the check's own TMPDIR.
  static let report = "memcheck.xml"

  /// Nil when the check needs no tool.
  init?(check: String, plugin: String, executable: String) {
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
    case "eval.tsan":
      guard let image = ELFImage(path: plugin), image.imports.contains(where: { $0.hasPrefix("__tsan_") }) else {
        missing = "the plugin is not built with -fsanitize=thread"
        return
      }
      guard let runtime = image.needed.first(where: { $0.hasPrefix("libtsan") }), let path = Self.library(runtime) else {
        missing = "the run-time library of the thread sanitizer is not found"
        return
      }
      command = [program, "check-worker"]
      environment = ["LD_PRELOAD=\(path)", "TSAN_OPTIONS=exitcode=0:report_bugs=1"]
    default: return nil
    }
  }

  private static func find(_ name: String) -> String? {
    let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin").split(separator: ":")
    return folders.map { "\($0)/\(name)" }.first { access($0, X_OK) == 0 }
  }

  private static func library(_ name: String) -> String? {
    ["/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib64", "/usr/lib", "/lib"]
      .map { "\($0)/\(name)" }.first { access($0, R_OK) == 0 }
  }
}
