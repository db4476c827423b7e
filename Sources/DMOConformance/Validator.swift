import DMOCore
import DMOHost
import DMOWorker
import Foundation

/// Runs checks on a plugin, each in a process of its own, and hands over what they find in the registry's order.
public final class Validator: Sendable {
  private let plan: ValidationPlan
  private let checks: [Check]
  private let sanitizer: ThreadSanitizer

  /// - Throws: `ValidationFault.emptySelection`
  public init(_ plan: ValidationPlan) throws(ValidationFault) {
    self.plan = plan
    checks = try plan.selection()
    sanitizer = ThreadSanitizer(plugin: plan.path)
  }

  /// Blocks until all is checked.
  /// - Parameter onResult: called from one thread at a time, in order.
  /// - Throws: `ValidationFault`: an unknown problem or option; dmo itself failed.
  public func run(onResult: @escaping (CheckResult) -> Void) throws -> ValidationSummary {
    var summary = ValidationSummary()
    func report(_ result: CheckResult) {
      summary.counts[result.outcome, default: 0] += 1
      onResult(result)
    }
    let start = CheckRun.now
    switch try survey() {
    case .failure(let error):
      guard let owner = error.owner else { throw ValidationFault(.usage, error.detail, hint: error.hint) }
      var own = result(owner, "", error.outcome, error.detail)
      own.seconds = CheckRun.now - start
      report(own)
      for check in checks where check.id != owner {
        report(result(check.id, "", .skip, "the plugin does not load: see \(owner)"))
      }
    case .success(let info):
      let jobs = try makeJobs(info, report: report)
      try work(jobs, report: report)
    }
    return summary
  }

  // MARK: - Before the checks

  /// Opens the plugin once in a worker, whose answer is checked as any worker's.
  private func survey() throws -> Result<PluginInfo, PluginError> {
    var settings = WorkerSettings(executable: plan.executable)
    settings.startTimeout = plan.timeout
    settings.environment = sanitizer.environment
    do { return .success(try PluginScanner(settings: settings).describe(plan.path)) } catch let error as PluginError {
      return .failure(error)
    } catch {
      throw ValidationFault(.system, "\(error)")
    }
  }

  /// One check to run, or its result when it need not run.
  private struct Job: Sendable {
    var check: Check
    var problem: String
    var options: [String: String] = [:]
    var known: CheckResult?
    /// The mid point's cost, in seconds.
    var cost = 0.0
  }

  private func problems(_ info: PluginInfo) throws -> [ProblemInfo] {
    guard let wanted = plan.problem else { return info.problems }
    do throws(PluginError) {
      return [info.problems[try info.index(ofProblem: wanted, path: plan.path)]]
    } catch { throw ValidationFault(.usage, error.detail, hint: error.hint) }
  }

  private func makeJobs(_ info: PluginInfo, report: (CheckResult) -> Void) throws -> [Job] {
    let problems = try problems(info)
    for key in plan.options.keys.sorted() where !problems.contains(where: { $0.options.contains { $0.key == key } }) {
      throw ValidationFault(
        .usage, "no problem has the option \(key)",
        hint: "options: \(Set(problems.flatMap { $0.options.map(\.key) }).sorted().joined(separator: ", "))")
    }
    var jobs = checks.filter { $0.scope == .plugin }.map { Job(check: $0, problem: info.problems[0].id) }
    for problem in problems {
      let options = plan.options.filter { key, _ in problem.options.contains { $0.key == key } }
      do throws(PluginError) { _ = try problem.optionTexts(options, path: plan.path) } catch {
        // One that the user must give is no fault of the plugin; a wrong value is the user's.
        guard plan.options.isEmpty || plan.problem == nil else {
          throw ValidationFault(.usage, error.detail, hint: error.hint)
        }
        jobs += own(problem.id, options).map { job in
          skipped(job, "\(error.detail): \(error.hint)")
        }
        continue
      }
      jobs += try gate(own(problem.id, options), problem.id, options)
    }
    return jobs
  }

  private func own(_ problem: String, _ options: [String: String]) -> [Job] {
    checks.filter { $0.scope != .plugin }.map { Job(check: $0, problem: problem, options: options) }
  }

  private func skipped(_ job: Job, _ reason: String) -> Job {
    var job = job
    job.known = result(job.check.id, job.problem, .skip, reason)
    return job
  }

  /// Makes an instance and evaluates its mid point once; what cannot be done then is the matter of one check only.
  private func gate(_ jobs: [Job], _ problem: String, _ options: [String: String]) throws -> [Job] {
    if jobs.isEmpty { return jobs }
    let ending = process(timeout: plan.timeout).run(request(Survey.id, problem, options, nil))
    let owner: String
    var found: CheckResult
    switch ending.how {
    case .reply(let reply):
      if reply.outcome == .pass {
        let cost = max(0, min(Double(reply.message) ?? 0, 3600))
        return jobs.map { job in
          var job = job
          job.cost = cost
          return job
        }
      }
      guard let known = Registry.check(reply.owner ?? "options.defaults") else {
        return jobs.map { skipped($0, TableChecks.readable(reply.message)) }
      }
      owner = known.id
      found = result(owner, problem, reply.outcome, TableChecks.readable(reply.message))
      found.point = TableChecks.readable(reply.point)
    case .died(let words):
      owner = place(ending.crumb) ?? "eval.exit"
      found = result(owner, problem, .crash, words)
      found.point = ending.crumb
    case .timedOut:
      owner = ending.crumb.hasPrefix("evaluating") ? "eval.hang" : place(ending.crumb) ?? "eval.hang"
      found = result(owner, problem, .timeout, "no answer within \(plan.timeout) s; --timeout gives it more")
      found.point = ending.crumb
    case .system(let words): throw ValidationFault(.system, words)
    }
    (found.printed, found.seconds, found.problem) = (ending.printed, ending.seconds, problem)
    guard let check = Registry.check(owner) else { return jobs }
    // What only needs an instance goes on when the trouble is with evaluations.
    let depends = jobs.filter { $0.check.id != owner }.map { job in
      check.scope == .evaluation && job.check.scope == .instance ? job : skipped(job, "see \(owner)")
    }
    return [Job(check: check, problem: problem, known: found)] + depends
  }

  /// The check that a process belongs to which ended there, unless it was an evaluation.
  private func place(_ crumb: String) -> String? {
    if crumb.hasPrefix(Survey.guarded) { return "eval.bounds-guard" }
    if crumb.hasPrefix("evaluating") { return nil }
    return crumb.hasPrefix("destroy") ? "life.create-destroy" : "options.defaults"
  }

  // MARK: - The checks

  private func work(_ jobs: [Job], report: (CheckResult) -> Void) throws {
    let board = Board(count: jobs.count)
    let threads = max(1, min(plan.jobs, jobs.count))
    for _ in 0..<threads {
      Thread { [self] in
        while let index = board.take() {
          board.put(jobs[index].known.map { .success($0) } ?? run(jobs[index]), at: index)
        }
      }.start()
    }
    for index in jobs.indices { report(try board.wait(for: index)) }
  }

  private func process(timeout: Double) -> CheckProcess {
    CheckProcess(
      command: [plan.executable, "check-worker"], environment: sanitizer.environment, timeout: timeout)
  }

  private func request(_ id: String, _ problem: String, _ options: [String: String], _ state: String?) -> CheckRequest {
    CheckRequest(
      path: URL(fileURLWithPath: plan.path).path, problem: problem, options: options, check: id, level: plan.level,
      seed: plan.seed,
      budget: plan.seconds, scratch: "", state: state)
  }

  private func run(_ job: Job) -> Result<CheckResult, ValidationFault> {
    var state: String?
    var seconds = 0.0
    var steps = 0
    // A handful of evaluations follow one another even after the budget is spent.
    var process = process(timeout: plan.timeout + plan.seconds + 20 * job.cost)
    if let tool = Tool(check: job.check.id, executable: plan.executable, sanitizer: sanitizer) {
      if let reason = tool.missing { return .success(result(job.check.id, job.problem, .skip, reason)) }
      process.command = tool.command
      process.environment += tool.environment
      process.hidesDebugInformationOf = tool.hidden
      process.timeout += 120
    }
    while true {
      let ending = process.run(request(job.check.id, job.problem, job.options, state))
      seconds += ending.seconds
      steps += 1
      if case .reply(let reply) = ending.how, let next = reply.next, !reply.outcome.isFailure, steps < 1000,
        seconds < plan.seconds + plan.timeout
      {
        state = next
        continue
      }
      if case .system(let words) = ending.how { return .failure(ValidationFault(.system, words)) }
      var found = judged(ending, job, process.timeout)
      if case .died = ending.how, ending.printed.contains("debuginfo reader") {
        if !process.hidesPluginsDebugInformation {
          process.hidesPluginsDebugInformation = true
          continue
        }
        (found.outcome, found.message) = (.skip, "valgrind cannot read this plugin")
      }
      found.seconds = seconds
      return .success(found)
    }
  }

  private func judged(_ ending: CheckEnding, _ job: Job, _ timeout: Double) -> CheckResult {
    var found = result(job.check.id, job.problem, .fail, "")
    found.printed = ending.printed
    switch ending.how {
    case .reply(let reply):
      if let owner = reply.owner, owner != job.check.id {
        found.outcome = .skip
        found.message = owner == "usage" ? TableChecks.readable(reply.message) : "see \(TableChecks.printable(owner))"
      } else {
        (found.outcome, found.message) = (reply.outcome, TableChecks.readable(reply.message))
        found.point = TableChecks.readable(reply.point)
      }
    case .died(let words): (found.outcome, found.message, found.point) = (.crash, words, ending.crumb)
    case .timedOut:
      (found.outcome, found.message, found.point) = (.timeout, "no end within \(Int(timeout)) s", ending.crumb)
      if ending.crumb.hasPrefix(CheckRun.trying) {
        found.outcome = .warn
        found.message = "\(ending.crumb) took longer than \(Int(timeout)) s; what follows was not tried"
      }
    case .system: break
    }
    if ending.escaped > 0 && !found.outcome.isFailure && job.check.id == "eval.hang" {
      (found.outcome, found.message) = (.fail, "\(ending.escaped) processes of the plugin outlived it")
    }
    return found
  }

  private func result(_ id: String, _ problem: String, _ outcome: Outcome, _ message: String) -> CheckResult {
    var words = ["plugin", "validate", plan.path]
    let perPlugin = Registry.check(id)?.scope == .plugin
    if !perPlugin && !problem.isEmpty { words += ["--problem", problem] }
    let level = max(Registry.check(id)?.level ?? .quick, plan.level)
    words += ["--include", id, "--level", level.rawValue, "--seed", "\(plan.seed)"]
    for (key, value) in plan.options.sorted(by: { $0.key < $1.key }) { words += ["--set", "\(key)=\(value)"] }
    return CheckResult(
      id: id, problem: perPlugin ? "" : problem, outcome: outcome, message: message, point: "", seed: plan.seed,
      seconds: 0, printed: "", reproduce: words)
  }
}

/// Hands out the numbers of jobs, and their results in order.
private final class Board: @unchecked Sendable {
  // All state is touched under the condition's lock.
  private let condition = NSCondition()
  private var next = 0
  private var results: [Result<CheckResult, ValidationFault>?]

  init(count: Int) { results = Array(repeating: nil, count: count) }

  func take() -> Int? {
    condition.lock()
    defer { condition.unlock() }
    guard next < results.count else { return nil }
    next += 1
    return next - 1
  }

  func put(_ result: Result<CheckResult, ValidationFault>, at index: Int) {
    condition.lock()
    results[index] = result
    condition.broadcast()
    condition.unlock()
  }

  /// - Throws: what the result is when it is a fault; no further job is handed out then.
  func wait(for index: Int) throws -> CheckResult {
    condition.lock()
    defer { condition.unlock() }
    while true {
      if let result = results[index] {
        if case .failure = result { next = results.count }
        return try result.get()
      }
      condition.wait()
    }
  }
}
