import Dispatch
import Synchronization

/// Runs independent jobs on several threads, in order of the list.
public final class BenchQueue<Job: Sendable>: Sendable {
  private struct State {
    var next = 0
    var done = 0
    var failure: (any Error)?
  }
  private let jobs: [Job]
  private let state = Mutex(State())

  public init(_ jobs: [Job]) { self.jobs = jobs }

  /// - Parameters:
  ///   - threads: jobs at the same time.
  ///   - isStopped: asked before each job; true ends the queue after what runs.
  ///   - body: computes one job; what it throws ends the queue.
  ///   - onDone: after each job, with how many are done; one call at a time.
  /// - Returns: whether all jobs ran. - Throws: what the first failing job threw, after the others that ran ended.
  public func run(
    threads: Int, isStopped: @Sendable () -> Bool, _ body: @Sendable (Job) throws -> Void,
    onDone: @Sendable (Job, Int) -> Void
  ) throws -> Bool {
    DispatchQueue.concurrentPerform(iterations: threads) { _ in
      while !isStopped(), let job = take() {
        do {
          try body(job)
          state.withLock { state in
            state.done += 1
            onDone(job, state.done)
          }
        } catch { state.withLock { $0.failure = $0.failure ?? error } }
      }
    }
    return try state.withLock { state in
      if let failure = state.failure { throw failure }
      return state.done == jobs.count
    }
  }

  private func take() -> Job? {
    state.withLock { state in
      guard state.failure == nil, state.next < jobs.count else { return nil }
      state.next += 1
      return jobs[state.next - 1]
    }
  }
}
