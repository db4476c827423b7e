import DMOCore
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
/// clock, as on a rank 0 with one core. Evaluations take a lognormal time there, drawn from their seed, and their answers
/// come from `source` at once. Requests that found no idle worker wait in order, and a worker that becomes idle takes
/// the next at that moment, as `MPIEvaluator`'s thread hands them out while the caller thinks.
public final class SimulatedCluster: Evaluator {
  public var spec: ProblemSpec { source.spec }
  public let capacity: Int
  public var composite: (any Composite)? { source.composite }

  /// Simulated seconds since the start.
  public private(set) var now = 0.0
  /// Seconds that the caller took in all.
  public private(set) var callerSeconds = 0.0
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
  private var returnedAt: Double
  private var busySeconds = 0.0
  private var window: (start: Double, end: Double?)?

  /// - Parameters:
  ///   - source: answers at once; its own time is not counted.
  ///   - workers: how many evaluations run at the same simulated time.
  ///   - median: of an evaluation's simulated time, in seconds.
  ///   - spread: standard deviation of its logarithm.
  ///   - measured: utilisation counts from the one submission to the other: neither while workers get their first
  ///     points nor while the last run out.
  public init(source: any Evaluator, workers: Int, median: Double, spread: Double, measured: Range<Int>) {
    self.source = source
    (capacity, idle) = (workers, workers)
    (self.median, self.spread) = (median, spread)
    (measureFrom, measureTo) = (measured.lowerBound, measured.upperBound)
    returnedAt = Self.clock
  }

  private static var clock: Double {
    var t = timespec()
    clock_gettime(CLOCK_MONOTONIC, &t)
    return Double(t.tv_sec) + 1e-9 * Double(t.tv_nsec)
  }

  /// The share of the workers' time that they evaluated in, over the measured window; nil before its end.
  public var utilisation: Double? {
    guard let window, let end = window.end, end > window.start else { return nil }
    return busySeconds / (Double(capacity) * (end - window.start))
  }
  /// Simulated seconds of the measured window.
  public var windowSeconds: Double? { window.flatMap { w in w.end.map { $0 - w.start } } }

  // MARK: - Time

  private func charge() {
    let spent = Self.clock - returnedAt
    callerSeconds += spent
    advance(to: now + spent)
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
    returnedAt = Self.clock
  }

  public func next(timeout: Double?) -> EvaluationResult? {
    charge()
    defer { returnedAt = Self.clock }
    if finishedHead == finished.count {
      guard let next = running.last else { return nil }
      if let timeout, next.end > now + timeout {
        advance(to: now + timeout)
        return nil
      }
      advance(to: next.end)
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
