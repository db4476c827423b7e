import CDMOHost
import Dispatch
import FlyingFox
import Foundation
import Synchronization

/// Ends connections whose peer sends more than a question can need: FlyingFox reads headers and bodies of any length.
///
/// The system counts what each connection received. Whoever sends more than `bytes` without having completed a request is
/// shut off, whether it sends at once or a little at a time.
final class ReceiveLimit: Sendable {
  private struct State {
    /// Ports of peers whose request was complete since the last look.
    var completed: Set<UInt16> = []
    /// What a peer had sent, by its port, when its last request was complete.
    var counted: [UInt16: UInt64] = [:]
  }
  private let bytes: UInt64
  private let state = Mutex(State())

  /// - Parameter bytes: what one request may have; browsers' have less than 2 KiB.
  init(bytes: UInt64 = 32 << 10) { self.bytes = bytes }

  /// Says that a whole request has come from a peer.
  func complete(_ address: HTTPRequest.Address?) {
    guard case .ip4(_, let port) = address else { return }
    state.withLock { _ = $0.completed.insert(port) }
  }

  /// Looks four times a second until the timer that it gives is cancelled.
  ///
  /// On a thread of its own: reading from somebody who sends faster than FlyingFox reads never suspends, so that as many of
  /// these as there are cores keep every task of the program waiting.
  func start() -> any DispatchSourceTimer {
    let timer = DispatchSource.makeTimerSource(queue: DispatchQueue(label: "dmo.watch.limit"))
    timer.schedule(deadline: .now(), repeating: .milliseconds(250))
    timer.setEventHandler { [self] in look() }
    timer.resume()
    return timer
  }

  /// - Complexity: two system calls for each open descriptor.
  private func look() {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? []
    state.withLock { state in
      var counted: [UInt16: UInt64] = [:]
      for case let descriptor? in names.map({ Int32($0) }) {
        var (port, received): (UInt16, UInt64) = (0, 0)
        guard dmo_tcp_received(descriptor, &port, &received) == 0 else { continue }
        // A port may have come back with another connection.
        let last = min(state.counted[port] ?? 0, received)
        counted[port] = state.completed.contains(port) ? received : last
        if received - (counted[port] ?? 0) > bytes { abort(descriptor) }
      }
      state = State(counted: counted)
    }
  }

  /// Resets a connection, and drops what had come and was not read: up to some MiB, which FlyingFox would read by the byte.
  private func abort(_ descriptor: Int32) {
    var nobody = sockaddr()
    nobody.sa_family = sa_family_t(AF_UNSPEC)
    connect(descriptor, &nobody, socklen_t(MemoryLayout<sockaddr>.size))
  }
}
