import DMOCore
import DMOHost

/// Single evaluations: what is answered where.
let pointChecks: [Check] = [
  Check(
    "eval.centre", .quick, "The mid point of the box (the geometric one of logarithmic ranges) is OK or INFEASIBLE.",
    why: "If not even the middle can be answered, most of the box cannot.",
    fix: "Narrow the bounds to where the simulator works, and return `DMO_INFEASIBLE` where a design has no answer."
  ) { run in
    let ask = run.ask(run.centre(try run.instance().spec.space))
    let answer = try run.answered(ask)
    return .pass(answer.isOK ? "ok" : "infeasible: \(answer.message)")
  },
  Check(
    "eval.corners", .standard, "The corners of the box, and points on its faces, are answered.",
    why: "Searches go to the bounds first.",
    fix: "Guard divisions and logarithms at the ends of each range; return `DMO_INFEASIBLE` where nothing works."
  ) { run in
    let space = try run.instance().spec.space
    let free = (0..<space.dimension).filter { space.parameter(at: $0).min < space.parameter(at: $0).max }
    var rng = run.stream("corners")
    var points: [[Double]] = []
    for corner in 0..<(1 << min(free.count, 6)) {
      var x = run.centre(space)
      // With more than six parameters the others take a random end.
      for (k, i) in free.enumerated() {
        x[i] = space.decode(k < 6 ? Double(corner >> k & 1) : Double(rng.index(below: 2)), at: i)
      }
      points.append(x)
    }
    let faces = free.flatMap { i in [(i, 0.0), (i, 1.0)] }
    for pick in rng.permutation(faces.count).prefix(64) {
      var x = run.centre(space)
      x[faces[pick].0] = space.decode(faces[pick].1, at: faces[pick].0)
      points.append(x)
    }
    return try answeredAll(points, run)
  },
  Check(
    "eval.random", .standard, "64 points all over the box are answered, at least one of them feasibly.",
    why: "A problem without any answer cannot be learnt.",
    fix: "Narrow the bounds until a good share of the box works."
  ) { run in
    let space = try run.instance().spec.space
    let found = try answers(to: run.points(64, space), run)
    if found.infeasible == found.count && found.count >= 16 {
      return .fail("all of \(found.count) points are infeasible")
    }
    if found.infeasible > 0, try !run.problem().flags.contains(.hiddenConstraints) {
      return .warn(found.text + "; the problem does not declare DMO_HIDDEN_CONSTRAINTS")
    }
    return found.failed > 0 ? .warn(found.text) : .pass(found.text)
  },
  Check(
    "eval.finite", .quick,
    "When the status is OK every output is written, and finite unless declared `DMO_MAY_BE_NAN`.",
    why: "A number that was not written is whatever lay there; dmo would learn it.",
    fix: "Fill all of y on each path that returns `DMO_OK`; return `DMO_INFEASIBLE` or `DMO_FAILED` otherwise."
  ) { run in
    for x in try run.mixedPoints(4) {
      let ask = run.ask(x)
      if let trouble = try run.unfinished(try run.evaluate(ask)) { return .fail(trouble, at: run.words(ask)) }
    }
    return .pass()
  },
  Check(
    "eval.bounds-guard", .quick, "It writes only inside y and the message, and never to x.",
    why: "Memory beside these buffers belongs to others; the damage shows somewhere else, later.",
    fix: "Index y by the spec's own counts; use `snprintf` with `capacity`; treat `call->x` as constant."
  ) { run in
    let instance = try run.instance()
    for x in try run.mixedPoints(3) {
      let ask = run.ask(x)
      let answer = try run.evaluate(ask)
      let at = run.words(ask)
      if answer.wroteBeforeY { return .fail("it wrote before the start of y", at: at) }
      if answer.wrotePastY { return .fail("it wrote past the end of y", at: at) }
      if answer.wroteOutsideMessage { return .fail("it wrote outside the message", at: at) }
      if answer.changedX { return .fail("it changed x", at: at) }
      // Once more between pages that cannot be touched: also reads outside, and writes far away.
      run.note(Survey.guarded + at)
      let guarded = instance.evaluate(ask)
      run.note("")
      if guarded.message.contains("before the start") { return .fail(guarded.message, at: at) }
    }
    return .pass()
  },
  Check(
    "eval.capacity", .standard, "A message is cut to the capacity it is given, the NUL included.",
    why: "Hosts choose how long a message may be.",
    fix: "Write messages with `snprintf(out->message.data, out->message.capacity, …)` only."
  ) { run in
    var texts = 0
    for x in try run.mixedPoints(32) where run.hasTime {
      let ask = run.ask(x)
      let whole = try run.evaluate(ask)
      if whole.wroteOutsideMessage || !whole.hasEnd {
        return .fail(
          "with a capacity of 4096 the message has \(whole.hasEnd ? "no bounds" : "no end")", at: run.words(ask))
      }
      if whole.message.isEmpty { continue }
      texts += 1
      for capacity in [1, 2, 8] {
        let answer = try run.evaluate(ask, capacity: capacity)
        let where_ = run.words(ask)
        if answer.wroteOutsideMessage { return .fail("it wrote past a capacity of \(capacity)", at: where_) }
        if !answer.hasEnd { return .fail("with a capacity of \(capacity) the message has no end", at: where_) }
      }
      if texts == 4 { break }
    }
    return .pass(texts == 0 ? "no point gave a message" : "\(texts) messages")
  },
  Check(
    "eval.integers", .standard, "Neighbours of the mid point in whole numbers, labels and grid steps are answered.",
    why: "These arrive as exact doubles, 3.0 and never 2.9999.",
    fix: "Convert with a plain cast; accept every value between the bounds."
  ) { run in
    let space = try run.instance().spec.space
    let centre = run.centre(space)
    var points: [[Double]] = []
    for i in 0..<space.dimension where space.parameter(at: i).isDiscrete {
      let p = space.parameter(at: i)
      let step = p.kind == .real ? p.step : 1
      for value in [centre[i] - step, centre[i] + step].map({ space.canonical($0, at: i) }) where value != centre[i] {
        var x = centre
        x[i] = value
        points.append(x)
      }
      if points.count >= 64 { break }
    }
    if points.isEmpty { return .skip("no parameter is discrete") }
    return try answeredAll(points, run)
  },
  Check(
    "eval.out-of-domain", .deep, "Points outside the box, NaN and infinity neither crash nor hang it.",
    why: "dmo never sends them; other hosts and tests do.",
    fix: "Check x first and return `DMO_BAD_INPUT`."
  ) { run in
    let space = try run.instance().spec.space
    let centre = run.centre(space)
    var accepted = 0
    var tried = 0
    for i in 0..<min(space.dimension, 32) {
      let p = space.parameter(at: i)
      let span = max(p.max - p.min, 1)
      for value in [p.min - span, p.max + span, p.min - 1e6 * span, -1, Double.nan, .infinity, -.infinity]
      where run.hasTime && !(value >= p.min && value <= p.max) {
        var x = centre
        x[i] = value
        tried += 1
        if try run.evaluate(run.ask(x)).isOK { accepted += 1 }
      }
    }
    return accepted > 0 ? .warn("\(accepted) of \(tried) points outside the box are OK") : .pass("\(tried) points")
  },
  Check(
    "eval.status-range", .quick, "`evaluate()` returns one of the seven statuses of dmo.h.",
    why: "Numbers from 64 on are the host's own words.",
    fix: "Return the constants `DMO_OK` … `DMO_FATAL`; map your simulator's codes to them."
  ) { run in
    for x in try run.mixedPoints(4) {
      let ask = run.ask(x)
      let answer = try run.evaluate(ask)
      if !(0...6).contains(answer.status) {
        return .fail("evaluate() answered \(answer.status)", at: run.words(ask))
      }
    }
    return .pass()
  },
  Check(
    "eval.message", .standard, "A status other than OK comes with a message.",
    why: "The message is kept with the evaluation and is all that people get to see.",
    fix: "Say in `out->message` which quantity was where, such as \"the bias is 3 V, above 1.8\"."
  ) { run in
    var silent = 0
    var refused = 0
    var at = ""
    for x in try run.mixedPoints(64) where run.hasTime {
      let ask = run.ask(x)
      let answer = try run.evaluate(ask)
      if answer.isOK { continue }
      refused += 1
      if answer.message.isEmpty {
        silent += 1
        at = run.words(ask)
      }
    }
    if silent == 0 { return .pass("\(refused) points were refused") }
    var verdict = Verdict.warn("\(silent) of \(refused) points were refused without a message")
    verdict.point = at
    return verdict
  },
]

/// How the points were answered.
private struct Answered {
  var count = 0
  var infeasible = 0
  /// Tries that answered FAILED before another seed was answered.
  var failed = 0
  var text = ""
}

/// How often a point is asked that answers FAILED: dmo.h says that a retry may work.
private let tries = 8

/// Every point gives OK with finite outputs, or INFEASIBLE; ends the check otherwise.
private func answers(to points: [[Double]], _ run: CheckRun) throws -> Answered {
  var found = Answered()
  for x in points where run.hasTime {
    var ask = run.ask(x, id: UInt64(found.count + 1))
    for _ in 1..<tries where try run.evaluate(ask).isFailed {
      found.failed += 1
      ask.seed += 1
    }
    let answer = try run.answered(ask)
    if let trouble = try run.unfinished(answer) { throw Broken(trouble, at: run.words(ask)) }
    found.count += 1
    if answer.isInfeasible { found.infeasible += 1 }
  }
  found.text =
    found.count < points.count ? "\(found.count) of \(points.count) points in the time given" : "\(found.count) points"
  if found.infeasible > 0 { found.text += ", \(found.infeasible) infeasible" }
  if found.failed > 0 { found.text += "; \(found.failed) tries answered FAILED, another seed did not" }
  return found
}

private func answeredAll(_ points: [[Double]], _ run: CheckRun) throws -> Verdict {
  let found = try answers(to: points, run)
  return found.failed > 0 ? .warn(found.text) : .pass(found.text)
}
