import Foundation
import Testing

/// What a run does about failures, signals and other runs, seen from outside.
@Suite(.serialized) struct PolicyTests {
  let folder: Folder
  init() throws { folder = try Folder() }

  private func run(_ more: [String]) throws -> Ran {
    try Program.run(["run", "--plugin", Moody.path, "--search", "random", "--study", "a.dmo"] + more, in: folder)
  }
  private func column(_ names: String) throws -> [[String]] {
    Array(table(try Program.run(["export", "a.dmo", "--columns", names], in: folder).out).dropFirst())
  }

  @Test("too many failures stop a run with exit status 4, the reason and the next step")
  func maxFailures() throws {
    let ran = try run(["--budget", "100", "--set", "mood=fail", "--set", "every=2", "--max-failures", "10%"])
    #expect(ran.status == 4)
    #expect(ran.err.contains("--max-failures allows 10%") && ran.err.contains("dmo resume a.dmo --retry-failed"), "\(ran.err)")
    let rows = try column("status")
    #expect(rows.count == 20 && rows.filter { $0[0] == "failed" }.count == 10)
    // The limit holds until it is changed.
    #expect(try Program.run(["resume", "a.dmo"], in: folder).status == 4)
    #expect(try Program.run(["resume", "a.dmo", "--max-failures", "60", "--budget", "40"], in: folder).status == 0)
    #expect(try column("status").count == 40)
  }

  @Test("resume --retry-failed evaluates again what failed, and only that")
  func retryFailed() throws {
    #expect(try run(["--budget", "9", "--set", "mood=crash", "--set", "every=3"]).status == 0)
    let before = try column("evaluation,status,answer")
    let again = try Program.run(["resume", "a.dmo", "--retry-failed"], in: folder)
    #expect(again.status == 0 && again.err.contains("3 evaluations that failed are tried again"), "\(again.err)")
    let after = try column("evaluation,status,answer")
    #expect(after.count == 9)
    for (old, new) in zip(before, after) {
      if old[1] == "crashed" { #expect((Int(new[2]) ?? 0) > 9) } else { #expect(new == old) }
    }
    #expect(try Program.run(["check", "a.dmo"], in: folder).status == 0)
  }

  @Test("a second dmo on one study is refused with exit status 5 and the first one's name")
  func second() throws {
    let first = Program.process(
      [
        "run", "--plugin", Moody.path, "--search", "random", "--study", "a.dmo", "--budget", "100000", "--set",
        "seconds=0.02",
      ], in: folder.path)
    first.standardOutput = FileHandle.nullDevice
    first.standardError = FileHandle.nullDevice
    try first.run()
    defer {
      kill(first.processIdentifier, SIGKILL)
      first.waitAtMost(60)
    }
    #expect(eventually(within: 30) { folder.exists("a.dmo") })
    let refused = try Program.run(["resume", "a.dmo"], in: folder)
    #expect(refused.status == 5)
    #expect(refused.err.contains("process \(first.processIdentifier)"), "\(refused.err)")
    #expect(try Program.run(["show", "a.dmo"], in: folder).out.contains("running"))
  }

  @Test(
    "a second Ctrl-C stops at once, and the study goes on where it was",
    arguments: [(SIGINT, 130), (SIGTERM, 75), (SIGUSR1, 75)] as [(Int32, Int32)])
  func secondSignal(_ number: Int32, status: Int32) throws {
    let process = Program.process(
      ["run", "--plugin", Moody.path, "--search", "random", "--study", "a.dmo", "--budget", "3", "--set", "seconds=50"],
      in: folder.path)
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    #expect(eventually(within: 30) { (try? column("status"))?.first == ["running"] })
    kill(process.processIdentifier, number)
    usleep(400_000)
    #expect(process.isRunning)
    kill(process.processIdentifier, number)
    process.waitAtMost(20)
    #expect(process.terminationReason == .exit && process.terminationStatus == status)
    #expect(try column("evaluation,answer") == [["1", ""]])
    #expect(try Program.run(["show", "a.dmo"], in: folder).out.contains("interrupted, 0 of 3 evaluations"))
  }

  @Test("check tells a whole study from a damaged one")
  func check() throws {
    #expect(try run(["--budget", "30"]).status == 0)
    let whole = try Program.run(["check", "a.dmo"], in: folder)
    #expect(whole.status == 0 && whole.out.contains("whole; 30 evaluations, 30 answered"), "\(whole.out)")
    let handle = try #require(FileHandle(forWritingAtPath: folder.file("a.dmo")))
    try handle.truncate(atOffset: 3 * 4096)
    try handle.close()
    #expect([1, 5].contains(try Program.run(["check", "a.dmo"], in: folder).status))
    #expect(try Program.run(["resume", "a.dmo"], in: folder).status == 5)
    #expect(try Program.run(["check", "missing.dmo"], in: folder).status == 5)
  }
}
