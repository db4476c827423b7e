import Dispatch

/// Where a search computes what it needs later: beside its caller, on another thread.
///
/// What is computed, and when it begins and is waited for, is the search's matter; this only says by whom. A simulation
/// of a cluster computes at once and lets the time pass on its own clock.
public struct Background: Sendable {
  private let begin: @Sendable (@escaping @Sendable () -> Void) -> @Sendable () -> Void

  /// - Parameter begin: starts the work and returns what waits for its end; the latter is called at most once.
  public init(_ begin: @escaping @Sendable (@escaping @Sendable () -> Void) -> @Sendable () -> Void) {
    self.begin = begin
  }

  /// Starts the work. - Returns: what waits for its end; at most once.
  func start(_ work: @escaping @Sendable () -> Void) -> @Sendable () -> Void { begin(work) }

  /// Another thread of this process.
  public static let thread = Background { work in
    let done = DispatchSemaphore(value: 0)
    DispatchQueue.global().async {
      work()
      done.signal()
    }
    return { done.wait() }
  }
}
