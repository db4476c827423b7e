/// How worker processes are started and how long they may take.
public struct WorkerSettings: Sendable {
  /// What a worker tells of itself while it works.
  public enum Event: Equatable, Sendable {
    /// The share done of an evaluation, 0 … 1.
    case progress(id: UInt64, fraction: Double)
    /// A line of the plugin's own log; the level as in `dmo.h`: 0 debug, 1 info, 2 warning, 3 error.
    case log(worker: Int, level: Int32, text: String)
    /// A worker died, or was killed, and why.
    case workerEnded(worker: Int, reason: String)
  }

  /// The program that calls `workerMain`; this program by default.
  public var executable: String
  /// The arguments that make it do so.
  public var arguments: [String]
  /// Added to this process's environment, each as `NAME=value`.
  public var environment: [String] = []
  /// How many workers evaluate at the same time; at least 1.
  public var jobs: Int
  /// Wall time an evaluation may take, in seconds; nil: no limit.
  public var evaluationTimeout: Double?
  /// Wall time that loading the plugin and creating the instance may take, in seconds.
  public var startTimeout: Double
  /// How long a process group has between SIGTERM and SIGKILL, in seconds; at most 2.
  public var killGrace: Double
  /// How many threads the plugin may keep busy in one worker.
  public var threadsPerWorker: Int
  /// What each worker may use.
  public var limits: WorkerLimits
  /// Called from any thread, also from several at once; must return at once and must not call the evaluator.
  public var onEvent: (@Sendable (Event) -> Void)?

  public init(
    executable: String = "/proc/self/exe", arguments: [String] = ["worker"], jobs: Int = 1,
    evaluationTimeout: Double? = nil, startTimeout: Double = 30, killGrace: Double = 1, threadsPerWorker: Int = 1,
    limits: WorkerLimits = WorkerLimits(), onEvent: (@Sendable (Event) -> Void)? = nil
  ) {
    self.executable = executable
    self.arguments = arguments
    self.jobs = max(1, jobs)
    self.evaluationTimeout = evaluationTimeout
    self.startTimeout = startTimeout
    self.killGrace = min(max(0, killGrace), 2)
    self.threadsPerWorker = max(1, threadsPerWorker)
    self.limits = limits
    self.onEvent = onEvent
  }
}
