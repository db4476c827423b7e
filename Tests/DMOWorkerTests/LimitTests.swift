import CDMOHost
import DMOCore
import DMOWorker
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

@Suite("What a worker may use")
struct LimitTests {
  @Test("a plugin cannot have more memory than allowed, and one that leaks is replaced before it fails")
  func memory() throws {
    let replaced = Counter()
    let pool = try Misdeed.pool(limits: WorkerLimits(memoryBytes: 256 << 20)) { event in
      if case .workerEnded(_, let reason) = event, reason.contains("memory") { replaced.add() }
    }
    defer { pool.shutdown() }
    pool.submit(Misdeed.leak.request(1, 512))
    let refused = try #require(pool.next(timeout: 15))
    #expect(refused.status == .failed && refused.message == "out of memory")
    // Ten times what a worker may have, in steps that each of them bears.
    for id in 2...81 as ClosedRange<UInt64> {
      pool.submit(Misdeed.leak.request(id, 24))
      #expect(pool.next(timeout: 15)?.status == .ok)
    }
    #expect(replaced.value >= 7, "\(replaced.value)")
  }

  @Test("an evaluation that uses up its processor time is killed, and says so")
  func processorTime() throws {
    let pool = try Misdeed.pool(timeout: nil, limits: WorkerLimits(cpuSeconds: 1))
    defer { pool.shutdown() }
    pool.submit(Misdeed.burn.request(1))
    let result = try #require(pool.next(timeout: 60))
    #expect(result.status == .timedOut && result.message.contains("processor time"), "\(result.message)")
    pool.submit(Misdeed.good.request(2))
    #expect(pool.next(timeout: 15)?.status == .ok)
  }

  @Test("outside a sandbox a plugin may do what the user may; inside it neither files nor the network")
  func sandbox() throws {
    let warnings = Shared<String>()
    for isSandboxed in [false, true] {
      let pool = try Misdeed.pool(limits: WorkerLimits(isSandboxed: isSandboxed)) { event in
        if case .log(_, 2, let text) = event { warnings.add(text) }
      }
      defer { pool.shutdown() }
      pool.submit(Misdeed.writeOutside.request(1, Double(getpid())))
      let files = try #require(pool.next(timeout: 15))
      pool.submit(Misdeed.openSocket.request(2))
      let sockets = try #require(pool.next(timeout: 15))
      #expect(files.status == .ok && sockets.status == .ok, "\(files.message)")
      guard isSandboxed else {
        #expect(warnings.values.isEmpty)
        #expect(files.y[0] >= 5 && sockets.y[0] >= 3, "\(files.y) \(sockets.y)")
        continue
      }
      // What a kernel lacks is said, and only then may it be missing.
      let said = warnings.values.joined(separator: "\n")
      if said.contains("Landlock") {
        print("this kernel has no Landlock: the sandbox's files are not tested")
      } else {
        #expect(files.y == [0])
      }
      if said.contains("seccomp") {
        print("this kernel has no seccomp filters: the sandbox's sockets are not tested")
      } else {
        #expect(sockets.y == [0])
      }
    }
  }
}
