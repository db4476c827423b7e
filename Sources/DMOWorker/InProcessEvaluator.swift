import DMOCore
import DMOHost
import Dispatch
import Synchronization

/// Evaluations in this very process, for debuggers: a plugin that crashes ends the program, one that hangs hangs it.
///
/// All calls of the plugin, whoever asks for them, come from one thread of the evaluator's own.
public final class InProcessEvaluator: Evaluator, Sendable {
  public let plugin: PluginInfo
  public let problem: ProblemInfo
  public let spec: ProblemSpec
  public var capacity: Int { 1 }

  private let thread: PluginThread
  private let state = Mutex(State())
  /// One signal for each result.
  private let finished = DispatchSemaphore(value: 0)

  private struct State {
    var inFlight = 0
    var results: [EvaluationResult] = []
    var isStopped = false
  }

  /// Opens the plugin and makes the instance.
  /// - Parameters:
  ///   - selection: the plugin's file, its problem and the options.
  ///   - threads: how many threads the plugin may keep busy.
  /// - Throws: `PluginError`
  public init(_ selection: PluginSelection, threads: Int = 1) throws {
    thread = PluginThread()
    (plugin, problem, spec) = try thread.open(selection, threads: threads)
  }

  deinit { shutdown() }

  public func submit(_ request: EvaluationRequest) {
    precondition(request.x.count == spec.space.dimension, "x has the wrong length")
    let accepted = state.withLock { state in
      if !state.isStopped { state.inFlight += 1 }
      return !state.isStopped
    }
    guard accepted else { return }
    // The closure holds the evaluator, so that every request is answered.
    thread.async { instance in
      let start = Clock.now
      var result = instance.evaluate(request)
      result.wallSeconds = Clock.now - start
      self.state.withLock { $0.results.append(result) }
      self.finished.signal()
    }
  }

  public func next(timeout seconds: Double?) -> EvaluationResult? {
    let deadline = seconds.map { DispatchTime.now() + max($0, 0) } ?? .distantFuture
    guard state.withLock({ $0.inFlight > 0 }), finished.wait(timeout: deadline) == .success else { return nil }
    return state.withLock { state in
      state.inFlight -= 1
      return state.results.removeFirst()
    }
  }

  public func vjp(_ request: EvaluationRequest, ybar: [Double]) -> (result: EvaluationResult, xbar: [Double]?) {
    thread.sync { $0.vjp(request, ybar: ybar) }
  }

  /// J(x) ẋ by the plugin's own exact derivative, with y. Nil ẏ unless the status is OK.
  public func jvp(_ request: EvaluationRequest, xdot: [Double]) -> (result: EvaluationResult, ydot: [Double]?) {
    thread.sync { $0.jvp(request, xdot: xdot) }
  }

  /// Evaluates points of one fidelity in one call, through `dmo.batch/1` where the plugin has it.
  public func evaluateBatch(_ requests: [EvaluationRequest]) -> [EvaluationResult] {
    thread.sync { $0.evaluateBatch(requests) }
  }

  public var composite: (any Composite)? {
    problem.extensions.contains(.compose) ? InProcessComposite(thread: thread) : nil
  }

  public func draw(_ request: EvaluationRequest) throws -> [Artifact] {
    try thread.sync { instance in Result { try translating { try instance.draw(request) } } }.get()
  }

  /// The points that the plugin's author vouches for; empty without `dmo.reference/1`. - Throws: `PluginError`
  public func referencePoints() throws -> [ReferencePoint] {
    try thread.sync { instance in Result { try instance.referencePoints() } }.get()
  }

  public func shutdown() {
    state.withLock { $0.isStopped = true }
    thread.stop()
  }
}

/// A plugin's own failure as an `EvaluatorError`.
private func translating<T>(_ body: () throws -> T) throws -> T {
  do { return try body() } catch let error as PluginCallError {
    throw EvaluatorError(error.status == .unsupported ? .unsupported : .failed, "\(error)")
  }
}

/// J(x, observed outputs) by a plugin in this process.
private final class InProcessComposite: Composite {
  private let thread: PluginThread
  init(thread: PluginThread) { self.thread = thread }

  func compose(rows: Int, x: [Double], y: inout [Double]) throws {
    let given = y
    y = try thread.sync { instance in
      Result {
        var y = given
        try translating { try instance.compose(rows: rows, x: x, y: &y) }
        return y
      }
    }.get()
  }

  func composeVJP(
    rows: Int, x: [Double], y: [Double], ybar: [Double], zbar: inout [Double], xbar: inout [Double]
  ) throws {
    let given = (zbar, xbar)
    (zbar, xbar) = try thread.sync { instance in
      Result {
        var (zbar, xbar) = given
        try translating { try instance.composeVJP(rows: rows, x: x, y: y, ybar: ybar, zbar: &zbar, xbar: &xbar) }
        return (zbar, xbar)
      }
    }.get()
  }
}

/// The thread that an instance lives in.
private final class PluginThread: Sendable {
  private struct Jobs {
    var waiting: [@Sendable (PluginInstance) -> Void] = []
    var isStopped = false
  }
  private let jobs = Mutex(Jobs())
  private let news = DispatchSemaphore(value: 0)

  /// Starts the thread and makes the instance there. - Throws: `PluginError`
  func open(_ selection: PluginSelection, threads: Int) throws -> (PluginInfo, ProblemInfo, ProblemSpec) {
    let ready = DispatchSemaphore(value: 0)
    let box = Box(Mutex<Result<(PluginInfo, ProblemInfo, ProblemSpec), PluginError>?>(nil))
    Thread.start { [self] in
      do throws(PluginError) {
        let host = HostSettings(threads: threads)
        let instance = try PluginInstance(
          PluginLibrary(path: selection.path, host: host), problem: selection.problem, options: selection.options,
          host: host)
        box.value.withLock { $0 = .success((instance.plugin, instance.problem, instance.spec)) }
        ready.signal()
        serve(instance)
      } catch {
        box.value.withLock { $0 = .failure(error) }
        ready.signal()
      }
    }
    ready.wait()
    guard let result = box.value.withLock({ $0 }) else { throw EvaluatorError(.system, "the plugin's thread ended") }
    return try result.get()
  }

  private func serve(_ instance: PluginInstance) {
    while true {
      news.wait()
      let job = jobs.withLock { jobs -> (@Sendable (PluginInstance) -> Void)? in
        jobs.waiting.isEmpty ? nil : jobs.waiting.removeFirst()
      }
      guard let job else { return }
      job(instance)
    }
  }

  func async(_ job: @escaping @Sendable (PluginInstance) -> Void) {
    jobs.withLock { jobs in
      precondition(!jobs.isStopped, "a call after shutdown()")
      jobs.waiting.append(job)
    }
    news.signal()
  }

  func sync<T: Sendable>(_ job: @escaping @Sendable (PluginInstance) -> T) -> T {
    let box = Box(Mutex<T?>(nil))
    let done = DispatchSemaphore(value: 0)
    async { instance in
      let value = job(instance)
      box.value.withLock { $0 = value }
      done.signal()
    }
    done.wait()
    guard let value = box.value.withLock({ $0 }) else { preconditionFailure("the plugin's thread has ended") }
    return value
  }

  /// Ends the thread once the jobs before are done. Idempotent.
  func stop() {
    let first = jobs.withLock { jobs in
      defer { jobs.isStopped = true }
      return !jobs.isStopped
    }
    if first { news.signal() }
  }
}

private final class Box<T: ~Copyable & Sendable>: Sendable {
  let value: T
  init(_ value: consuming T) { self.value = value }
}
