import DMOCore
import DMOHost
import Foundation

/// y depends on (x, seed, fidelity, options) alone.
let purityChecks: [Check] = [
  Check(
    "eval.deterministic", .standard,
    "The same point with the same seed gives the same y, to the bit, also in a new process.",
    why: "A study is replayed and resumed by evaluating again.",
    fix: "Draw all randomness from `call->seed`; initialise every variable; do not read the clock."
  ) { run in
    let labels = try run.instance().spec.outputs.labels
    var digest = Digest()
    var count = 0
    for x in try run.mixedPoints(6) where count < 2 || run.hasTime {
      let ask = run.ask(x)
      let first = try run.evaluate(ask)
      if let trouble = differs(try run.evaluate(ask), first, labels) {
        return .fail("the second time \(trouble)", at: run.words(ask))
      }
      digest.add(first)
      count += 1
    }
    let text = "\(count):\(digest.value)"
    guard let before = run.request.state else { return .next(text) }
    // A slower second process may have come less far.
    if before.prefix(while: { $0 != ":" }) != "\(count)" { return .pass("\(count) points, in one process only") }
    return before == text ? .pass("\(count) points") : .fail("a new process gives other outputs at the same points")
  },
  Check(
    "eval.order-free", .standard, "The same points in the reverse order give the same answers.",
    why: "Workers evaluate in whatever order they become free.",
    fix: "Start each evaluation from a fixed state, not from where the last one ended."
  ) { run in
    let labels = try run.instance().spec.outputs.labels
    var asked: [EvaluationRequest] = []
    var answers: [ProbeAnswer] = []
    for (k, x) in try run.mixedPoints(16).enumerated() where k < 3 || run.hasTime {
      let ask = run.ask(x, id: UInt64(k + 1))
      asked.append(ask)
      answers.append(try run.evaluate(ask))
      if differs(try run.evaluate(ask), answers[k], labels) != nil {
        return .skip("answers change by themselves: see eval.deterministic")
      }
    }
    for k in asked.indices.reversed() {
      if let trouble = differs(try run.evaluate(asked[k]), answers[k], labels) {
        return .fail("in the reverse order \(trouble)", at: run.words(asked[k]))
      }
    }
    return .pass("\(asked.count) points")
  },
  Check(
    "eval.seed-used", .standard,
    "Two seeds give different answers where `DMO_STOCHASTIC` is declared, and the same answers where it is not.",
    why: "Averages over seeds mean nothing when the seed is not used.",
    fix: "Seed your generator from `call->seed` at the start of each evaluation, or drop the flag."
  ) { run in
    let isDeclared = try run.problem().flags.contains(.stochastic)
    let labels = try run.instance().spec.outputs.labels
    var answered = 0
    for x in try run.mixedPoints(8) where answered < 2 || run.hasTime {
      let first = try run.evaluate(run.ask(x, seed: 1))
      guard first.isOK else { continue }
      answered += 1
      if differs(try run.evaluate(run.ask(x, seed: 1)), first, labels) != nil {
        return .skip("answers change by themselves: see eval.deterministic")
      }
      for seed in 2...4 as ClosedRange<UInt64> {
        let ask = run.ask(x, seed: seed)
        let other = try run.evaluate(ask)
        // A try that failed may do so by chance; only answers are compared.
        guard other.isOK || other.isInfeasible, let trouble = differs(other, first, labels) else { continue }
        if isDeclared { return .pass() }
        return .fail(
          "the problem does not declare DMO_STOCHASTIC, yet with another seed \(trouble)", at: run.words(ask))
      }
    }
    if !isDeclared && answered > 0 { return .pass("no randomness, as declared") }
    return answered == 0 ? .skip("no point is feasible") : .fail("four seeds give the same y at \(answered) points")
  },
  Check(
    "eval.threads", .deep, "Eight threads get the same answers as one, in the way that `threads` declares.",
    why: "Answers that change when calls overlap are data races.",
    fix: "Declare `DMO_THREADS_PROCESS` (the default), or keep all state in the instance or on the stack."
  ) { run in
    let problem = try run.problem()
    if problem.threads == .process { return .skip("one call at a time is all that it promises") }
    if problem.threads == .instance, try run.isOneInstance { return .skip("one instance in the life of a process") }
    return try overlap(run, problem.threads)
  },
  Check(
    "eval.tsan", .deep, "The thread sanitizer sees no data race while eight threads evaluate.",
    why: "A race may give right answers a thousand times.",
    fix: "Follow the sanitizer's report; see `eval.threads`."
  ) { run in
    let problem = try run.problem()
    if problem.threads == .process { return .skip("one call at a time is all that it promises") }
    let (verdict, text) = try Printed.during { try overlap(run, problem.threads) }
    if text.contains("WARNING: ThreadSanitizer: data race") {
      return .fail("a data race: \(Printed.short(TableChecks.readable(text)))")
    }
    return verdict
  },
]

/// A plugin's instance, or probe, for another thread.
private struct Handed<T>: @unchecked Sendable {
  // Each probe is used by one thread; an instance by several only where the plugin declares DMO_THREADS_FREE.
  let value: T
}

/// The answers of one thread.
private final class Collected: @unchecked Sendable {
  // Written by one thread, read after it was waited for.
  var trouble: String?
}

/// Eight threads evaluate the same points, each in another order, and each answer is compared with the serial one.
private func overlap(_ run: CheckRun, _ safety: ThreadSafety) throws -> Verdict {
  let instance = try run.instance()
  let labels = instance.spec.outputs.labels
  let rows = try run.settled(try run.mixedPoints(16))
  let (requests, serial) = (rows.map(\.ask), rows.map(\.answer))
  var instances: [PluginInstance] = []
  for _ in 0..<8 { instances.append(safety == .free ? instance : try run.makeInstance()) }
  run.note("evaluating in eight threads (seed \(run.request.seed))")
  let group = DispatchGroup()
  var collected: [Collected] = []
  // Long enough for calls to overlap, however short they are.
  let (least, end) = (CheckRun.now + 0.5, CheckRun.now + min(run.request.budget, 20))
  for (number, instance) in instances.enumerated() {
    let result = Collected()
    collected.append(result)
    let probe = Handed(value: EvaluationProbe(instance))
    group.enter()
    let thread = Thread {
      var round = 0
      while result.trouble == nil && CheckRun.now < (round < 4 ? end : least) {
        for step in requests.indices {
          let k = (step * (2 * number + 1) + round) % requests.count
          if let trouble = differs(probe.value.evaluate(requests[k]), serial[k], labels) { result.trouble = trouble }
        }
        round += 1
      }
      group.leave()
    }
    thread.stackSize = 8 << 20
    thread.start()
  }
  group.wait()
  run.note("")
  withExtendedLifetime(instances) {}
  if let trouble = collected.compactMap(\.trouble).first { return .fail("in eight threads \(trouble)") }
  return .pass(safety == .free ? "one instance" : "eight instances")
}

/// FNV-1a, 64 bit, of statuses and outputs.
struct Digest {
  private(set) var value: UInt64 = 0xcbf2_9ce4_8422_2325

  mutating func add(_ answer: ProbeAnswer) {
    mix(UInt64(UInt32(bitPattern: answer.status)))
    guard answer.isOK || answer.isInfeasible else { return }
    for v in answer.y { mix(v.isNaN ? 1 : v == 0 ? 0 : v.bitPattern) }
  }

  private mutating func mix(_ word: UInt64) {
    for shift in stride(from: 0, to: 64, by: 8) { value = (value ^ (word >> UInt64(shift) & 0xFF)) &* 0x100_0000_01b3 }
  }
}
