import Dispatch
import Foundation

/// Independent pieces of work side by side: small networks run on one thread each.
public enum Parallel {
  /// How many processors there are to share.
  public static var processors: Int { ProcessInfo.processInfo.activeProcessorCount }

  /// body(0), …, body(count − 1), in the order of numbers, at most `threads` at the same time.
  ///
  /// The results do not depend on `threads`. The first error by number is thrown.
  public static func map<T: Sendable>(
    _ count: Int, threads: Int, _ body: @Sendable (Int) throws -> T
  ) throws -> [T] {
    guard threads > 1, count > 1 else { return try (0..<count).map(body) }
    let slots = UnsafeMutableBufferPointer<Result<T, any Error>?>.allocate(capacity: count)
    slots.initialize(repeating: nil)
    defer {
      slots.deinitialize()
      slots.deallocate()
    }
    // Each slot is written by the one iteration that owns its number, and read after all have ended.
    nonisolated(unsafe) let shared = slots
    let lanes = min(threads, count)
    DispatchQueue.concurrentPerform(iterations: lanes) { lane in
      for i in stride(from: lane, to: count, by: lanes) { shared[i] = Result { try body(i) } }
    }
    return try slots.map { slot in
      guard let slot else { preconditionFailure("an iteration left no result") }
      return try slot.get()
    }
  }
}
