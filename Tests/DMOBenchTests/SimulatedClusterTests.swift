import DMOCore
import DMOWorker
import Synchronization
import Testing

@testable import DMOBench
@testable import DMOSearch

@Suite("A simulated cluster")
struct SimulatedClusterTests {
  /// Answers 1 at once.
  private final class Source: Evaluator {
    let spec = ProblemSpec(
      space: ParameterSpace([Parameter(id: "a")]), outputs: OutputSpace([Output(id: "f", role: .minimize)]))
    let capacity = 1
    var composite: (any Composite)? { nil }
    private var answers: [EvaluationResult] = []
    func submit(_ request: EvaluationRequest) {
      answers.append(EvaluationResult(id: request.id, status: .ok, y: [1]))
    }
    func next(timeout seconds: Double?) -> EvaluationResult? { answers.isEmpty ? nil : answers.removeFirst() }
    func vjp(_ request: EvaluationRequest, ybar: [Double]) -> (result: EvaluationResult, xbar: [Double]?) {
      (EvaluationResult(id: request.id, status: .unsupported, y: [.nan]), nil)
    }
    func draw(_ request: EvaluationRequest) throws -> [Artifact] { [] }
    func shutdown() {}
  }

  /// A core that works when the test says so.
  private final class Core: Sendable {
    private let seconds = Mutex(0.0)
    func work(_ more: Double) { seconds.withLock { $0 += more } }
    var read: @Sendable () -> Double { { self.seconds.withLock { $0 } } }
  }

  private static func cluster(
    workers: Int, seconds: Double, measured: Range<Int> = 1..<100
  ) -> (SimulatedCluster, Core) {
    let core = Core()
    let cluster = SimulatedCluster(
      source: Source(), workers: workers, median: seconds, spread: 0, measured: measured, clock: core.read)
    return (cluster, core)
  }

  private static func request(_ id: UInt64) -> EvaluationRequest { EvaluationRequest(id: id, x: [0.5], seed: id) }

  @Test("evaluations that find no idle worker wait for one, in order")
  func queue() throws {
    let (cluster, _) = Self.cluster(workers: 2, seconds: 100)
    for id in 1...5 { cluster.submit(Self.request(UInt64(id))) }
    var ends: [Double] = []
    for id in 1...5 {
      #expect(cluster.next(timeout: nil)?.id == UInt64(id))
      ends.append(cluster.now)
    }
    #expect(ends == [100, 100, 200, 200, 300])
    #expect(cluster.next(timeout: nil) == nil)
  }

  @Test("the caller's own work passes on the simulated clock, and workers go on meanwhile")
  func work() {
    let (cluster, core) = Self.cluster(workers: 1, seconds: 8)
    cluster.submit(Self.request(1))
    core.work(2)
    _ = cluster.next(timeout: nil)
    #expect(cluster.now == 8 && cluster.coreSeconds == 2)
    core.work(2)
    cluster.submit(Self.request(2))
    #expect(cluster.now == 10 && cluster.coreSeconds == 4)
  }

  @Test("a job in the background takes its time while workers evaluate, and no more than that")
  func background() {
    let (cluster, core) = Self.cluster(workers: 1, seconds: 8)
    cluster.submit(Self.request(1))
    let wait = cluster.background.start { core.work(4) }
    _ = cluster.next(timeout: nil)
    wait()
    #expect(cluster.next(timeout: 0) == nil)
    #expect(cluster.now == 8 && cluster.waitedSeconds == 0 && cluster.coreSeconds == 4)
  }

  @Test("a caller that needs the job's result waits for what is left of it")
  func waiting() {
    let (cluster, core) = Self.cluster(workers: 1, seconds: 3)
    cluster.submit(Self.request(1))
    let wait = cluster.background.start { core.work(4) }
    _ = cluster.next(timeout: nil)
    wait()
    cluster.submit(Self.request(2))
    #expect(cluster.now == 4 && cluster.waitedSeconds == 1 && cluster.coreShare == 1)
  }

  @Test("the caller and a job share one core, each with half of it while both work")
  func sharing() {
    let (cluster, core) = Self.cluster(workers: 1, seconds: 100)
    let wait = cluster.background.start { core.work(4) }
    core.work(1)
    cluster.submit(Self.request(1))
    #expect(cluster.now == 2, "one second of the caller's took two")
    core.work(1)
    wait()
    cluster.submit(Self.request(2))
    #expect(cluster.now == 6 && cluster.waitedSeconds == 2 && cluster.coreSeconds == 6)
  }

  @Test("utilisation is the part of the measured time that workers evaluate")
  func utilisation() throws {
    let (cluster, core) = Self.cluster(workers: 2, seconds: 100, measured: 2..<4)
    cluster.submit(Self.request(1))
    cluster.submit(Self.request(2))
    _ = cluster.next(timeout: nil)
    _ = cluster.next(timeout: nil)
    core.work(50)
    cluster.submit(Self.request(3))
    _ = cluster.next(timeout: nil)
    cluster.submit(Self.request(4))
    // Two of two for 100 s, none for 50 s, one of two for 100 s.
    #expect(cluster.utilisation == 0.6 && cluster.windowSeconds == 250)
  }

  @Test("the clock of the core goes on while this process works")
  func coreClock() {
    let clock = CoreClock()
    let before = clock.read()
    var sum = 0.0
    while clock.read() - before < 0.02 { sum += 1 }
    #expect(sum > 0 && clock.read() > before)
  }
}
