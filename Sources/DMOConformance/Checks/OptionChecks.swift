import DMOCore
import DMOHost

let optionChecks: [Check] = [
  Check(
    "options.defaults", .quick, .instance, "An instance can be made with every option at its default.",
    why: "That is what everyone tries first.",
    fix: "Give each option a default that works on any machine, or mark it `required`."
  ) { run in
    _ = try run.instance()
    return .pass()
  },
  Check(
    "options.ranges", .standard, .instance,
    "Each option at its ends, and each choice, is taken or refused with a message.",
    why: "The table promises these values; a crash is no answer to them.",
    fix: "Return `DMO_UNSUPPORTED` or `DMO_BAD_INPUT` with a message for combinations that cannot be."
  ) { run in
    try variations(run) { changes in
      do {
        _ = try run.makeInstance(changes)
        return nil
      } catch let error as PluginError where error.code == .createFailed {
        return error.detail.hasSuffix("without saying why") ? "\(CheckRun.words(changes)): \(error.detail)" : nil
      }
    }
  },
  Check(
    "options.change-shape", .standard, .evaluation,
    "With other options the tables are valid still, and the mid point is answered within them.",
    why: "Sizes that follow from options are where buffers are overrun.",
    fix: "Derive every count from the same number that `describe()` reports."
  ) { run in
    try variations(run) { changes in
      let instance: PluginInstance
      do { instance = try run.makeInstance(changes) } catch let error as PluginError where error.code == .createFailed {
        return nil
      }
      let ask = run.ask(run.centre(instance.spec.space))
      run.note(CheckRun.trying + CheckRun.words(changes))
      let answer = run.cancelling(after: 2) { EvaluationProbe(instance).evaluate(ask) }
      run.note("")
      let unwritten = answer.isOK ? answer.y.indices.first { answer.isUnwritten($0) } : nil
      if let unwritten {
        return "\(CheckRun.words(changes)): \(instance.spec.outputs.labels[unwritten]) was not written"
      }
      return answer.wrotePastY || answer.wroteBeforeY ? "\(CheckRun.words(changes)): it wrote outside y" : nil
    }
  },
]

/// Option values worth a try: both ends, every choice, both truths.
private func interesting(_ problem: ProblemInfo) -> [[String: String]] {
  var result: [[String: String]] = []
  for option in problem.options {
    switch option.kind {
    case .bool: result += [[option.key: "true"], [option.key: "false"]]
    case .choice: result += option.choices.map { [option.key: $0] }
    case .int, .real:
      guard let limits = option.limits else { continue }
      for value in [limits.lowerBound, limits.upperBound] {
        result.append([option.key: option.kind == .int ? "\(Int(value))" : "\(value)"])
      }
    case .string, .path: continue
    }
  }
  return result
}

/// Tries each variation: in this process, or, for a problem of one instance, one in each process.
private func variations(_ run: CheckRun, _ body: ([String: String]) throws -> String?) throws -> Verdict {
  let all = interesting(try run.problem())
  if all.isEmpty { return .skip("no option has ends or choices") }
  let first = run.request.state.flatMap { Int($0) } ?? 0
  for index in first..<max(first, all.count) {
    do {
      if let trouble = try body(all[index]) { return .fail(trouble) }
    } catch let error as PluginError {
      return .fail("\(CheckRun.words(all[index])): \(error.detail)")
    }
    if !run.hasTime { return .pass("stopped after \(index + 1) of \(all.count) values") }
    if try run.isOneInstance, index + 1 < all.count {
      return .next("\(index + 1)", "stopped after \(index + 1) of \(all.count) values")
    }
  }
  return .pass("\(all.count) values")
}

/// Making and destroying.
let lifeChecks: [Check] = [
  Check(
    "life.create-destroy", .standard, .instance,
    "A hundred times made and destroyed, an instance leaves no memory, descriptor or thread behind.",
    why: "Long runs and notebooks make many instances.",
    fix: "Free in `destroy()` all that `create()` took; join threads, close files."
  ) { run in
    if try run.isOneInstance { return .skip("one instance in the life of a process") }
    _ = try run.library()
    for _ in 0..<10 { _ = try run.makeInstance() }
    let before = Holdings.now()
    var count = 0
    while count < 90 && run.hasTime {
      _ = try run.makeInstance()
      count += 1
    }
    let after = Holdings.now()
    let how = "\(count + 10) times"
    if after.descriptors > before.descriptors {
      return .fail("\(after.descriptors - before.descriptors) descriptors more after \(how)")
    }
    if after.threads > before.threads { return .fail("\(after.threads - before.threads) threads more after \(how)") }
    // dmo keeps a host table of some 100 bytes for each instance, by contract.
    let perCycle = Double(after.heap - before.heap) / Double(max(count, 1))
    if perCycle > 1024 { return .fail("\(Int(perCycle)) bytes are lost each time") }
    let resident = after.resident - before.resident
    if resident > max(4096 * count, 4 << 20) { return .fail("resident memory grew by \(resident >> 10) KiB in \(how)") }
    return .pass(how)
  },
  Check(
    "life.two-instances", .standard, .evaluation, "What one instance answers does not depend on another one.",
    why: "Instances that share variables corrupt each other, in ways that depend on timing.",
    fix: "Keep all state behind the instance pointer, or declare `DMO_ONE_INSTANCE`."
  ) { run in
    if try run.isOneInstance { return .skip("one instance in the life of a process") }
    let space = try run.instance().spec.space
    let points = try run.mixedPoints(8)
    run.close()
    // New instances each time: what one of them remembers by itself is the matter of eval.order-free.
    let alone = try answers(of: run.makeInstance(), points, run)
    let again = try answers(of: run.makeInstance(), points, run)
    guard alone.indices.allSatisfy({ differs(again[$0], alone[$0], []) == nil }) else {
      return .skip("answers change by themselves: see eval.deterministic and eval.order-free")
    }
    let instance = try run.makeInstance()
    let other = EvaluationProbe(try otherInstance(run))
    let others = run.points(points.count, space, "second")
    let together = try answers(of: instance, points, run) { k in
      run.note("evaluating on a second instance")
      _ = other.evaluate(run.ask(others[k]))
    }
    for k in alone.indices {
      if let trouble = differs(together[k], alone[k], instance.spec.outputs.labels) {
        return .fail("with a second instance at work, \(trouble)", at: run.words(run.ask(points[k])))
      }
    }
    return .pass("\(points.count) points")
  },
  Check(
    "life.create-fail", .standard, .instance,
    "`create()` refuses what it cannot use with a status and a message, and works afterwards.",
    why: "\"It failed\" helps nobody to put a path or a name right.",
    fix: "`snprintf(error->data, error->capacity, …)` before each return other than `DMO_OK`."
  ) { run in
    var bad: [[String: String]] = []
    for option in try run.problem().options {
      switch option.kind {
      case .path: bad.append([option.key: "/nonexistent/dmo/file"])
      case .string: bad += [[option.key: "\u{1F4A5} %s%n{]"], [option.key: String(repeating: "x", count: 5000)]]
      case .int where option.limits == nil: bad += [[option.key: "-1"], [option.key: "0"]]
      case .real where option.limits == nil: bad += [[option.key: "-1"], [option.key: "1e300"]]
      default: continue
      }
    }
    if bad.isEmpty { return .skip("dmo checks every option of this problem before create() sees it") }
    let first = run.request.state.flatMap { Int($0) } ?? 0
    var refused = 0
    for index in first..<max(first, bad.count) {
      do { _ = try run.makeInstance(bad[index]) } catch let error as PluginError {
        refused += 1
        if error.code == .createFailed && error.detail.hasSuffix("without saying why") {
          return .fail("\(CheckRun.words(bad[index]).prefix(80)): \(error.detail)")
        }
      }
      if try run.isOneInstance, index + 1 < bad.count { return .next("\(index + 1)") }
      if try !run.isOneInstance { _ = try run.makeInstance() }
    }
    return .pass("\(bad.count) doubtful values")
  },
]

/// The points' answers on one instance; `before` is called with the number of each.
private func answers(
  of instance: PluginInstance, _ points: [[Double]], _ run: CheckRun, before: (Int) throws -> Void = { _ in }
) throws -> [ProbeAnswer] {
  let probe = EvaluationProbe(instance)
  return try points.indices.map { k in
    try before(k)
    return try run.evaluate(run.ask(points[k]), with: probe)
  }
}

/// One of other options that keep the shape and answer soon, where there are any: such instances share the least by
/// accident.
private func otherInstance(_ run: CheckRun) throws -> PluginInstance {
  let problem = try run.problem()
  let plain = try run.makeInstance()
  let centre = run.centre(plain.spec.space)
  for changes in interesting(problem).prefix(16) where run.hasTime {
    let isDefault = changes.contains { key, value in
      problem.options.contains { $0.key == key && $0.defaultText == value }
    }
    if isDefault { continue }
    guard let other = try? run.makeInstance(changes), other.spec == plain.spec else { continue }
    run.note(CheckRun.trying + CheckRun.words(changes))
    let start = CheckRun.now
    let answer = run.cancelling(after: 0.5) { EvaluationProbe(other).evaluate(run.ask(centre)) }
    run.note("")
    if CheckRun.now - start < 0.5 && (answer.isOK || answer.isInfeasible) { return other }
  }
  return plain
}

/// How two answers differ, in words, or nil; to the bit, and a NaN equals a NaN.
func differs(_ a: ProbeAnswer, _ b: ProbeAnswer, _ labels: [String]) -> String? {
  if a.status != b.status {
    return "the status is \(EvaluationStatus(rawValue: a.status)) instead of \(EvaluationStatus(rawValue: b.status))"
  }
  guard a.isOK || a.isInfeasible else { return nil }
  for k in a.y.indices where a.y[k] != b.y[k] && !(a.y[k].isNaN && b.y[k].isNaN) {
    return "\(labels.indices.contains(k) ? labels[k] : "y[\(k)]") is \(a.y[k]) instead of \(b.y[k])"
  }
  return nil
}
