import Synchronization

/// The next batch of a joint search, made beside it while points of the last one are evaluated.
final class JointLookahead: Sendable {
  private let result = Mutex<Result<JointStrategy, any Error>?>(nil)
  private let ended = Mutex<(@Sendable () -> Void)?>(nil)
  /// The strategy that it began with.
  let origin: JointStrategy

  /// Begins at once. - Parameter strategy: as it stands; the caller's own goes on meanwhile.
  init(_ strategy: JointStrategy) {
    origin = strategy
    let end = strategy.background.start { [self] in
      let prepared = Result { try strategy.withNextBatch() }
      result.withLock { $0 = prepared }
    }
    ended.withLock { $0 = end }
  }

  /// The strategy with its queue filled; waits for it. Once.
  func wait() throws -> JointStrategy {
    ended.withLock { $0 }?()
    guard let prepared = result.withLock({ $0 }) else { preconditionFailure("a look-ahead ended without a result") }
    return try prepared.get()
  }
}
