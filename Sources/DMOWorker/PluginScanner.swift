import DMOCore
import DMOHost

/// Describes plugins without ever loading one into this process: each is opened by a worker of its own.
public struct PluginScanner: Sendable {
  private let settings: WorkerSettings

  /// - Parameter settings: how workers start; `startTimeout` is how long a plugin may take to describe itself.
  public init(settings: WorkerSettings = WorkerSettings()) { self.settings = settings }

  /// The tables of one file. - Throws: `PluginError`, `EvaluatorError`
  public func describe(_ path: String) throws -> PluginInfo {
    try client(PluginSelection(path: path), instance: false) { try $0.describe().0 }
  }

  /// The problem with its spec, as an instance with these options tells it. - Throws: `PluginError`, `EvaluatorError`
  public func describe(_ selection: PluginSelection) throws -> (plugin: PluginInfo, problem: ProblemInfo) {
    try client(selection, instance: true) { client in
      let (plugin, problem) = try client.describe()
      guard let problem else { throw EvaluatorError(.protocolViolation, "the worker described no problem") }
      return (plugin, problem)
    }
  }

  /// The problem as an instance with these options tells it, with the points that its author vouches for.
  /// - Throws: `PluginError`, `EvaluatorError`
  public func inspect(_ selection: PluginSelection) throws -> (problem: ProblemInfo, references: [ReferencePoint]) {
    try client(selection, instance: true) { client in
      guard let problem = try client.describe().1, let spec = problem.spec else {
        throw EvaluatorError(.protocolViolation, "the worker described no problem")
      }
      return (problem, problem.extensions.contains(.reference) ? try client.referencePoints(spec) : [])
    }
  }

  private func client<T>(
    _ selection: PluginSelection, instance: Bool, _ body: (WorkerClient) throws -> T
  ) throws -> T {
    let session = WorkerSession(selection: selection, settings: settings)
    let client = WorkerClient(session, instance: instance, expected: nil, stop: try WakeEvent())
    defer { client.shutdown() }
    return try body(client)
  }
}
