import DMOCore
import DMOSearch
import DMOWorker

extension StudyRunner {
  /// Asks the search for points without evaluating any: whoever asked brings the answers. Call `replay` first.
  /// - Returns: the new points, recorded as open; fewer than `count` when the search must wait for answers or has no
  /// more.
  /// - Throws: `StudyError`; whatever the strategy throws.
  public func propose(_ count: Int) throws -> [StudyRow] {
    let rows = try decide(count)
    try storeSnapshot()
    return rows
  }
}

/// Evaluates nothing: for studies whose answers come from people or other programs.
public final class NoEvaluator: Evaluator {
  public let spec: ProblemSpec
  public let capacity = 0
  public init(_ spec: ProblemSpec) { self.spec = spec }
  public func submit(_ request: EvaluationRequest) {}
  public func next(timeout seconds: Double?) -> EvaluationResult? { nil }
  public func vjp(_ request: EvaluationRequest, ybar: [Double]) -> (result: EvaluationResult, xbar: [Double]?) {
    let y = [Double](repeating: .nan, count: spec.outputs.dimension)
    return (EvaluationResult(id: request.id, status: .unsupported, y: y), nil)
  }
  public var composite: (any Composite)? { nil }
  public func draw(_ request: EvaluationRequest) throws -> [Artifact] {
    throw EvaluatorError(.unsupported, "a study without a plugin draws no pictures")
  }
  public func shutdown() {}
}
