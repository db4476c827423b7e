import FlyingFox
import FlyingSocks
import Foundation
import Synchronization

/// A pool of sockets that lets nobody keep a connection idle: what FlyingFox itself has no limits for.
///
/// A connection that waits longer than `patience` for its peer is ended, and of more than `capacity` waiting ones the
/// one that waits longest: newcomers, such as the page's next question, always get through. Whoever sends too much is ended
/// by `limit`.
final class GuardedPool: AsyncSocketPool, Sendable {
  private struct Wait {
    var since: ContinuousClock.Instant
    var task: Task<Void, any Error>
  }
  private struct State {
    var next = 0
    /// By number, so that the smallest waits longest.
    var waits: [Int: Wait] = [:]
    var oldest = 0
  }
  private let inner: any AsyncSocketPool
  private let capacity: Int
  private let patience: Duration
  private let limit: ReceiveLimit
  private let state = Mutex(State())

  init(
    _ inner: any AsyncSocketPool = HTTPServer.defaultPool(), limit: ReceiveLimit, capacity: Int = 256,
    patience: Duration = .seconds(20)
  ) {
    (self.inner, self.limit, self.capacity, self.patience) = (inner, limit, capacity, patience)
  }

  func prepare() async throws { try await inner.prepare() }

  func run() async throws {
    let looking = limit.start()
    defer { looking.cancel() }
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await self.inner.run() }
      group.addTask {
        while true {
          try await Task.sleep(for: .seconds(1))
          self.endOverdue()
        }
      }
      defer { group.cancelAll() }
      try await group.next()
    }
  }

  func suspendSocket(_ socket: Socket, untilReadyFor events: Socket.Events) async throws {
    // The listening socket has no peer, and waits as long as it takes.
    guard (try? socket.remotePeer()) != nil else { return try await inner.suspendSocket(socket, untilReadyFor: events) }
    let inner = inner
    let task = Task { try await inner.suspendSocket(socket, untilReadyFor: events) }
    let number = begin(task)
    defer { state.withLock { $0.waits[number] = nil } }
    try await withTaskCancellationHandler {
      try await task.value
    } onCancel: {
      task.cancel()
    }
  }

  private func begin(_ task: Task<Void, any Error>) -> Int {
    let (number, evicted) = state.withLock { state -> (Int, Task<Void, any Error>?) in
      state.next += 1
      state.waits[state.next] = Wait(since: .now, task: task)
      guard state.waits.count > capacity else { return (state.next, nil) }
      // Numbers only grow, so that this walks over each once.
      while state.waits[state.oldest] == nil { state.oldest += 1 }
      return (state.next, state.waits.removeValue(forKey: state.oldest)?.task)
    }
    evicted?.cancel()
    return number
  }

  private func endOverdue() {
    let limit = ContinuousClock.now - patience
    let overdue = state.withLock { $0.waits.values.filter { $0.since < limit } }
    for wait in overdue { wait.task.cancel() }
  }
}
