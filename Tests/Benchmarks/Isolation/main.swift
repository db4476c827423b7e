// What isolation costs: evaluations a trivial plugin answers one after the other, in process and through a worker.
import DMOCore
import DMOHost
import DMOTestSupport
import DMOWorker

let selection = PluginSelection(path: Fixtures.plugin("Hostile/misbehave"))
let count = 20_000

/// Seconds of each of `count` calls, sorted.
func times(_ body: (UInt64) -> Void) -> [Double] {
  let clock = ContinuousClock()
  for id in 1...1000 { body(UInt64(id)) }
  return (1...count).map { id in
    let time = clock.measure { body(UInt64(id)) }
    return Double(time.components.attoseconds) * 1e-18 + Double(time.components.seconds)
  }.sorted()
}

func report(_ name: String, _ times: [Double]) {
  func micro(_ share: Double) -> String { "\((times[Int(share * Double(times.count - 1))] * 1e8).rounded() / 100)" }
  print("\(name): median \(micro(0.5)) us, 90 % \(micro(0.9)) us, 99 % \(micro(0.99)) us")
}

let instance = try PluginInstance(PluginLibrary(path: selection.path))
let request = EvaluationRequest(id: 1, x: [0, 21])
report("in process", times { id in precondition(instance.evaluate(request).y == [42]) })

let pool = try WorkerPool(selection, settings: Fixtures.settings())
report(
  "worker, one at a time",
  times { id in
    pool.submit(EvaluationRequest(id: id, x: [0, 21]))
    precondition(pool.next(timeout: 10)?.y == [42])
  })
let batch = (1...64).map { EvaluationRequest(id: UInt64($0), x: [0, 21]) }
_ = try pool.evaluateBatch(batch)
let clock = ContinuousClock()
let whole = try clock.measure { for _ in 0..<500 { _ = try pool.evaluateBatch(batch) } }
print("worker, batches of 64: \(whole / (500 * 64)) an evaluation")
pool.shutdown()
