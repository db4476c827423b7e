// What isolation costs: evaluations a trivial plugin answers one after the other, in process and through a worker.
// Usage: isolation PLUGIN [ROUNDS]; Tests/Benchmarks/isolation.sh builds one and runs it.
import DMOCore
import DMOHost
import DMOWorker
import Foundation

let arguments = CommandLine.arguments
// The worker is this program.
if arguments.count == 2 && arguments[1] == "worker" { exit(workerMain()) }
guard arguments.count >= 2, let rounds = Int(arguments.count > 2 ? arguments[2] : "7"), rounds > 0 else {
  print("usage: isolation PLUGIN [ROUNDS]")
  exit(2)
}
let selection = PluginSelection(path: arguments[1])
let count = 20_000

/// The quantile of sorted values.
func quantile(_ share: Double, _ sorted: [Double]) -> Double { sorted[Int(share * Double(sorted.count - 1))] }

/// The median of the times of `count` calls, in microseconds.
func median(_ body: (UInt64) -> Void) -> Double {
  let clock = ContinuousClock()
  for id in 1...1000 { body(UInt64(id)) }
  let times = (1...count).map { id in
    let time = clock.measure { body(UInt64(id)) }
    return Double(time.components.attoseconds) * 1e-12 + Double(time.components.seconds) * 1e6
  }
  return quantile(0.5, times.sorted())
}

func report(_ name: String, _ times: [Double]) {
  let sorted = times.sorted()
  let parts = [0.5, 0.25, 0.75].map { String(format: "%.2f", quantile($0, sorted)) }
  print("\(name): median \(parts[0]) us, quartiles \(parts[1])–\(parts[2]) of \(times.count) rounds")
}

/// Evaluations a second with so many workers, each kept busy.
func rate(jobs: Int) throws -> Double {
  let pool = try WorkerPool(selection, settings: WorkerSettings(jobs: jobs))
  defer { pool.shutdown() }
  var submitted: UInt64 = 0
  func submit() {
    submitted += 1
    pool.submit(EvaluationRequest(id: submitted, x: x))
  }
  for _ in 0..<jobs { submit() }
  let time = ContinuousClock().measure {
    for _ in 0..<count {
      precondition(pool.next(timeout: 10)?.status == .ok)
      submit()
    }
  }
  return Double(count) / (Double(time.components.attoseconds) * 1e-18 + Double(time.components.seconds))
}

let instance = try PluginInstance(PluginLibrary(path: selection.path))
let pool = try WorkerPool(selection, settings: WorkerSettings())
let x = instance.spec.space.parameters.indices.map { instance.spec.space.decode(0.25, at: $0) }
let expected = instance.evaluate(EvaluationRequest(id: 1, x: x)).y
let batch = (1...64).map { EvaluationRequest(id: UInt64($0), x: x) }
let clock = ContinuousClock()

var (inside, worker, batched, cost) = ([Double](), [Double](), [Double](), [Double]())
// Interleaved, so that a busy machine slows both sides.
for _ in 0..<rounds {
  inside.append(median { id in precondition(instance.evaluate(EvaluationRequest(id: id, x: x)).status == .ok) })
  worker.append(
    median { id in
      pool.submit(EvaluationRequest(id: id, x: x))
      let answer = pool.next(timeout: 10)
      precondition(answer?.status == .ok && answer?.y.count == expected.count)
    })
  let whole = try clock.measure { for _ in 0..<500 { _ = try pool.evaluateBatch(batch) } }
  batched.append((Double(whole.components.attoseconds) * 1e-12 + Double(whole.components.seconds) * 1e6) / 32_000)
  cost.append((worker.last ?? 0) - (inside.last ?? 0))
}
pool.shutdown()
for jobs in [1, 2] {
  let rates = try (0..<rounds).map { _ in try rate(jobs: jobs) }.sorted()
  print(String(format: "%d worker(s): %.0f evaluations a second (median of %d rounds)", jobs, quantile(0.5, rates), rounds))
}
report("in process", inside)
report("worker, one at a time", worker)
report("worker, batches of 64, each", batched)
report("isolation of one evaluation", cost)
