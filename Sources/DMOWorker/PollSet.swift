import CDMOHost

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// The descriptors to wait for, and what was found.
struct PollSet: Sendable {
  private var entries: [pollfd] = []

  init() { entries.reserveCapacity(16) }

  mutating func add(_ fd: Int32, write: Bool = false) {
    if fd >= 0 { entries.append(pollfd(fd: fd, events: Int16(POLLIN | (write ? POLLOUT : 0)), revents: 0)) }
  }

  /// Waits until a descriptor is ready or the time is up; a signal ends the wait, too.
  /// - Parameter seconds: nil: as long as it takes.
  mutating func wait(_ seconds: Double?) {
    let count = entries.withUnsafeMutableBufferPointer {
      dmo_poll($0.baseAddress, $0.count, seconds.map { Swift.max($0, 0) } ?? -1)
    }
    if count < 0 { for k in entries.indices { entries[k].revents = 0 } }
  }

  /// Whether the descriptor had something to say. - Complexity: O(descriptors)
  func isReady(_ fd: Int32) -> Bool { entries.contains { $0.fd == fd && $0.revents != 0 } }
}

/// A descriptor to wake a thread in `PollSet.wait` with.
final class WakeEvent: Sendable {
  let fd: Int32

  /// - Throws: `EvaluatorError.Code.system`
  init() throws(EvaluatorError) {
    fd = dmo_event()
    if fd < 0 { throw EvaluatorError(.system, "cannot make an event: \(String(cString: strerror(errno)))") }
  }

  deinit { close(fd) }

  func signal() {
    var one: UInt64 = 1
    _ = write(fd, &one, 8)
  }

  func clear() {
    var count: UInt64 = 0
    _ = read(fd, &count, 8)
  }
}
