import ArgumentParser
import DMOCore
import DMOStudy
import Foundation
import Synchronization

/// How often the user asked to stop. Written by the signal handler, which may only touch an atomic.
private let stopRequests = Atomic<Int>(0)
/// The signal that asked last.
private let stopSignal = Atomic<Int32>(0)

/// Runs a study at the terminal: progress, Ctrl-C, the result at the end.
struct StudyDriver {
  let runner: StudyRunner
  let session: Session
  let isFeasibleRequired: Bool
  /// How long to ask for points; nil: until the budget or a rule ends it.
  let seconds: Double?

  func run(_ console: inout Console) throws {
    installHandlers()
    // The closures below share it; nothing else runs meanwhile.
    var shared = console
    defer { console = shared }
    let start = Date().timeIntervalSince1970
    var progress = ProgressReport(now: start, answeredBefore: runner.incumbents.total)
    var announced = 0
    var stop = try StopWatch(runner, seconds: seconds, start: start)
    let space = session.spec
    let outcome = try runner.run(
      request: {
        let wish = min(stopRequests.load(ordering: .relaxed), 2)
        if wish == 1 && announced == 0 {
          announced = 1
          shared.warn("finishing what runs; a second Ctrl-C stops at once")
        }
        if wish == 0 && stop.reason(now: Date().timeIntervalSince1970) != nil { return .finish }
        return StudyRunner.Request(rawValue: wish) ?? .goOn
      },
      onAnswer: { row in
        if let result = row.result { stop.tell(result) }
        guard shared.isJSON, let result = row.result else { return }
        Console.out(StudyText.json(row: Int(row.request.id), x: row.request.x, result, spec: space).text)
      },
      onProgress: { progress.show($0, now: Date().timeIntervalSince1970, on: &shared) })
    if outcome == .abandoned { session.evaluator.shutdown() }
    shared.clearLive()
    let wasAsked = stopRequests.load(ordering: .relaxed) > 0
    let reason = !wasAsked && outcome == .stopped ? stop.reason : nil
    finish(outcome, seconds: Date().timeIntervalSince1970 - start, reason, isOver: !stop.isTimeUp, &shared)
    if reason == nil && outcome == .stopped || outcome == .abandoned {
      throw ExitCode(stopSignal.load(ordering: .relaxed) == SIGINT ? Exit.interrupted : Exit.resumable)
    }
    if reason != nil && stop.isTimeUp { throw ExitCode(Exit.resumable) }
    if case .tooManyFailures(let why) = outcome {
      throw UserError(
        why,
        hint: "`dmo show \(runner.store.path)` tells why they failed; go on with "
          + "`dmo resume \(runner.store.path) --retry-failed` or a larger --max-failures",
        exit: Exit.policy)
    }
    if isFeasibleRequired && runner.incumbents.front.isEmpty {
      throw UserError(
        "no feasible point was found", hint: "spend more with `dmo resume \(runner.store.path) --budget +N`",
        exit: Exit.failed)
    }
  }

  private func finish(
    _ outcome: StudyRunner.Outcome, seconds: Double, _ reason: String?, isOver: Bool, _ console: inout Console
  ) {
    if reason != nil && isOver { runner.store.state = "finished" }
    let incumbents = runner.incumbents
    let path = runner.store.path
    if console.isJSON {
      Console.out(StudyText.json(incumbents, study: path, state: runner.store.state, spec: session.spec).text)
    } else {
      Console.out(StudyText.result(incumbents, spec: session.spec))
      Console.out(
        "\(incumbents.total) evaluations (\(Text.counts(incumbents.counts)); \(incumbents.feasibleCount) feasible) in "
          + "\(Text.duration(seconds)), study \(path)")
    }
    if let reason {
      let more = runner.store.description.stop == nil ? "" : " --stop none"
      console.note("stopped: \(reason)\nnext: dmo show \(path), dmo resume \(path)\(more)")
      return
    }
    switch outcome {
    case .budgetSpent: console.note("next: dmo show \(path), dmo resume \(path) --budget +100")
    case .exhausted: console.note("the search has no further point to offer\nnext: dmo show \(path)")
    case .tooManyFailures: break
    case .stopped, .abandoned: console.note("stopped; go on with: dmo resume \(path)")
    }
  }

  private func installHandlers() {
    stopRequests.store(0, ordering: .relaxed)
    // A parent may have left them blocked, and a blocked Ctrl-C would never arrive.
    var set = sigset_t()
    sigemptyset(&set)
    // Batch systems announce the end of a job's time with SIGTERM, or, if asked to, SIGUSR1.
    for number in [SIGINT, SIGTERM, SIGUSR1] {
      signal(number) { number in
        stopSignal.store(number, ordering: .relaxed)
        stopRequests.add(1, ordering: .relaxed)
      }
      sigaddset(&set, number)
    }
    pthread_sigmask(SIG_UNBLOCK, &set, nil)
  }
}
