import DMOCore

/// Asked once for each problem before its checks: can an instance be made, and the mid point be evaluated? When not,
/// the one check that this belongs to reports it, and those that need it are skipped instead of failing alike.
enum Survey {
  static let id = "survey"
  /// How the note of the evaluation begins that belongs to `eval.bounds-guard`.
  static let guarded = "evaluating between guard pages "

  /// The message of a pass is the mid point's wall time, in seconds.
  static let body: @Sendable (CheckRun) throws -> Verdict = { run in
    let instance = try run.instance()
    let start = CheckRun.now
    let ask = run.ask(run.centre(instance.spec.space))
    let answer = try run.evaluate(ask)
    let seconds = CheckRun.now - start
    if let trouble = try run.basicTrouble(answer) {
      throw Broken(.fail(trouble.words, at: run.words(ask)), owner: trouble.owner)
    }
    if !answer.isOK && !answer.isInfeasible {
      let status = EvaluationStatus(rawValue: answer.status)
      throw Broken(.fail("evaluate() answered \(status): \(answer.message)", at: run.words(ask)), owner: "eval.centre")
    }
    // The guard pages find reads outside, too.
    run.note(Self.guarded + run.words(ask))
    let guarded = instance.evaluate(ask)
    run.note("")
    if guarded.message.contains("before the start") {
      throw Broken(.fail(guarded.message, at: run.words(ask)), owner: "eval.bounds-guard")
    }
    return .pass("\(seconds)")
  }
}
