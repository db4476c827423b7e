import DMOConformance
import DMOTestSupport
import Foundation
import Testing

/// Every check catches what it is there for, and nothing else is blamed.
@Suite(.serialized) struct HostileTests {
  /// Checks that need a tool of their own, and take seconds.
  private static let slow = ["eval.valgrind", "eval.tsan", "eval.cancel"]

  @Test("exactly the check that a fixture is named after fails", arguments: Hostile.all)
  func isCaught(_ fixture: Hostile) throws {
    let level = fixture.check.isEmpty ? .deep : try #require(Registry.check(fixture.check)).level
    var words = ["--seconds", "1", "--level", level == .deep ? "deep" : "standard"]
    // A loaded machine may be slow; what hangs is waited for in full.
    words += ["--timeout", fixture.outcome == "timeout" ? "2" : "20"]
    if Self.slow.contains(fixture.check) {
      words += ["--include", fixture.check, "--include", "load.*", "--include", "eval.centre"]
    } else {
      // The fuzzer of a plugin that another check catches only takes time.
      for id in Self.slow + ["fuzz.sequence"] where id != fixture.check { words += ["--exclude", id] }
    }
    let result = try Program.validate(fixture.library, words)
    if let missing = result.lines.first(where: { $0.id == fixture.check && $0.outcome == "skip" })?.message,
      Self.slow.contains(fixture.check)
    {
      print("\(fixture.name) is not tried: \(missing)")
      return
    }
    let failures = result.results("fail", "crash", "timeout")
    let isFailure = ["fail", "crash", "timeout"].contains(fixture.outcome)
    #expect(failures == (isFailure ? ["\(fixture.check) \(fixture.outcome)"] : []), "\(result.text)")
    // These plugins answer everywhere, which is allowed.
    let warnings = result.results("warn").subtracting(["eval.out-of-domain warn"])
    #expect(warnings.isSubset(of: ["\(fixture.check) warn"]))
    if fixture.outcome == "warn" { #expect(result.results("warn").contains("\(fixture.check) warn")) }
    #expect(result.status == (isFailure ? 1 : 0))
    #expect(result.leftFiles == [], "temporary files remain")
    #expect(result.leftProcesses == [], "processes remain")
  }

  @Test("every check that can fail by itself has a fixture")
  func isComplete() {
    let caught = Set(Hostile.all.map(\.check))
    // Has no plugin's file to fail on; ends in words about the file, see ValidatorTests.
    let others: Set<String> = ["load.resolves"]
    #expect(Set(Registry.checks.map(\.id)).subtracting(caught).subtracting(others) == [])
  }

  @Test("the command that a failure names fails alike")
  func isReproduced() throws {
    let fixture = try #require(Hostile.all.first { $0.name == "eval.capacity" })
    let first = try Program.validate(fixture.library, ["--include", "eval.*", "--seed", "7"])
    let failure = try #require(first.lines.first { $0.outcome == "fail" })
    #expect(failure.point?.contains("seed 7") == true)
    let words = try #require(failure.reproduce)
    #expect(words.first == "dmo")
    let again = try Program.run(Array(words.dropFirst()) + ["--json"])
    #expect(again.status == 1)
    let same = again.lines.first { $0.outcome == "fail" }
    #expect(same?.message == failure.message)
    #expect(same?.point == failure.point)
    #expect(again.lines.filter { $0.type == "result" }.count == 1)
  }

  @Test("when dmo itself is killed, no check goes on and no folder stays")
  func leavesNoOrphans() throws {
    let fixture = try #require(Hostile.all.first { $0.name == "eval.hang.endless" })
    let folder = try Program.makeFolder()
    let process = try Program.start(
      ["plugin", "validate", fixture.library, "--jobs", "2"], folder: folder, out: folder + ".out")
    let end = Date().addingTimeInterval(20)
    // The survey's process hangs in the mid point.
    while !Program.files(folder).contains(where: { $0.hasPrefix("dmo-check") }) && Date() < end { usleep(5000) }
    usleep(300_000)
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
    while !(Program.processes(folder).isEmpty && Program.files(folder).isEmpty) && Date() < end { usleep(5000) }
    #expect(Program.processes(folder) == [])
    #expect(Program.files(folder) == [])
  }
}
