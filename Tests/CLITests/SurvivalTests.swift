import Foundation
import Testing

/// One after the other: each watches processes and the clock.
@Suite(.serialized) struct SurvivalTests {
  let folder: Folder
  init() throws { folder = try Folder() }

  /// - Parameter seconds: how long an evaluation takes.
  private func start(_ more: [String], seconds: Double = 0.02) throws -> Process {
    let process = Program.process(
      ["run", "--plugin", Moody.path, "--search", "random", "--study", "a.dmo", "--set", "seconds=\(seconds)"] + more,
      in: folder.path)
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    return process
  }

  private func answered() -> Int {
    guard let ran = try? Program.run(["export", "a.dmo", "--columns", "answer"], in: folder), ran.status == 0 else {
      return 0
    }
    return table(ran.out).dropFirst().filter { $0 != [""] }.count
  }

  /// The processes whose parent is this one, by /proc.
  private func children(of parent: Int32) -> [Int32] {
    let all = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
    return all.compactMap(Int32.init).filter { pid in
      guard let stat = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8),
        let end = stat.lastIndex(of: ")")
      else { return false }
      return Int32(stat[stat.index(after: end)...].split(separator: " ")[1]) == parent
    }
  }
  private func isAlive(_ pid: Int32) -> Bool {
    guard let stat = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8),
      let end = stat.lastIndex(of: ")")
    else { return false }
    return stat[stat.index(end, offsetBy: 2)] != "Z"
  }

  @Test("kill -9 of a worker in mid-run costs one evaluation, recorded as crashed, and the run ends normally")
  func killedWorker() throws {
    let process = try start(["--budget", "3"], seconds: 1)
    // A point is in the study before its worker hears of it, and an evaluation lasts long against all else.
    #expect(
      eventually(within: 30) {
        (try? Program.run(["export", "a.dmo", "--columns", "status"], in: folder))?.out.contains("running") == true
      })
    let workers = children(of: process.processIdentifier)
    #expect(workers.count == 1)
    for worker in workers { kill(worker, SIGKILL) }
    process.waitAtMost(60)
    #expect(process.terminationStatus == 0)
    let ran = try Program.run(["export", "a.dmo", "--columns", "status,message"], in: folder)
    let rows = table(ran.out).dropFirst()
    #expect(rows.count == 3)
    let crashed = rows.filter { $0[0] == "crashed" }
    #expect(crashed.count == 1)
    #expect(crashed.first?[1].contains("KILL") == true, "\(crashed)")
  }

  @Test("kill -9 of dmo in mid-run loses no finished evaluation, leaves no worker, and resume goes on")
  func killedEngine() throws {
    let process = try start(["--budget", "100000", "--jobs", "2"])
    #expect(eventually(within: 20) { answered() >= 10 })
    let workers = children(of: process.processIdentifier)
    #expect(workers.count == 2)
    let before = answered()
    kill(process.processIdentifier, SIGKILL)
    process.waitAtMost(60)
    #expect(eventually(within: 10) { !workers.contains(where: isAlive) })
    let after = answered()
    #expect(after >= before)
    let show = try Program.run(["show", "a.dmo"], in: folder)
    #expect(show.status == 0)
    #expect(show.out.contains("\(after) of 100000 evaluations"))
    let total = after + 10
    let resumed = try Program.run(["resume", "a.dmo", "--budget", "\(total)"], in: folder)
    #expect(resumed.status == 0, "\(resumed.err)")
    let rows = table(try Program.run(["export", "a.dmo", "--columns", "evaluation,answer,status"], in: folder).out)
      .dropFirst()
    #expect(rows.map { $0[0] } == (1...total).map { "\($0)" })
    #expect(Set(rows.map { $0[1] }).count == total)
    #expect(rows.allSatisfy { $0[2] == "ok" })
  }

  @Test("the first Ctrl-C commits what runs and exits with 130; the study then resumes to the uninterrupted one")
  func interrupted() throws {
    let process = try start(["--budget", "100000"])
    #expect(eventually(within: 20) { answered() >= 8 })
    kill(process.processIdentifier, SIGINT)
    process.waitAtMost(60)
    #expect(process.terminationStatus == 130)
    let stopped = answered()
    #expect(stopped >= 8)
    let total = stopped + 5
    let columns = "evaluation,x,y,f,status,seed,answer"
    #expect(try Program.run(["resume", "a.dmo", "--budget", "\(total)"], in: folder).status == 0)
    let resumed = try Program.run(["export", "a.dmo", "--columns", columns], in: folder).out
    _ = try Program.run(
      ["run", "--plugin", Moody.path, "--search", "random", "--study", "b.dmo", "--budget", "\(total)"], in: folder)
    let whole = try Program.run(["export", "b.dmo", "--columns", columns], in: folder).out
    #expect(table(whole).count == total + 1)
    #expect(resumed == whole)
  }

  @Test("a rebuilt plugin stops resume with the reason until it is accepted")
  func rebuilt() throws {
    let library = folder.file("libcopy.so")
    try FileManager.default.copyItem(atPath: Moody.path, toPath: library)
    let run = ["run", "--plugin", library, "--search", "random", "--budget", "4", "--study", "c.dmo"]
    #expect(try Program.run(run, in: folder).status == 0)
    let handle = try #require(FileHandle(forWritingAtPath: library))
    handle.seekToEndOfFile()
    handle.write(Data([0]))
    try handle.close()
    let refused = try Program.run(["resume", "c.dmo", "--budget", "+2"], in: folder)
    #expect(refused.status == 3)
    #expect(refused.err.contains("rebuilt") && refused.err.contains("--accept-changed-plugin"))
    #expect(try Program.run(["resume", "c.dmo", "--budget", "+2", "--accept-changed-plugin"], in: folder).status == 0)
  }
}
