import Synchronization

/// What one core does at the same time for its caller and beside it: the caller's work and a job in the background
/// share it in equal parts.
///
/// Jobs are computed at once when they are started and their time is noted; it passes later, on a simulated clock.
final class SharedCore: Sendable {
  /// What happened since the last account, in the caller's order.
  enum Event {
    /// The caller worked so many seconds.
    case work(Double)
    /// A job of so many seconds began.
    case begin(Double)
    /// The caller waits for the jobs.
    case wait
  }
  private struct State {
    var readAt: Double
    var events: [Event] = []
  }
  private let clock: @Sendable () -> Double
  private let state: Mutex<State>

  /// - Parameter clock: seconds that the core has worked.
  init(clock: @escaping @Sendable () -> Double) {
    self.clock = clock
    state = Mutex(State(readAt: clock()))
  }

  /// The caller's work from the last reading on, and what else happened.
  func account() -> [Event] {
    state.withLock { state in
      note(&state)
      defer { state.events = [] }
      return state.events
    }
  }

  /// Forgets the time since the last reading.
  func skip() { state.withLock { $0.readAt = clock() } }

  private func note(_ state: inout State) {
    let now = clock()
    state.events.append(.work(now - state.readAt))
    state.readAt = now
  }

  /// Does a job. - Returns: what notes that the caller waits for it.
  func run(_ job: () -> Void) -> @Sendable () -> Void {
    state.withLock { note(&$0) }
    job()
    state.withLock { state in
      let now = clock()
      state.events.append(.begin(now - state.readAt))
      state.readAt = now
    }
    return { [self] in
      state.withLock { state in
        note(&state)
        state.events.append(.wait)
      }
    }
  }
}
