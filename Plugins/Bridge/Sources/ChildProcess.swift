internal import BridgeSpawn
import DMOPluginKit
import Glibc

/// A program that a bridge started.
///
/// It stays in the process group of dmo's worker, so that a deadline of dmo ends it with everything it started. It gets
/// none of the worker's descriptors, no input, default signals, and the worker's standard output and error, which dmo
/// keeps with the evaluation.
public final class ChildProcess {
  public let pid: Int32
  private var status: Int32?

  /// - Parameters:
  ///   - program: a path, or a name looked for in PATH.
  ///   - arguments: without the program's name.
  ///   - folder: where it runs; nil: where dmo runs.
  ///   - environment: added to dmo's.
  ///   - channel: a descriptor that becomes the program's number 3.
  /// - Throws: `Failed` when it cannot be started.
  public init(
    _ program: String, _ arguments: [String], folder: String? = nil, environment: [String: String] = [:],
    channel: Int32? = nil
  ) throws {
    var child: Int32 = 0
    let cause = Self.withTexts([program] + arguments) { texts in
      Self.withTexts(Self.environment(environment)) { values in
        bridge_spawn(program, texts, values, folder, channel ?? -1, &child)
      }
    }
    guard cause == 0 else {
      throw Failed("\(program) cannot be started: \(String(cString: strerror(cause)))")
    }
    pid = child
  }

  deinit { end() }

  /// dmo's own, without what it sets for its workers alone.
  private static func environment(_ more: [String: String]) -> [String] {
    var texts = more.map { "\($0.key)=\($0.value)" }
    var entry = environ
    while let text = entry.pointee.map({ String(cString: $0) }) {
      let name = text.prefix { $0 != "=" }
      if !["LD_BIND_NOW", "SWIFT_BACKTRACE"].contains(name) && more[String(name)] == nil { texts.append(text) }
      entry += 1
    }
    return texts
  }

  private static func withTexts<T>(_ texts: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> T) -> T {
    let copies: [UnsafeMutablePointer<CChar>?] = texts.map { strdup($0) } + [nil]
    defer { for copy in copies { free(copy) } }
    return body(copies)
  }

  /// Whether it has ended.
  public var hasEnded: Bool {
    if status != nil { return true }
    var value: Int32 = 0
    let ended = waitpid(pid, &value, WNOHANG)
    // Nobody else waits for it; an error means that there is nothing to wait for.
    if ended == pid || ended < 0 && errno == ECHILD { status = ended == pid ? value : 0 }
    return status != nil
  }

  /// How it ended, in words; nil for a clean end, and while it runs.
  public var fault: String? {
    guard hasEnded, let status else { return nil }
    let signal = status & 0x7f
    if signal != 0 { return "ended by signal \(signal) (\(String(cString: strsignal(signal))))" }
    let code = (status >> 8) & 0xff
    return code == 0 ? nil : "exit status \(code)"
  }

  /// Waits until it ends. Throws `Cancelled`, after it was ended, when the host wants this call to stop.
  public func wait(_ point: Evaluation) throws {
    var pause: UInt32 = 200
    while !hasEnded {
      if point.isCancelled {
        end()
        throw Cancelled()
      }
      usleep(pause)
      pause = min(pause * 2, 20_000)
    }
  }

  /// Ends it and everything it started.
  public func end() {
    guard !hasEnded else { return }
    // Stopped first, so that nothing is started while the list is made.
    var tree = [pid]
    var k = 0
    while k < tree.count {
      kill(tree[k], SIGSTOP)
      tree += Self.children(of: tree[k])
      k += 1
    }
    for member in tree.reversed() { kill(member, SIGKILL) }
    var value: Int32 = 0
    while waitpid(pid, &value, 0) < 0 && errno == EINTR {}
    status = value
  }

  private static func children(of pid: Int32) -> [Int32] {
    guard let file = fopen("/proc/\(pid)/task/\(pid)/children", "r") else { return [] }
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 1 << 16)
    let count = fread(&bytes, 1, bytes.count, file)
    return String(decoding: bytes.prefix(count), as: UTF8.self).split(separator: " ").compactMap { Int32($0) }
  }
}
