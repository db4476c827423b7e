import Synchronization
import Testing

@testable import DMOBench

@Suite("benchmark queue")
struct QueueTests {
  private struct Broken: Error {}

  @Test("every job runs once, whatever the number of threads", arguments: [1, 2, 7])
  func all(threads: Int) throws {
    let seen = Mutex<[Int]>([])
    let isComplete = try BenchQueue(Array(0..<50)).run(threads: threads, isStopped: { false }) { job in
      seen.withLock { $0.append(job) }
    } onDone: { _, _ in }
    #expect(isComplete)
    #expect(seen.withLock { $0.sorted() } == Array(0..<50))
  }

  @Test("a stop ends the queue between jobs; a failure is thrown and nothing new starts")
  func stop() throws {
    let count = Mutex(0)
    let isComplete = try BenchQueue(Array(0..<50)).run(threads: 1, isStopped: { count.withLock { $0 >= 3 } }) { _ in
      count.withLock { $0 += 1 }
    } onDone: { _, _ in }
    #expect(!isComplete && count.withLock { $0 } == 3)
    let tried = Mutex(0)
    #expect(throws: Broken.self) {
      _ = try BenchQueue(Array(0..<50)).run(threads: 1, isStopped: { false }) { _ in
        tried.withLock { $0 += 1 }
        throw Broken()
      } onDone: { _, _ in }
    }
    #expect(tried.withLock { $0 } == 1)
  }
}
