import DMOCore

/// Asked once for each problem before its checks: can an instance be made, and the mid point be evaluated? When not, the
/// one check that this belongs to reports it, and those that need it are skipped instead of failing alike.
enum Survey {
  static let id = "survey"

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
    return .pass("\(seconds)")
  }
}
