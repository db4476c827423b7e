import DMOCore
import DMOHost
import DMOTestSupport
import DMOWorker
import Testing

@Suite("Evaluations in worker processes")
struct WorkerPoolTests {
  @Test("a good plugin answers the same in a worker and in process")
  func agrees() throws {
    let selection = PluginSelection(path: Fixtures.plugin("Good/amp"), options: ["factor": "2"])
    let pool = try WorkerPool(selection, settings: Fixtures.settings(jobs: 2))
    defer { pool.shutdown() }
    let local = try InProcessEvaluator(selection)
    defer { local.shutdown() }
    #expect(pool.spec == local.spec)
    #expect(pool.plugin == local.plugin)
    for evaluator in [pool, local] as [any Evaluator] {
      evaluator.submit(EvaluationRequest(id: 7, x: [10, 2, 1]))
      let result = try #require(evaluator.next(timeout: 60))
      #expect(result.id == 7 && result.status == .ok && result.message == "")
      #expect(result.y[0] == 40 && result.y[4].isNaN && result.y[5] == 1600 && result.y[6] == 80)
      #expect(result.costSeconds == 0.25)
      #expect(evaluator.next(timeout: 0) == nil)
    }
  }

  @Test("an infeasible point keeps what is known and says why")
  func infeasible() throws {
    let pool = try WorkerPool(PluginSelection(path: Fixtures.plugin("Good/amp")), settings: Fixtures.settings())
    defer { pool.shutdown() }
    pool.submit(EvaluationRequest(id: 1, x: [100, 16, 0]))
    let result = try #require(pool.next(timeout: 60))
    #expect(result.status == .infeasible && result.message == "width times fingers is 1600, above 800")
    #expect(result.y[0] == 1600 && result.y.dropFirst().allSatisfy(\.isNaN))
    pool.submit(EvaluationRequest(id: 2, x: [10, 1, 0], fidelity: 2))
    #expect(pool.next(timeout: 60)?.status == .unsupported)
  }

  @Test("derivatives, goals, pictures, batches and reference points come from a worker as from this process")
  func extensions() throws {
    let selection = PluginSelection(path: Fixtures.plugin("Good/amp"))
    let pool = try WorkerPool(selection, settings: Fixtures.settings())
    defer { pool.shutdown() }
    let local = try InProcessEvaluator(selection)
    defer { local.shutdown() }
    let point = EvaluationRequest(id: 3, x: [10, 2, 1])
    // d(power)/d(width) = 2 · area · fingers = 2 · 20 · 2
    let gradient = pool.vjp(point, ybar: [0, 0, 0, 0, 0, 1, 0])
    #expect(gradient.result.status == .ok && gradient.xbar == [80, 0, 0])
    #expect(local.vjp(point, ybar: [0, 0, 0, 0, 0, 1, 0]).xbar == [80, 0, 0])
    #expect(pool.jvp(point, xdot: [1, 0, 0]).ydot?[5] == 80)
    #expect(pool.jvp(point, xdot: [1, 0, 0]).ydot == local.jvp(point, xdot: [1, 0, 0]).ydot)
    #expect(pool.vjp(EvaluationRequest(id: 4, x: [100, 16, 0]), ybar: [1, 0, 0, 0, 0, 0, 0]).xbar == nil)

    for composite in [try #require(pool.composite), try #require(local.composite)] {
      var y: [Double] = [3, 0, 0, 0, 0, .nan, .nan, 5, 0, 0, 0, 0, .nan, .nan]
      try composite.compose(rows: 2, x: [1, 1, 0, 1, 1, 0], y: &y)
      #expect(y[5] == 9 && y[6] == 43 && y[12] == 25 && y[13] == 45)
      var zbar = [Double](repeating: 1, count: 7)
      var xbar = [Double](repeating: 1, count: 3)
      try composite.composeVJP(
        rows: 1, x: [1, 1, 0], y: Array(y[0..<7]), ybar: [0, 0, 0, 0, 0, 1, 1], zbar: &zbar, xbar: &xbar)
      #expect(zbar == [8, 1, 1, 1, 1, 1, 1] && xbar == [1, 1, 1])
      #expect(throws: EvaluatorError.self) { try composite.compose(rows: 3, x: [1, 1, 0], y: &y) }
    }

    let pictures = try pool.draw(point)
    let localPictures = try local.draw(point)
    #expect(pictures == localPictures)
    #expect(pictures.map(\.id) == ["step", "map"] && pictures[0].x == [0, 1, 2] && pictures[0].y == [10, 2, 1])
    let points = try pool.referencePoints()
    #expect(points.count == 1 && points[0].x == [10, 2, 1] && points[0].note == "by hand" && points[0].kind == .golden)
    let batch = try pool.evaluateBatch([point, EvaluationRequest(id: 9, x: [100, 16, 0])])
    #expect(batch.map(\.status) == [.ok, .infeasible] && batch[0].y[5] == 400 && batch[1].y[0] == 1600)
  }

  @Test("what the plugin logs reaches the listener")
  func logs() throws {
    let seen = Counter()
    let settings = Fixtures.settings { if $0 == .log(worker: 0, level: 1, text: "amp created") { seen.add() } }
    let pool = try WorkerPool(PluginSelection(path: Fixtures.plugin("Good/amp")), settings: settings)
    pool.shutdown()
    #expect(seen.value == 1)
  }

  @Test("a slow evaluation does not hold up the others")
  func asynchronous() throws {
    let pool = try Misdeed.pool(jobs: 2)
    defer { pool.shutdown() }
    pool.submit(Misdeed.sleep.request(1, 1000))
    for id in 2...60 { pool.submit(Misdeed.good.request(UInt64(id))) }
    let order = (1...60).compactMap { _ in pool.next(timeout: 60)?.id }
    #expect(order == Array(2...60) + [1])
    #expect(pool.next(timeout: nil) == nil)
  }

  @Test("queued requests run and deadlines hold while nobody waits")
  func background() throws {
    let pool = try Misdeed.pool(timeout: 0.2)
    defer { pool.shutdown() }
    for id in 1...5 { pool.submit(Misdeed.sleep.request(UInt64(id), 10)) }
    pool.submit(Misdeed.hang.request(6))
    usleep(800_000)
    let all = (1...6).compactMap { _ in pool.next(timeout: 0) }
    #expect(all.map(\.id) == [1, 2, 3, 4, 5, 6])
    #expect(all.last?.status == .timedOut)
  }

  @Test("a plugin that dies again and again still answers every request once")
  func repeatedDeaths() throws {
    let pool = try Misdeed.pool(jobs: 2)
    defer { pool.shutdown() }
    for id in 1...12 { pool.submit((id % 3 == 0 ? Misdeed.good : .crash).request(UInt64(id))) }
    let all = (1...12).compactMap { _ in pool.next(timeout: 60) }
    #expect(Set(all.map(\.id)) == Set(1...12))
    #expect(all.filter { $0.status == .ok }.map(\.id).allSatisfy { $0 % 3 == 0 })
    #expect(all.filter { $0.status == .crashed }.count == 8)
  }

  @Test("workers that cannot start any more answer what is queued instead of waiting for ever")
  func cannotRestart() throws {
    let path = Fixtures.file("libvanishing.so", "")
    try #require(Fixtures.run(["/bin/cp", Fixtures.plugin("Hostile/misbehave"), path]) == 0)
    let pool = try WorkerPool(PluginSelection(path: path), settings: Fixtures.settings())
    defer { pool.shutdown() }
    pool.submit(Misdeed.crash.request(1))
    pool.submit(Misdeed.good.request(2))
    unlink(path)
    #expect(pool.next(timeout: 60)?.id == 1)
    let result = try #require(pool.next(timeout: 60))
    #expect(result.id == 2 && result.status == .crashed)
    #expect(result.message.contains("no worker can be started"), "\(result.message)")
  }

  @Test("a shut down pool leaves no process, no folder and no descriptor, and answers what was in flight")
  func leavesNothing() throws {
    let pool = try Misdeed.pool(jobs: 2)
    for id in 1...4 { pool.submit(Misdeed.hang.request(UInt64(id))) }
    #expect(pool.next(timeout: 0.1) == nil)
    pool.shutdown()
    let all = (1...4).compactMap { _ in pool.next(timeout: 0) }
    #expect(Set(all.map(\.id)) == [1, 2, 3, 4] && all.allSatisfy { $0.status == .cancelled })
    #expect(pool.next(timeout: 0) == nil)
    #expect(pool.vjp(Misdeed.good.request(5), ybar: [1]).result.status == .cancelled)
  }

  @Test("10,000 evaluations leave the number of open descriptors as it was")
  func noLeak() async throws {
    let pool = try Misdeed.pool(jobs: 2)
    defer { pool.shutdown() }
    func run(_ ids: ClosedRange<UInt64>) {
      var answered = 0
      for id in ids {
        pool.submit(Misdeed.good.request(id, Double(id)))
        if id - ids.lowerBound < 4 { continue }
        if let result = pool.next(timeout: 60), result.y == [2 * Double(result.id)] { answered += 1 }
      }
      while let result = pool.next(timeout: 60) { if result.y == [2 * Double(result.id)] { answered += 1 } }
      #expect(answered == ids.count)
    }
    run(1...100)
    let workers = children().count
    let before = openDescriptors()
    run(101...10_000)
    // Other tests open descriptors at the same time; a leak would be of thousands.
    #expect(openDescriptors() < before + 200)
    #expect(children().count < workers + 50)
  }
}

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif
