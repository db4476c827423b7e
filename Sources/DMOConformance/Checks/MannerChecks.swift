import CDMOHost
import DMOCore
import DMOHost
import Foundation

/// How evaluations treat the process that they run in.
let mannerChecks: [Check] = [
  Check(
    "eval.stdout", .standard, "Evaluations print nothing.",
    why: "What is printed corrupts the pipes of scripts; dmo keeps it with the evaluation.",
    fix: "Use `dmo_host.log`, or silence your simulator."
  ) { run in
    let points = try run.mixedPoints(4)
    _ = try run.probe()
    let (_, text) = try Printed.during { for x in points { _ = try run.evaluate(run.ask(x)) } }
    return text.isEmpty ? .pass() : .warn("it printed: \(TableChecks.readable(Printed.short(text)))")
  },
  Check(
    "eval.exit", .standard, "No evaluation ends the process: no `exit()`, `abort()`, `longjmp` out, no signal.",
    why: "Each costs a worker process and an evaluation, and all that was computed until then.",
    fix: "Return `DMO_FAILED` or `DMO_FATAL`; catch exceptions; replace a library's own exit handler."
  ) { run in
    var count = 0
    for x in try run.mixedPoints(32) where run.hasTime {
      _ = try run.evaluate(run.ask(x))
      count += 1
    }
    return .pass("\(count) points")
  },
  Check(
    "eval.hang", .standard, "An evaluation comes to an end, and leaves no process behind.",
    why: "A simulator that hangs holds a worker until the deadline; one that leaves processes fills the machine.",
    fix: "Bound every iteration; wait for each process that you start before you return."
  ) { run in
    for x in try run.mixedPoints(3) { _ = try run.evaluate(run.ask(x)) }
    run.close()
    let left = Holdings.children()
    for pid in left { kill(pid, SIGKILL) }
    return left.isEmpty ? .pass() : .fail("\(left.count) processes are left after destroy()")
  },
  Check(
    "eval.cancel", .deep, "An evaluation returns within 2 s after `cancelled()` became true.",
    why: "Ctrl-C and deadlines wait for it.",
    fix: "Poll `call->cancelled(call)` about once a second in the outer loop and return `DMO_CANCELLED`."
  ) { run in
    let ask = run.ask(run.centre(try run.instance().spec.space))
    _ = try run.probe()
    let start = CheckRun.now
    let answer = try run.cancelling(after: 0.02) { try run.evaluate(ask) }
    let seconds = CheckRun.now - start
    let text = String(format: "%.2f s", seconds)
    if seconds > 2.02 {
      let words = "it went on for \(text) after it was asked to stop"
      return try run.problem().flags.contains(.expensive) ? .fail(words, at: run.words(ask)) : .warn(words)
    }
    if seconds < 0.02 { return .pass("it answers before anyone can ask it to stop") }
    return .pass("\(EvaluationStatus(rawValue: answer.status)) after \(text)")
  },
  Check(
    "eval.fpe", .standard, "Rounding and flush-to-zero modes are the same after an evaluation as before.",
    why: "They change every later number of the process, silently.",
    fix: "Save and restore them around code that needs others; beware of `-ffast-math` when linking."
  ) { run in
    _ = try run.probe()
    let start = dmo_floating_mode()
    for x in try run.mixedPoints(4) {
      let ask = run.ask(x)
      _ = try run.evaluate(ask)
      if dmo_floating_mode() != start {
        return .fail(
          "the floating-point mode became \(String(dmo_floating_mode(), radix: 16)), "
            + "it was \(String(start, radix: 16))",
          at: run.words(ask))
      }
    }
    return .pass()
  },
]

/// What evaluations take, and keep.
let resourceChecks: [Check] = [
  Check(
    "eval.leak", .deep, "2,000 evaluations leave no memory, descriptors, threads or files behind.",
    why: "A run of a week evaluates a million times.",
    fix:
      "Free what each evaluation takes, on the paths that fail, too; delete its files, or write them to `scratch_dir`."
  ) { run in
    let points = try run.mixedPoints(16)
    let files = leftFiles(run)
    // Caches fill first.
    for k in 0..<50 where run.hasTime { _ = try run.evaluate(run.ask(points[k % 16], id: UInt64(k + 1))) }
    let before = Holdings.now()
    var count = 0
    while count < 2000 && run.hasTime {
      _ = try run.evaluate(run.ask(points[count % 16], id: UInt64(count + 51)))
      count += 1
    }
    if count == 0 { return .skip("a single evaluation takes longer than the time given") }
    let after = Holdings.now()
    let how = "\(count) evaluations"
    if after.descriptors > before.descriptors {
      return .fail("\(after.descriptors - before.descriptors) descriptors more after \(how)")
    }
    if after.threads > before.threads { return .fail("\(after.threads - before.threads) threads more after \(how)") }
    let perCall = Double(max(after.heap - before.heap, after.resident - before.resident)) / Double(count)
    // A slope, beyond what one late cache may take.
    if perCall > 4096 && after.resident - before.resident > 1 << 20 {
      return .fail("\(Int(perCall)) bytes are lost at each evaluation")
    }
    if after.heap - before.heap > max(16 * count, 256 << 10) {
      return .fail("\((after.heap - before.heap) / count) bytes of the heap are lost at each evaluation")
    }
    let left = leftFiles(run).subtracting(files)
    if !left.isEmpty {
      return .fail(
        "files are left in TMPDIR or the working directory: \(left.sorted().prefix(4).joined(separator: ", "))")
    }
    let scratch = Holdings.entries(run.request.scratch + "/files")
    if scratch > max(count / 2, 100) { return .fail("\(scratch) files pile up in scratch_dir after \(how)") }
    return .pass(how)
  },
  Check(
    "eval.valgrind", .deep, "Memcheck finds no error in three evaluations.",
    why: "Reads of what was never written give other answers on other machines.",
    fix: "Compile with `-g` and follow valgrind's report."
  ) { run in
    for x in try run.mixedPoints(3) { _ = try run.evaluate(run.ask(x)) }
    run.close()
    // Valgrind's own log lies beside this process's TMPDIR, which it knew before the checks' folders were made.
    let report = (try? String(contentsOfFile: run.request.scratch + "/" + Tool.report, encoding: .utf8)) ?? ""
    if report.isEmpty { return .skip("valgrind left no report") }
    let errors = report.components(separatedBy: "<error>").dropFirst().filter {
      $0.contains("<obj>\(run.request.path)</obj>")
    }
    guard let first = errors.first else { return .pass() }
    func tag(_ name: String, _ text: String) -> String {
      text.components(separatedBy: "<\(name)>").dropFirst().first?.components(separatedBy: "</\(name)>").first ?? ""
    }
    let frame = first.components(separatedBy: "<frame>").first { $0.contains(run.request.path) } ?? ""
    return .fail(
      "\(errors.count) errors; the first: \(tag("what", first)) in \(tag("fn", frame)) "
        + "\(tag("file", frame)):\(tag("line", frame))"
    )
  },
  Check(
    "eval.cost", .standard, "The time of an evaluation is measured, and `DMO_EXPENSIVE` agrees with it.",
    why: "dmo plans deadlines and progress by the flag.",
    fix: "Set `DMO_EXPENSIVE` for a problem that usually takes more than a second, and only then."
  ) { run in
    var times: [Double] = []
    for x in try run.mixedPoints(32) where times.isEmpty || run.hasTime {
      let start = CheckRun.now
      _ = try run.evaluate(run.ask(x))
      times.append(CheckRun.now - start)
    }
    times.sort()
    let median = times[times.count / 2]
    let text = String(
      format: "median %.3g ms, 95 %% below %.3g ms, %d points", median * 1e3, times[times.count * 95 / 100] * 1e3,
      times.count)
    let declared = try run.problem().flags.contains(.expensive)
    if declared && median < 0.1 { return .warn(text + "; yet it declares DMO_EXPENSIVE") }
    if !declared && median > 1 { return .warn(text + "; it should declare DMO_EXPENSIVE") }
    return .pass(text)
  },
]

private func leftFiles(_ run: CheckRun) -> Set<String> {
  Set(
    ["cwd", "tmp"].flatMap { folder in
      ((try? FileManager.default.contentsOfDirectory(atPath: run.request.scratch + "/" + folder)) ?? []).map {
        "\(folder)/\($0)"
      }
    })
}
