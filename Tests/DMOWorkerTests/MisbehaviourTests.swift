import DMOCore
import DMOHost
import DMOTestSupport
import DMOWorker
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// What `Tests/Fixtures/Hostile/misbehave.c` does, by its first parameter.
enum Misdeed: Double, CaseIterable {
  case good, crash, exit, hang, overrun, underrun, writeNaN, unwritten, writeX, badStatus, fatal, noise, sleep, abort,
    forkAndHang, stubborn, failed, waitForCancel, overflowStack, flood, closeConnection, lie, hugeFrame, scratch,
    giantMessage, leak, burn, writeOutside, openSocket

  static func pool(
    jobs: Int = 1, timeout: Double? = 20, limits: WorkerLimits = WorkerLimits(),
    onEvent: (@Sendable (WorkerSettings.Event) -> Void)? = nil
  ) throws -> WorkerPool {
    var settings = Fixtures.settings(jobs: jobs, timeout: timeout, onEvent: onEvent)
    settings.limits = limits
    return try WorkerPool(PluginSelection(path: Fixtures.plugin("Hostile/misbehave")), settings: settings)
  }

  func request(_ id: UInt64, _ argument: Double = 21) -> EvaluationRequest {
    EvaluationRequest(id: id, x: [rawValue, argument])
  }
}

@Suite("Plugins that misbehave")
struct MisbehaviourTests {
  /// The misdeed's answer; then the pool must answer a good request, too.
  private func answer(
    _ misdeed: Misdeed, _ argument: Double = 21, timeout: Double? = 20
  ) throws -> EvaluationResult {
    let pool = try Misdeed.pool(timeout: timeout)
    defer { pool.shutdown() }
    pool.submit(misdeed.request(1, argument))
    let result = try #require(pool.next(timeout: 15))
    #expect(result.id == 1)
    pool.submit(Misdeed.good.request(2))
    let next = try #require(pool.next(timeout: 15))
    #expect(next.status == .ok && next.y == [42] && next.id == 2)
    return result
  }

  @Test(
    "a signal is reported as a crash with its name",
    arguments: [
      (Misdeed.crash, "SIGSEGV"), (.abort, "SIGABRT"), (.overrun, "SIGSEGV"), (.writeX, "SIGSEGV"),
      (.overflowStack, "SIGSEGV"),
    ])
  func signals(_ misdeed: Misdeed, _ name: String) throws {
    let result = try answer(misdeed)
    #expect(result.status == .crashed)
    #expect(result.message.contains(name), "\(result.message)")
    #expect(!result.y.contains { !$0.isNaN })
    if misdeed == .abort { #expect(result.printed.contains("assertion failed")) }
  }

  @Test("a plugin that exits is reported as crashed, whatever status it exits with", arguments: [0.0, 3.0])
  func exits(_ code: Double) throws {
    let result = try answer(.exit, code)
    #expect(result.status == .crashed)
    #expect(result.message.contains("exited with status \(Int(code))"), "\(result.message)")
  }

  @Test(
    "an answer that breaks the rules is bad output, and says which output",
    arguments: [
      (Misdeed.writeNaN, "output y is nan"), (.unwritten, "output y was not written"),
      (.underrun, "before the start"), (.badStatus, "status 77"),
    ])
  func badOutput(_ misdeed: Misdeed, _ words: String) throws {
    let result = try answer(misdeed)
    #expect(result.status == .badOutput)
    #expect(result.message.contains(words), "\(result.message)")
  }

  @Test(
    "FATAL replaces the worker, FAILED keeps it",
    arguments: [(Misdeed.fatal, "out of licences"), (.failed, "no licence")])
  func statuses(_ misdeed: Misdeed, _ message: String) throws {
    let result = try answer(misdeed)
    #expect(result.status == (misdeed == .fatal ? .fatal : .failed))
    #expect(result.message == message)
    #expect(!result.y.contains { !$0.isNaN })
  }

  @Test("a message without an end is cut at the buffer's capacity")
  func giantMessage() throws {
    let result = try answer(.giantMessage)
    #expect(result.status == .failed && result.message.utf8.count == 4096)
  }

  @Test("a hanging evaluation is killed at its deadline", arguments: [Misdeed.hang, .stubborn])
  func hangs(_ misdeed: Misdeed) throws {
    let result = try answer(misdeed, timeout: 0.3)
    #expect(result.status == .timedOut)
    #expect(result.wallSeconds >= 0.3 && result.wallSeconds < 2)
    #expect(result.message.contains("0.3 s"))
  }

  @Test("the whole process group dies at the deadline, grandchildren too")
  func groups() throws {
    let result = try answer(.forkAndHang, timeout: 0.3)
    #expect(result.status == .timedOut)
    let child = try #require(pid_t(result.printed.split(separator: " ").last?.dropLast() ?? ""), "\(result.printed)")
    // It is an orphan, so init reaps it; until then it may be a zombie.
    #expect(eventually { kill(child, 0) != 0 || isZombie(child) })
  }

  @Test(
    "a worker that breaks the protocol is replaced and cannot mislead dmo",
    arguments: [(Misdeed.lie, "broke the protocol"), (.hugeFrame, "broke the protocol"), (.closeConnection, "")])
  func protocolViolations(_ misdeed: Misdeed, _ words: String) throws {
    let result = try answer(misdeed)
    #expect(result.status == .crashed)
    #expect(words.isEmpty || result.message.contains(words), "\(result.message)")
  }

  @Test("what a plugin prints is kept with its evaluation")
  func noise() throws {
    let result = try answer(.noise, 7)
    #expect(result.status == .ok)
    #expect(result.printed == "evaluating 7\nwarning 7\nraw\n")
  }

  @Test("a flood of text does not block the plugin, and its end is kept")
  func flood() throws {
    let result = try answer(.flood)
    #expect(result.status == .ok)
    #expect(result.printed.utf8.count <= 8192 + 3 && result.printed.hasPrefix("…"))
    #expect(result.printed.hasSuffix("line 99999 of a flood of text\n"))
  }

  @Test("a scratch folder is the worker's own and is removed after it")
  func scratch() throws {
    let before = scratchFolders()
    let pool = try Misdeed.pool()
    pool.submit(Misdeed.scratch.request(1))
    #expect(pool.next(timeout: 60)?.status == .ok)
    let own = scratchFolders().subtracting(before).filter { access("/tmp/\($0)/file", F_OK) == 0 }
    #expect(own.count == 1)
    pool.shutdown()
    #expect(own.allSatisfy { access("/tmp/\($0)", F_OK) != 0 })
  }

  @Test("a call that is asked to stop answers CANCELLED, and says how far it is")
  func cancels() throws {
    let seen = Counter()
    let pool = try Misdeed.pool { event in
      if event == .progress(id: 1, fraction: 0.5) { seen.add() }
    }
    defer { pool.shutdown() }
    pool.submit(Misdeed.waitForCancel.request(1))
    pool.submit(Misdeed.good.request(2))
    #expect(pool.next(timeout: 0.1) == nil)
    pool.cancel(2)
    #expect(pool.next(timeout: 60)?.status == .cancelled)
    pool.cancel(1)
    let result = try #require(pool.next(timeout: 60))
    #expect(result.id == 1 && result.status == .cancelled)
    #expect(seen.value > 0)
  }

  @Test("kill -9 of a worker in mid-evaluation costs that evaluation only")
  func killed() throws {
    let box = Shared<pid_t>()
    let pool = try Misdeed.pool(jobs: 2) { event in
      if case .progress(1, let fraction) = event { box.add(pid_t(fraction * 4_194_304)) }
    }
    defer { pool.shutdown() }
    pool.submit(Misdeed.hang.request(1))
    pool.submit(Misdeed.sleep.request(2, 50))
    #expect(pool.next(timeout: 60)?.id == 2)
    let victim = try #require(box.values.first)
    kill(victim, SIGKILL)
    let result = try #require(pool.next(timeout: 60))
    #expect(result.id == 1 && result.status == .crashed && result.message.contains("SIGKILL"))
    pool.submit(Misdeed.good.request(3))
    #expect(pool.next(timeout: 60)?.status == .ok)
  }
}
