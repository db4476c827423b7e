import DMOCore
import DMOHost

/// Evaluations in worker processes, one plugin instance in each.
public final class WorkerPool: Evaluator {
  public let plugin: PluginInfo
  public let problem: ProblemInfo
  public let spec: ProblemSpec
  public var capacity: Int { fatalError() }
  /// - Throws: `PluginError` when the plugin cannot be loaded or refuses its options, `EvaluatorError` when no worker
  ///   can be started.
  public init(_ selection: PluginSelection, settings: WorkerSettings = WorkerSettings()) throws { fatalError() }
  public func submit(_ request: EvaluationRequest) { fatalError() }
  public func next(timeout seconds: Double?) -> EvaluationResult? { fatalError() }
  /// Asks the plugin to stop an evaluation; it is answered all the same.
  public func cancel(_ id: UInt64) { fatalError() }
  public func vjp(_ request: EvaluationRequest, ybar: [Double]) -> (result: EvaluationResult, xbar: [Double]?) {
    fatalError()
  }
  public var composite: (any Composite)? { fatalError() }
  public func draw(_ request: EvaluationRequest) throws -> [Artifact] { fatalError() }
  public func referencePoints() throws -> [ReferencePoint] { fatalError() }
  public func shutdown() { fatalError() }
}

/// Evaluations in this process, for debuggers.
public final class InProcessEvaluator: Evaluator {
  public let plugin: PluginInfo
  public let problem: ProblemInfo
  public let spec: ProblemSpec
  public var capacity: Int { 1 }
  public init(_ selection: PluginSelection, threads: Int = 1) throws { fatalError() }
  public func submit(_ request: EvaluationRequest) { fatalError() }
  public func next(timeout seconds: Double?) -> EvaluationResult? { fatalError() }
  public func vjp(_ request: EvaluationRequest, ybar: [Double]) -> (result: EvaluationResult, xbar: [Double]?) {
    fatalError()
  }
  public var composite: (any Composite)? { fatalError() }
  public func draw(_ request: EvaluationRequest) throws -> [Artifact] { fatalError() }
  public func referencePoints() throws -> [ReferencePoint] { fatalError() }
  public func shutdown() { fatalError() }
}

/// Describes plugins without ever loading one into this process.
public struct PluginScanner: Sendable {
  public init(settings: WorkerSettings = WorkerSettings()) { fatalError() }
  /// The tables of one file. - Throws: `PluginError`
  public func describe(_ path: String) throws -> PluginInfo { fatalError() }
  /// The problem with its spec, as an instance with these options tells it. - Throws: `PluginError`
  public func describe(_ selection: PluginSelection) throws -> (plugin: PluginInfo, problem: ProblemInfo) {
    fatalError()
  }
}

/// The hidden subcommand `worker`: serves the process that spawned this one, until that closes the connection.
/// - Returns: the exit status.
public func workerMain() -> Int32 { fatalError() }
