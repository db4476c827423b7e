import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// The time that this process's work takes on a core of its own, in seconds: its processor time, and what the thread
/// that reads it waits for the disk; not what it waits for a processor that other programs have.
final class CoreClock: Sendable {
  private struct State {
    var total = 0.0
    var last: (wall: Double, processor: Double, delay: Double)
  }
  /// `/proc/thread-self/schedstat`, which tells for how long the thread was runnable and did not run; −1: not there.
  private let statistics: Int32
  private let state: Mutex<State>

  /// To be read on the thread that makes it.
  init() {
    statistics = open("/proc/thread-self/schedstat", O_RDONLY | O_CLOEXEC)
    state = Mutex(State(last: Self.now(statistics)))
  }

  deinit { if statistics >= 0 { close(statistics) } }

  /// Seconds since the start.
  func read() -> Double {
    state.withLock { state in
      let now = Self.now(statistics)
      let blockedOrBusy = now.wall - state.last.wall - (now.delay - state.last.delay)
      // Threads that ran side by side would have run one after the other.
      state.total += max(now.processor - state.last.processor, blockedOrBusy, 0)
      state.last = now
      return state.total
    }
  }

  private static func now(_ statistics: Int32) -> (wall: Double, processor: Double, delay: Double) {
    (seconds(CLOCK_MONOTONIC), seconds(CLOCK_PROCESS_CPUTIME_ID), delay(statistics))
  }

  private static func seconds(_ clock: clockid_t) -> Double {
    var t = timespec()
    clock_gettime(clock, &t)
    return Double(t.tv_sec) + 1e-9 * Double(t.tv_nsec)
  }

  /// The second number of the file, which is in nanoseconds.
  private static func delay(_ file: Int32) -> Double {
    guard file >= 0 else { return 0 }
    return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 96) { text in
      guard let base = text.baseAddress else { return 0 }
      let count = pread(file, base, text.count - 1, 0)
      guard count > 0 else { return 0 }
      base[count] = 0
      var end: UnsafeMutablePointer<CChar>?
      _ = strtoull(base, &end, 10)
      return end.map { 1e-9 * Double(strtoull($0, nil, 10)) } ?? 0
    }
  }
}
