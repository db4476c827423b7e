import DMOCore
import DMOHost

/// `dmo.reference/1`.
let referenceChecks: [Check] = [
  Check(
    "reference.golden", .quick,
    "The golden points are reproduced within their tolerances; those declared infeasible are.",
    why: "They are the author's own measure that the plugin does on this machine what it did on theirs.",
    fix: "Find what differs (library versions, options, model files); widen `rtol` only with a reason."
  ) { run in
    let points = try run.references { $0 == .golden || $0 == .infeasible }
    if points.isEmpty { return .skip("no golden point") }
    let labels = try run.instance().spec.outputs.labels
    var count = 0
    for (point, x) in points where count == 0 || run.hasTime {
      count += 1
      let ask = run.ask(x, seed: point.seed, fidelity: point.fidelity)
      let answer = try run.evaluate(ask)
      let note = point.note.isEmpty ? "" : " (\(point.note))"
      guard point.kind == .golden else {
        if answer.isInfeasible { continue }
        return .fail(
          "a point declared infeasible\(note) answers \(EvaluationStatus(rawValue: answer.status))", at: run.words(ask))
      }
      if !answer.isOK {
        return .fail(
          "a golden point\(note) answers \(EvaluationStatus(rawValue: answer.status)): \(answer.message)",
          at: run.words(ask))
      }
      for (k, y) in (point.y ?? []).enumerated() where !y.isNaN {
        if abs(answer.y[k] - y) <= point.atol + point.rtol * abs(y) { continue }
        return .fail("\(labels[k]) is \(answer.y[k]) instead of \(y)\(note)", at: run.words(ask))
      }
    }
    return .pass("\(count) of \(points.count) points")
  },
  Check(
    "reference.feasible", .standard, "Baselines are feasible, and no random point beats a declared optimum.",
    why: "Reports compare with these points.",
    fix: "Correct the point, or call it `DMO_REF_BEST_KNOWN`."
  ) { run in
    let points = try run.references { $0 == .baseline || $0 == .bestKnown || $0 == .optimum }
    if points.isEmpty { return .skip("no baseline and no optimum") }
    let spec = try run.instance().spec
    let goals = Goals(spec.outputs)
    var optimum: EvaluationResult?
    for (point, x) in points where run.hasTime {
      let ask = run.ask(x, seed: point.seed, fidelity: point.fidelity)
      let answer = try run.evaluate(ask)
      // A bound may hold with equality at an optimum, but for rounding.
      let excess = answer.isOK ? goals.totalViolation(answer.y) : .infinity
      if !(excess <= 1e-6) {
        var verdict = Verdict.warn(
          "\(point.kind) \(point.note) is not feasible: \(answer.isOK ? "violation \(excess)" : answer.message)")
        verdict.point = run.words(ask)
        return verdict
      }
      if point.kind == .optimum { optimum = EvaluationResult(id: 1, status: .ok, y: answer.y) }
    }
    guard let optimum, goals.objectives.count == 1 else { return .pass("\(points.count) points") }
    return try search(run, goals, optimum, spec)
  },
]

/// Random points against a declared optimum of one objective.
private func search(_ run: CheckRun, _ goals: Goals, _ optimum: EvaluationResult, _ spec: ProblemSpec) throws -> Verdict
{
  let best = goals.losses(optimum.y)[0]
  var count = 0
  for x in run.points(10_000, spec.space, "optimum") where run.hasTime {
    let ask = run.ask(x)
    let answer = try run.evaluate(ask)
    count += 1
    guard answer.isOK, goals.totalViolation(answer.y) <= 0 else { continue }
    let loss = goals.losses(answer.y)[0]
    if loss < best - 1e-9 * max(1, abs(best)) {
      var verdict = Verdict.warn("a random point is better than the declared optimum: \(loss) against \(best)")
      verdict.point = run.words(ask)
      return verdict
    }
  }
  return .pass("not beaten by \(count) random points")
}
