import DMOCore
import DMOSearch
import DMOWorker

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Many workers in simulated time: an evaluator for the real search and study code that tells how busy its workers
/// would be.
///
/// The time that the caller spends between two calls (proposals, fits, commits) is measured and passes on the simulated
/// clock, as on a rank 0 with one core. So does the time of what the search does in `background`: it begins when it was
/// asked for, has the whole core while the caller waits for answers and half of it while both work, and a caller that
/// needs its result waits until it is through. Evaluations take a lognormal time, drawn from their seed, and their
/// answers come from `source` at once. Requests that found no idle worker wait in order, and a worker that becomes idle
/// takes the next at that moment, as `MPIEvaluator`'s thread hands them out while the caller thinks.
public final class SimulatedCluster: Evaluator {
  public var spec: ProblemSpec { source.spec }
  public let capacity: Int
  public var composite: (any Composite)? { source.composite }

  /// Simulated seconds since the start.
  public private(set) var now = 0.0
  /// Seconds that the core worked in all, in the background too.
  public private(set) var coreSeconds = 0.0
  /// The share of the time so far that the core worked, in the background too.
  public var coreShare: Double { now > 0 ? (coreSeconds - backlog) / now : 0 }
  /// Of the background's jobs, seconds that the caller waited for them.
  public private(set) var waitedSeconds = 0.0
  public private(set) var submitted = 0

  private let source: any Evaluator
  private let median: Double
  private let spread: Double
  private let measureFrom: Int
  private let measureTo: Int
  private var idle: Int
  private var queue: [EvaluationResult] = []
  private var queueHead = 0
  /// Evaluations that run, by the time they end, latest first.
  private var running: [(end: Double, result: EvaluationResult)] = []
  private var finished: [EvaluationResult] = []
  private var finishedHead = 0
  private let core: SharedCore
  /// Seconds of the core that the background's jobs still need.
  private var backlog = 0.0
  private var busySeconds = 0.0
  private var window: (start: Double, end: Double?)?

  /// - Parameters:
  ///   - source: answers at once; its own time is not counted.
  ///   - workers: how many evaluations run at the same simulated time.
  ///   - median: of an evaluation's simulated time, in seconds.
  ///   - spread: standard deviation of its logarithm.
  ///   - measured: utilisation counts from the one submission to the other: neither while workers get their first
  ///     points nor while the last run out.
  public convenience init(
    source: any Evaluator, workers: Int, median: Double, spread: Double, measured: Range<Int>
  ) {
    let clock = CoreClock()
    self.init(
      source: source, workers: workers, median: median, spread: spread, measured: measured, clock: { clock.read() })
  }

  /// - Parameter clock: seconds that rank 0's core has worked.
  init(
    source: any Evaluator, workers: Int, median: Double, spread: Double, measured: Range<Int>,
    clock: @escaping @Sendable () -> Double
  ) {
    self.source = source
    core = SharedCore(clock: clock)
    (capacity, idle) = (workers, workers)
    (self.median, self.spread) = (median, spread)
    (measureFrom, measureTo) = (measured.lowerBound, measured.upperBound)
  }

  /// For the search that this cluster evaluates for.
  public var background: Background { Background { [core] job in core.run(job) } }

  /// The share of the workers' time that they evaluated in, over the measured window; nil before its end.
  public var utilisation: Double? {
    guard let window, let end = window.end, end > window.start else { return nil }
    return busySeconds / (Double(capacity) * (end - window.start))
  }
  /// Simulated seconds of the measured window.
  public var windowSeconds: Double? { window.flatMap { w in w.end.map { $0 - w.start } } }

  // MARK: - Time

  /// Lets the time pass that the core worked since the last call.
  private func charge() {
    for event in core.account() {
      switch event {
      case .work(let seconds):
        coreSeconds += seconds
        let shared = min(seconds, backlog)
        // Two share the core for twice the shorter's time.
        backlog -= shared
        advance(to: now + seconds + shared)
      case .begin(let seconds):
        coreSeconds += seconds
        backlog += seconds
      case .wait:
        waitedSeconds += backlog
        rest(to: now + backlog)
      }
    }
  }

  /// The caller does nothing until then; the background has the core.
  private func rest(to time: Double) {
    backlog = max(backlog - (time - now), 0)
    advance(to: time)
  }

  /// Lets the simulated time pass; evaluations end, and queued ones start, in order.
  private func advance(to time: Double) {
    while let next = running.last, next.end <= time {
      pass(to: next.end)
      running.removeLast()
      finished.append(next.result)
      idle += 1
      start()
    }
    pass(to: time)
  }

  private func pass(to time: Double) {
    if let window, window.end == nil { busySeconds += Double(capacity - idle) * (time - now) }
    now = time
  }

  private func start() {
    while idle > 0 && queueHead < queue.count {
      let result = queue[queueHead]
      queueHead += 1
      idle -= 1
      let end = now + result.wallSeconds
      // Latest first, so that the next to end is cheap to take away.
      var (low, high) = (0, running.count)
      while low < high {
        let middle = (low + high) / 2
        if running[middle].end > end { low = middle + 1 } else { high = middle }
      }
      running.insert((end, result), at: low)
    }
    if queueHead == queue.count { (queue, queueHead) = ([], 0) }
  }

  /// A lognormal time from the evaluation's seed.
  private func seconds(_ request: EvaluationRequest) -> Double {
    var generator = Seed(request.seed).derived("duration").generator
    return median * exp(spread * generator.normal())
  }

  // MARK: - Evaluator

  public func submit(_ request: EvaluationRequest) {
    charge()
    source.submit(request)
    guard var result = source.next(timeout: nil) else { preconditionFailure("the source gave no answer") }
    result.wallSeconds = seconds(request)
    queue.append(result)
    submitted += 1
    if submitted == measureFrom { window = (now, nil) }
    if submitted == measureTo { window?.end = now }
    start()
    core.skip()
  }

  public func next(timeout: Double?) -> EvaluationResult? {
    charge()
    defer { core.skip() }
    if finishedHead == finished.count {
      guard let next = running.last else { return nil }
      if let timeout, next.end > now + timeout {
        rest(to: now + timeout)
        return nil
      }
      rest(to: next.end)
    }
    defer {
      finishedHead += 1
      if finishedHead == finished.count { (finished, finishedHead) = ([], 0) }
    }
    return finished[finishedHead]
  }

  public func vjp(_ request: EvaluationRequest, ybar: [Double]) -> (result: EvaluationResult, xbar: [Double]?) {
    source.vjp(request, ybar: ybar)
  }

  public func draw(_ request: EvaluationRequest) throws -> [Artifact] { try source.draw(request) }

  public func shutdown() { source.shutdown() }
}
