import ArgumentParser
import DMOStudy
import DMOWorker

/// What each worker process may use.
struct LimitOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("Private memory a worker may have: 800M or 2G. One that comes near it is replaced.", valueName: "size"))
  var workerMemory: String?
  @Option(help: ArgumentHelp("Kill an evaluation that used so much processor time: 90s, 2m.", valueName: "time"))
  var evalCpu: String?
  @Flag(help: "Workers without network, and with a file system that is read-only but for a scratch folder.")
  var sandbox = false

  var areGiven: Bool { workerMemory != nil || evalCpu != nil || sandbox }

  func validate() throws { _ = try limits() }

  /// - Parameter was: what holds where nothing is given.
  func limits(_ was: WorkerLimits? = nil) throws -> WorkerLimits {
    var limits = was ?? WorkerLimits()
    if let workerMemory { limits.memoryBytes = try Quantity.bytes(workerMemory, option: "--worker-memory") }
    if let evalCpu { limits.cpuSeconds = try Quantity.seconds(evalCpu, option: "--eval-cpu") }
    if sandbox { limits.isSandboxed = true }
    return limits
  }
}

/// What becomes of evaluations that fail.
struct PolicyOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Try an evaluation that failed, crashed, was too slow or broke the rules so many times more (0).", valueName: "N"))
  var retries: Int?
  @Option(
    help: ArgumentHelp("Stop with exit status 4 when more evaluations failed: a number or a share.", valueName: "N|N%"))
  var maxFailures: String?

  func validate() throws { _ = try policy() }

  /// - Parameter was: what holds where nothing is given.
  func policy(_ was: FailurePolicy? = nil) throws -> FailurePolicy {
    var policy = was ?? FailurePolicy()
    if let retries {
      guard 0...1000 ~= retries else { throw ValidationError("--retries \(retries): write a number from 0 to 1000") }
      policy.retries = retries
    }
    if let maxFailures {
      guard let limit = FailurePolicy.Limit(maxFailures) else {
        throw ValidationError("--max-failures \(maxFailures): write a number such as 50, or a share such as 20%")
      }
      policy.maxFailures = limit
    }
    return policy
  }
}
