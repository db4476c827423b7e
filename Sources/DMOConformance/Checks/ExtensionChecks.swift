import DMOCore
import DMOHost

/// Batches, composites and fidelities.
let extensionChecks: [Check] = [
  Check(
    "batch.equals-single", .standard, "A batch gives each point what a single call gives it, to the bit.",
    why: "dmo batches when it can; answers must not depend on whether it did.",
    fix: "Keep one code path for both; a point that has no answer sets its own status only and returns `DMO_OK`."
  ) { run in
    guard try run.problem().extensions.contains(.batch) else { return .skip("no dmo.batch/1") }
    let answers = try run.settled(try run.mixedPoints(17))
    let instance = try run.instance()
    let labels = instance.spec.outputs.labels
    for size in [1, 2, 17] where size <= answers.count {
      // The last ones for the small sizes, so that a batch does not always start with the mid point.
      let part = Array(answers.suffix(size))
      run.note("a batch of \(size) points (seed \(run.request.seed))")
      let results = try instance.probeBatch(part.map(\.ask))
      run.note("")
      for (result, single) in zip(results, part) {
        if result.status.rawValue != single.answer.status {
          return .fail(
            "in a batch of \(size) the status is \(result.status) instead of "
              + "\(EvaluationStatus(rawValue: single.answer.status)) \(result.message)", at: run.words(single.ask))
        }
        for k in result.y.indices where result.status == .ok && !same(result.y[k], single.answer.y[k]) {
          return .fail(
            "in a batch of \(size) \(labels[k]) is \(result.y[k]) instead of \(single.answer.y[k])",
            at: run.words(single.ask))
        }
      }
    }
    return .pass("\(answers.count) points")
  },
  Check(
    "composite.reproduces", .standard,
    "`compose()` over the observed outputs gives the goals and bounds that `evaluate()` gives, to 1e-12.",
    why:
      "The surrogate learns the observed outputs and gets its goals from `compose()`; where the two differ it "
      + "chases another goal.",
    fix: "Call the function behind `compose()` at the end of `evaluate()`."
  ) { run in
    guard try run.problem().extensions.contains(.compose) else { return .skip("no dmo.composite/1") }
    let answers = try run.settled(try run.mixedPoints(9)).filter(\.answer.isOK)
    if answers.isEmpty { return .skip("no point is feasible") }
    let instance = try run.instance()
    let observed = instance.spec.outputs.isObserved
    let labels = instance.spec.outputs.labels
    for rows in [answers, [answers[answers.count - 1]]] {
      var y = rows.flatMap { row in row.answer.y.indices.map { observed[$0] ? row.answer.y[$0] : .nan } }
      run.note("compose() of \(rows.count) rows (seed \(run.request.seed))")
      try instance.compose(rows: rows.count, x: rows.flatMap(\.ask.x), y: &y)
      run.note("")
      for (r, row) in rows.enumerated() {
        for (k, truth) in row.answer.y.enumerated() {
          let value = y[r * labels.count + k]
          if !isClose(value, truth, observed[k] ? 0 : 1e-12) {
            return .fail("compose() gives \(labels[k]) = \(value), evaluate() \(truth)", at: run.words(row.ask))
          }
        }
      }
    }
    return .pass("\(answers.count) points")
  },
  Check(
    "composite.grad", .deep, "`compose_vjp()` agrees with central differences of `compose()`.",
    why: "The search follows this gradient.",
    fix: "Derive it anew from `compose()`; it adds to zbar and xbar and touches nothing else."
  ) { run in
    guard try run.problem().extensions.contains(.composeVJP) else { return .skip("no compose_vjp()") }
    let answers = try run.settled(try run.mixedPoints(4)).filter(\.answer.isOK)
    if answers.isEmpty { return .skip("no point is feasible") }
    let instance = try run.instance()
    let observed = instance.spec.outputs.isObserved
    var errors = GradientErrors()
    var rng = run.stream("composite")
    for row in answers where run.hasTime {
      let (x, y) = (row.ask.x, row.answer.y)
      run.note("compose_vjp() at " + run.words(row.ask))
      for _ in 0..<8 {
        let ybar = y.indices.map { observed[$0] ? 0 : rng.normal() / max(abs(y[$0]), 1e-300) }
        let dy = y.map { rng.normal() * max(abs($0), 1e-3) }.enumerated().map { observed[$0] ? $1 : 0 }
        let dx = run.direction(instance.spec.space, x, &rng)
        var (zbar, xbar) = (Array(repeating: 0.0, count: y.count), Array(repeating: 0.0, count: x.count))
        try instance.composeVJP(rows: 1, x: x, y: y, ybar: ybar, zbar: &zbar, xbar: &xbar)
        let slope = dot(zbar, dy) + dot(xbar, dx)
        try errors.add(slope) { step in
          var z = y.indices.map { observed[$0] ? y[$0] + step * dy[$0] : .nan }
          try instance.compose(rows: 1, x: x.indices.map { x[$0] + step * dx[$0] }, y: &z)
          return dot(ybar, z)
        }
      }
    }
    return errors.verdict
  },
  Check(
    "fidelity.levels", .standard, "Every level of `dmo.fidelity/1` is answered, and the cheaper ones take less time.",
    why: "A level that does not work, or saves nothing, wastes the budget it should spare.",
    fix: "Give each level the relative cost that you measure."
  ) { run in
    let levels = try run.problem().fidelities
    if levels.count < 2 { return .skip("one level only") }
    let x = run.centre(try run.instance().spec.space)
    var times: [Double] = []
    for level in levels.indices {
      let ask = run.ask(x, fidelity: UInt32(level))
      var best = Double.infinity
      for _ in 0..<3 where best == .infinity || run.hasTime {
        let start = CheckRun.now
        let answer = try run.answered(ask)
        best = min(best, CheckRun.now - start)
        if let trouble = try run.unfinished(answer) { return .fail(trouble, at: run.words(ask)) }
      }
      times.append(best)
    }
    for a in levels.indices {
      for b in levels.indices
      where levels[a].relativeCost < levels[b].relativeCost && times[a] > 1.5 * times[b] + 1e-3 {
        return .warn("\(levels[a].id) is declared cheaper than \(levels[b].id), but takes longer")
      }
    }
    return .pass("\(levels.count) levels")
  },
  Check(
    "mpi.one-rank", .standard, "In a group of one rank each point has the answer that it has without a group, to the bit.",
    why: "A study may go from one machine to a cluster and back; its answers must not depend on where it ran.",
    fix: "Keep one code path: a group of one exchanges with nobody. There is no communicator then (NULL)."
  ) { run in
    guard try run.problem().extensions.contains(.mpi) else { return .skip("no dmo.mpi/1") }
    if try run.problem().flags.contains(.oneInstance) { return .skip("one instance a process") }
    let answers = try run.settled(try run.mixedPoints(5))
    let labels = try run.instance().spec.outputs.labels
    let instance = try run.makeInstance(group: .alone())
    for (ask, answer) in answers.map({ ($0.ask, $0.answer) }) {
      let result = instance.evaluate(ask)
      if result.status.rawValue != answer.status {
        return .fail(
          "in a group of one the status is \(result.status) instead of "
            + "\(EvaluationStatus(rawValue: answer.status)) \(result.message)", at: run.words(ask))
      }
      for k in result.y.indices where result.status == .ok && !same(result.y[k], answer.y[k]) {
        return .fail(
          "in a group of one \(labels[k]) is \(result.y[k]) instead of \(answer.y[k])", at: run.words(ask))
      }
    }
    return .pass("\(answers.count) points")
  },
]

/// Equal, or both NaN.
func same(_ a: Double, _ b: Double) -> Bool { a == b || (a.isNaN && b.isNaN) }

/// Equal within a share of the larger magnitude.
func isClose(_ a: Double, _ b: Double, _ tolerance: Double) -> Bool {
  same(a, b) || abs(a - b) <= tolerance * max(abs(a), abs(b))
}

func dot(_ a: [Double], _ b: [Double]) -> Double {
  var sum = 0.0
  // A weight of zero takes no part, whatever stands beside it.
  for k in a.indices where a[k] != 0 && b[k] != 0 { sum += a[k] * b[k] }
  return sum
}

extension OutputSpace {
  /// For each number of y; shape (dimension).
  var isObserved: [Bool] { outputs.flatMap { Array(repeating: $0.role == .observe, count: $0.width) } }
}
