import CDMOHost
import DMOHost
import DMOWorker
import Foundation

/// How the process of one check came to its end.
struct CheckEnding {
  enum How {
    case reply(CheckReply)
    /// In words: a signal, or an exit without an answer.
    case died(String)
    case timedOut
    /// dmo itself could not do it.
    case system(String)
  }
  var how: How
  /// What the process was about to do.
  var crumb = ""
  var printed = ""
  var seconds = 0.0
  /// Processes of the check that outlived its process group.
  var escaped = 0
}

/// Runs one check in a process of its own and waits for it, at most until the deadline. Blocks; called from any thread.
struct CheckProcess {
  /// The program and the arguments that make it call `checkWorkerMain`.
  var command: [String]
  /// Added to the environment, as `LD_PRELOAD=…`.
  var environment: [String] = []
  var timeout: Double
  /// A program among the arguments that is replaced by a copy whose debug information no reader finds: valgrind gives up
  /// on what it cannot read of newer compilers.
  var hidesDebugInformationOf: String?
  /// Whether the plugin is replaced likewise.
  var hidesPluginsDebugInformation = false

  private struct Kit {
    var control: [Int32] = [-1, -1]
    var life: [Int32] = [-1, -1]
    var output: [Int32] = [-1, -1]
    var shared: Int32 = -1
    var page: UnsafeMutableRawPointer?
    var scratch = ""

    mutating func prepare() -> String? {
      let base = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
      var template = Array((base + "/dmo-check-XXXXXX").utf8CString)
      let made = template.withUnsafeMutableBufferPointer { text in
        text.baseAddress.flatMap { mkdtemp($0) }.map { String(cString: $0) }
      }
      guard let made else { return "make a folder in \(base)" }
      scratch = made
      shared = dmo_shared_memory(Breadcrumb.bytes)
      guard shared >= 0, dmo_socket_pair(&control) == 0, dmo_pipe(&life, 0) == 0, dmo_pipe(&output, 1) == 0,
        let page = mmap(nil, Breadcrumb.bytes, PROT_READ | PROT_WRITE, MAP_SHARED, shared, 0), page != MAP_FAILED
      else { return "connect to a process" }
      self.page = page
      return nil
    }

    mutating func closeChildEnds() {
      for fd in [control[1], life[0], output[1], shared] where fd >= 0 { close(fd) }
      (control[1], life[0], output[1], shared) = (-1, -1, -1, -1)
    }

    mutating func discard() {
      closeChildEnds()
      for fd in [control[0], life[1], output[0]] where fd >= 0 { close(fd) }
      if let page { munmap(page, Breadcrumb.bytes) }
      if !scratch.isEmpty { _ = dmo_remove_tree(scratch) }
    }

    /// What the process noted last; it may write anything there at any time.
    var crumb: String {
      guard let page else { return "" }
      let count = min(Int(page.load(as: UInt16.self)), Breadcrumb.bytes - 2)
      return TableChecks.readable(
        String(decoding: UnsafeRawBufferPointer(start: page + 2, count: count), as: UTF8.self))
    }
  }

  func run(_ request: CheckRequest) -> CheckEnding {
    var kit = Kit()
    defer { kit.discard() }
    if let trouble = kit.prepare() {
      return CheckEnding(how: .system("cannot \(trouble): \(String(cString: strerror(errno)))"))
    }
    let start = CheckRun.now
    var pid: pid_t = 0
    var request = request
    request.scratch = kit.scratch
    var command = command
    if hidesPluginsDebugInformation {
      let copy = kit.scratch + "/" + (request.path.split(separator: "/").last ?? "plugin.so")
      guard Self.copy(request.path, to: copy) else {
        return CheckEnding(how: .system("cannot copy \(request.path) to \(copy)"))
      }
      request.path = copy
    }
    if let program = hidesDebugInformationOf {
      let copy = kit.scratch + "/program"
      guard Self.copy(program, to: copy) else { return CheckEnding(how: .system("cannot copy \(program) to \(copy)")) }
      command = command.map { $0 == program ? copy : $0 }
    }
    let own = ["LD_BIND_NOW", "SWIFT_BACKTRACE", "TMPDIR", "OPENBLAS_NUM_THREADS"]
    let variables =
      ProcessInfo.processInfo.environment.filter { !own.contains($0.key) }.map { "\($0.key)=\($0.value)" }
      + ["LD_BIND_NOW=1", "SWIFT_BACKTRACE=enable=no", "TMPDIR=\(kit.scratch)", "OPENBLAS_NUM_THREADS=1"] + environment
    let error = Self.withCStrings(command) { argv in
      Self.withCStrings(variables) { envp in
        dmo_spawn(command[0], argv, envp, kit.control[1], kit.shared, kit.life[0], kit.output[1], &pid)
      }
    }
    guard error == 0 else {
      return CheckEnding(how: .system("cannot start \(command[0]): \(String(cString: strerror(error)))"))
    }
    kit.closeChildEnds()
    var line = ((try? JSONEncoder().encode(request)) ?? Data()) + Data([0x0A])
    while !line.isEmpty {
      let sent = line.withUnsafeBytes { dmo_send(kit.control[0], $0.baseAddress, $0.count, 1) }
      if sent < 0 && errno == EINTR { continue }
      if sent <= 0 { break }
      line = line.dropFirst(sent)
    }
    return watch(pid, kit, start)
  }

  /// Copies an ELF file with its debug sections under other names.
  private static func copy(_ program: String, to path: String) -> Bool {
    guard var bytes = try? Data(contentsOf: URL(fileURLWithPath: program)) else { return false }
    let (name, other) = (Data(".debug_".utf8), Data(".hidden".utf8))
    var rest = bytes.startIndex..<bytes.endIndex
    while let found = bytes.range(of: name, in: rest) {
      bytes.replaceSubrange(found, with: other)
      rest = found.upperBound..<bytes.endIndex
    }
    guard (try? bytes.write(to: URL(fileURLWithPath: path))) != nil else { return false }
    return chmod(path, 0o700) == 0
  }

  /// Collects the answer and the output until the process is gone.
  private func watch(_ pid: pid_t, _ kit: Kit, _ start: Double) -> CheckEnding {
    let pidfd = dmo_pidfd(pid)
    defer { if pidfd >= 0 { close(pidfd) } }
    var answer = Data()
    var printed = Data()
    var isLate = false
    var (controlOpen, outputOpen) = (true, true)
    while dmo_has_ended(pid) == 0 {
      let left = start + timeout - CheckRun.now
      if left <= 0 || answer.count > CheckReply.limit {
        isLate = left <= 0
        break
      }
      var fds = [pollfd(fd: pidfd, events: Int16(POLLIN), revents: 0)]
      if controlOpen { fds.append(pollfd(fd: kit.control[0], events: Int16(POLLIN), revents: 0)) }
      if outputOpen { fds.append(pollfd(fd: kit.output[0], events: Int16(POLLIN), revents: 0)) }
      // Without a pidfd the end is noticed by looking from time to time.
      _ = dmo_poll(&fds, fds.count, pidfd < 0 ? min(left, 0.02) : left)
      if controlOpen { controlOpen = Self.drain(kit.control[0], into: &answer, keeping: .max) }
      if outputOpen { outputOpen = Self.drain(kit.output[0], into: &printed, keeping: 8192) }
    }
    let others = isLate ? Self.processes(with: kit.scratch).filter { $0 != pid } : []
    killpg(pid, SIGKILL)
    for other in others { kill(other, SIGKILL) }
    var status: Int32 = 0
    while waitpid(pid, &status, 0) < 0 && errno == EINTR {}
    _ = Self.drain(kit.control[0], into: &answer, keeping: .max)
    _ = Self.drain(kit.output[0], into: &printed, keeping: 8192)
    let escaped = Self.processes(with: kit.scratch)
    for other in escaped { kill(other, SIGKILL) }

    var ending = CheckEnding(how: .timedOut, seconds: CheckRun.now - start)
    (ending.crumb, ending.escaped) = (kit.crumb, escaped.count)
    ending.printed = TableChecks.readable(String(decoding: printed, as: UTF8.self))
    if isLate { return ending }
    let line = answer.prefix { $0 != 0x0A }
    if answer.count > line.count, let reply = try? JSONDecoder().decode(CheckReply.self, from: line) {
      ending.how = .reply(reply)
    } else {
      ending.how = .died(Self.words(status))
    }
    return ending
  }

  /// Reads what is there. - Returns: whether more may come.
  private static func drain(_ fd: Int32, into data: inout Data, keeping limit: Int) -> Bool {
    var buffer = [UInt8](repeating: 0, count: 1 << 14)
    for _ in 0..<64 {
      var entry = pollfd(fd: fd, events: Int16(POLLIN), revents: 0)
      guard dmo_poll(&entry, 1, 0) > 0 else { return true }
      let count = read(fd, &buffer, buffer.count)
      if count < 0 && errno == EINTR { continue }
      if count < 0 && errno == EAGAIN { return true }
      if count <= 0 { return false }
      data.append(contentsOf: buffer[..<count])
      if data.count > limit { data = Data(data.suffix(limit)) }
    }
    return true
  }

  /// All processes that were started with this folder as TMPDIR: the check's, and whatever left its process group.
  private static func processes(with scratch: String) -> [pid_t] {
    let mark = Data("TMPDIR=\(scratch)".utf8)
    let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
    return names.compactMap { pid_t($0) }.filter { pid in
      guard let data = FileManager.default.contents(atPath: "/proc/\(pid)/environ") else { return false }
      return data.range(of: mark) != nil
    }
  }

  private static func withCStrings<R>(
    _ texts: [String], _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?) -> R
  ) -> R {
    var list: [UnsafeMutablePointer<CChar>?] = texts.map { strdup($0) } + [nil]
    defer { for text in list { free(text) } }
    return list.withUnsafeMutableBufferPointer { body($0.baseAddress) }
  }

  private static let signals: [Int32: String] = [
    SIGSEGV: "SIGSEGV (invalid memory access)", SIGBUS: "SIGBUS (invalid memory access)", SIGABRT: "SIGABRT (abort)",
    SIGFPE: "SIGFPE (arithmetic error)", SIGILL: "SIGILL (illegal instruction, or a failed check)",
    SIGTRAP: "SIGTRAP (a failed check)", SIGKILL: "SIGKILL (by someone, or by the system when memory ran out)",
    SIGPIPE: "SIGPIPE", SIGTERM: "SIGTERM",
  ]

  private static func words(_ status: Int32) -> String {
    let signal = status & 0x7F
    if signal != 0 { return "the process was killed by \(signals[signal] ?? "signal \(signal)")" }
    return "the process exited with status \((status >> 8) & 0xFF) without an answer"
  }
}
