import CDMOHost

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// One worker process and the connection to it. Nothing here waits.
final class WorkerProcess: @unchecked Sendable {
  // Touched only by the one thread that holds the lock of its owner (`WorkerPool` or `WorkerClient`).

  /// Counted from 0 over all workers of the owner, replacements included.
  let number: Int
  let pid: pid_t
  let scratch: ScratchFolder
  private(set) var control: Int32
  private(set) var output: Int32
  /// Becomes readable when the process ends.
  private(set) var pidfd: Int32
  private var life: Int32
  private let flag: UnsafeMutablePointer<UInt8>
  private var frames = FrameBuffer()
  private var outbox: [UInt8] = []
  private var sent = 0
  private var printed = PrintedTail()
  private var status: Int32?
  private var peakBytes = 0
  private let oomKillsBefore: Int
  private let limits: WorkerLimits
  private var stopping: Stopping?

  private struct Stopping {
    /// When to send the next signal, and which.
    var next: Double
    var signal: Int32
  }

  /// Starts the process.
  /// - Throws: `EvaluatorError.Code.system`
  init(_ settings: WorkerSettings, number: Int) throws(EvaluatorError) {
    var kit = StartKit()
    do throws(EvaluatorError) {
      flag = try kit.prepare()
      pid = try kit.spawn(settings)
    } catch {
      kit.discard()
      throw error
    }
    self.number = number
    limits = settings.limits
    oomKillsBefore = dmo_oom_kills()
    guard let own = kit.scratch else { preconditionFailure("a kit that is prepared has a folder") }
    (control, output, life, scratch) = (kit.control[0], kit.output[0], kit.life[1], own)
    pidfd = dmo_pidfd(pid)
    kit.closeChildEnds()
  }

  deinit {
    if status == nil {
      killpg(pid, SIGKILL)
      var ignored: Int32 = 0
      while waitpid(pid, &ignored, 0) < 0 && errno == EINTR {}
      cleanUp()
    }
  }

  // MARK: - The connection

  /// Whether the worker may look for the next request instead of sleeping; the second byte of the shared page.
  func setSpinning(_ value: Bool) { dmo_store_byte(flag + 1, value ? 1 : 0) }

  /// Whether something was received of which no frame has been made.
  var hasInput: Bool { frames.hasBytes }

  /// Asks the call in progress to stop, or takes that back.
  func setCancelled(_ value: Bool) { dmo_store_byte(flag, value ? 1 : 0) }

  /// Whether bytes wait to be sent.
  var hasOutbox: Bool { sent < outbox.count }

  /// Queues a frame and sends what the socket takes now.
  func send(_ frame: [UInt8]) {
    if hasOutbox { outbox.append(contentsOf: frame) } else { (outbox, sent) = (frame, 0) }
    flush()
  }

  /// Sends what the socket takes now.
  func flush() {
    while hasOutbox && control >= 0 {
      let count = outbox.withUnsafeBytes {
        dmo_send(control, $0.baseAddress.map { $0 + sent }, outbox.count - sent, 0)
      }
      if count < 0 {
        if errno == EINTR { continue }
        if errno == EAGAIN || errno == EWOULDBLOCK { return }
        break
      }
      sent += count
    }
    (outbox, sent) = ([], 0)
  }

  /// Reads what is there.
  /// - Returns: false when the worker closed the connection.
  func receive() -> Bool {
    guard control >= 0 else { return false }
    // A bound, so that a worker that floods the connection does not keep the others waiting.
    for _ in 0..<64 {
      switch frames.receive(from: control, wait: false) {
      case .some: continue
      case .all, .nothing: return true
      case .closed: return false
      }
    }
    return true
  }

  /// The next whole frame that `receive` has read. - Throws: `WireError`
  func nextFrame(limit: Int) throws(WireError) -> Frame? { try frames.next(limit: limit) }

  /// Reads what was printed, at most a megabyte at a time.
  func drainOutput() {
    guard output >= 0 else { return }
    withUnsafeTemporaryAllocation(byteCount: 1 << 14, alignment: 16) { buffer in
      for _ in 0..<64 {
        let count = read(output, buffer.baseAddress, buffer.count)
        if count > 0 {
          printed.append(UnsafeRawBufferPointer(rebasing: buffer[0..<count]))
        } else if count < 0 && errno == EINTR {
          continue
        } else {
          if count == 0 { closeOutput() }
          return
        }
      }
    }
  }

  /// What was printed since the last call.
  func takePrinted() -> String { printed.take() }

  private func closeOutput() {
    close(output)
    output = -1
  }

  // MARK: - The end

  /// Closes the connection, upon which a sound worker ends by itself; after `grace` seconds it is told to.
  func retire(at now: Double, grace: Double) {
    closeControl()
    if stopping == nil { stopping = Stopping(next: now + grace, signal: SIGTERM) }
  }

  /// Ends the process group: SIGTERM now, SIGKILL after `grace` seconds. Call `reap` from time to time until it is
  /// done.
  func terminate(at now: Double, grace: Double) {
    closeControl()
    killpg(pid, SIGTERM)
    stopping = Stopping(next: now + grace, signal: SIGKILL)
  }

  private func closeControl() {
    if control >= 0 { close(control) }
    control = -1
  }

  /// When `reap` must be called at the latest.
  var nextSignal: Double? { stopping?.next }

  /// Sends the signals that are due; takes the status of a process that ended, ends what is left of its group and
  /// removes its scratch folder.
  /// - Returns: whether it has ended.
  func reap(at now: Double, grace: Double) -> Bool {
    if status != nil { return true }
    if dmo_has_ended(pid) == 0 {
      if let due = stopping, now >= due.next {
        killpg(pid, due.signal)
        stopping = Stopping(next: now + max(grace, 0.05), signal: SIGKILL)
      }
      return false
    }
    // The process is a zombie still, so its group's number cannot belong to others yet.
    killpg(pid, SIGKILL)
    var raw: Int32 = 0
    while dmo_wait(pid, &raw, &peakBytes) < 0 && errno == EINTR {}
    status = raw
    drainOutput()
    cleanUp()
    return true
  }

  private func cleanUp() {
    closeControl()
    if output >= 0 { closeOutput() }
    for fd in [pidfd, life] where fd >= 0 { close(fd) }
    (pidfd, life) = (-1, -1)
    munmap(flag, 2)
    scratch.remove()
  }

  /// How the process ended, in words; nil while it runs.
  var ending: String? {
    guard let status else { return nil }
    var text = Self.words(status)
    if status & 0x7F == SIGKILL && stopping?.signal != SIGKILL && dmo_oom_kills() > oomKillsBefore {
      text = "the plugin's process was killed by the system: memory ran out (it had used \(Self.size(peakBytes)))"
    } else if status != 0, let limit = limits.memoryBytes, peakBytes > limit / 2 {
      text += "; it had used \(Self.size(peakBytes)) of the \(Self.size(limit)) that it may have"
    }
    return text
  }

  /// Whether the limit of processor time ended it.
  var usedUpTime: Bool { limits.cpuSeconds != nil && status.map { $0 & 0x7F } == SIGXCPU }

  /// Whether it is about to reach its limit of memory: what it does next is likely to fail for that.
  var isNearlyFull: Bool {
    guard let limit = limits.memoryBytes else { return false }
    return dmo_private_bytes(pid) > limit / 10 * 9
  }

  private static func size(_ bytes: Int) -> String {
    bytes >= 1 << 30
      ? "\((Double(bytes) / Double(1 << 30) * 10).rounded() / 10) GiB" : "\(max(bytes >> 20, 1)) MiB"
  }

  private static let signals: [Int32: String] = [
    SIGSEGV: "SIGSEGV (invalid memory access)", SIGBUS: "SIGBUS (invalid memory access)", SIGABRT: "SIGABRT (abort)",
    SIGFPE: "SIGFPE (arithmetic error)", SIGILL: "SIGILL (illegal instruction, or a failed check)",
    SIGTRAP: "SIGTRAP (a failed check)", SIGKILL: "SIGKILL (by someone)",
    SIGTERM: "SIGTERM", SIGXCPU: "SIGXCPU (CPU time limit)", SIGPIPE: "SIGPIPE", SIGINT: "SIGINT", SIGHUP: "SIGHUP",
    SIGSYS: "SIGSYS (forbidden system call)",
  ]

  private static func words(_ status: Int32) -> String {
    let signal = status & 0x7F
    if signal == 0 { return "the plugin's process exited with status \((status >> 8) & 0xFF)" }
    return "the plugin's process was killed by \(signals[signal] ?? "signal \(signal)")"
  }
}

/// What a process needs to start, and how to give it back.
private struct StartKit {
  var control: [Int32] = [-1, -1]
  var life: [Int32] = [-1, -1]
  var output: [Int32] = [-1, -1]
  var shared: Int32 = -1
  var scratch: ScratchFolder?

  /// - Returns: the page shared with the worker.
  mutating func prepare() throws(EvaluatorError) -> UnsafeMutablePointer<UInt8> {
    ScratchFolder.sweptOnce
    scratch = ScratchFolder.make(in: ScratchFolder.base)
    guard scratch != nil else { throw failed("make a scratch folder in \(ScratchFolder.base)") }
    shared = dmo_shared_memory(2)
    guard shared >= 0 else { throw failed("share memory with a worker") }
    guard dmo_socket_pair(&control) == 0, dmo_pipe(&life, 0) == 0, dmo_pipe(&output, 1) == 0 else {
      throw failed("connect to a worker")
    }
    guard let page = mmap(nil, 2, PROT_READ | PROT_WRITE, MAP_SHARED, shared, 0), page != MAP_FAILED else {
      throw failed("share memory with a worker")
    }
    return page.assumingMemoryBound(to: UInt8.self)
  }

  private func failed(_ what: String) -> EvaluatorError {
    EvaluatorError(.system, "cannot \(what): \(String(cString: strerror(errno)))")
  }

  func spawn(_ settings: WorkerSettings) throws(EvaluatorError) -> pid_t {
    let arguments = CStrings(["dmo"] + settings.arguments)
    let own = ["LD_BIND_NOW", "SWIFT_BACKTRACE", "TMPDIR"]
    // Undefined symbols must fail at load; the reason of a crash is told by dmo, not by a page of backtrace.
    let environment = CStrings(
      Self.environment.filter { line in !own.contains { line.hasPrefix($0 + "=") } }
        + ["LD_BIND_NOW=1", "SWIFT_BACKTRACE=enable=no", "TMPDIR=\(scratch?.path ?? "")"] + settings.environment)
    var pid: pid_t = 0
    let error = dmo_spawn(
      settings.executable, arguments.list, environment.list, control[1], shared, life[0], output[1], &pid)
    guard error == 0 else {
      throw EvaluatorError(.system, "cannot start \(settings.executable): \(String(cString: strerror(error)))")
    }
    return pid
  }

  private static var environment: [String] {
    var result: [String] = []
    guard let list = dmo_environment() else { return [] }
    while let entry = list[result.count] { result.append(String(cString: entry)) }
    return result
  }

  func closeChildEnds() {
    for fd in [control[1], life[0], output[1], shared] where fd >= 0 { close(fd) }
  }

  func discard() {
    closeChildEnds()
    for fd in [control[0], life[1], output[0]] where fd >= 0 { close(fd) }
    scratch?.remove()
  }
}

/// A NULL-terminated list of C strings.
private final class CStrings {
  let list: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
  private let count: Int

  init(_ texts: [String]) {
    count = texts.count
    list = .allocate(capacity: count + 1)
    list.initialize(repeating: nil, count: count + 1)
    for (k, text) in texts.enumerated() { list[k] = strdup(text) }
  }

  deinit {
    for k in 0..<count { free(list[k]) }
    list.deallocate()
  }
}
