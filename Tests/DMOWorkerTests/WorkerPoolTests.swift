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
      let result = try #require(evaluator.next(timeout: 10))
      #expect(result.id == 7 && result.status == .ok && result.message == "")
      #expect(result.y[0] == 40 && result.y[4].isNaN && result.y[5] == 1600 && result.y[6] == 80)
      #expect(result.costSeconds == 0.25)
      #expect(evaluator.next(timeout: 0) == nil)
    }
  }
}
