import DMOCore

/// Runs evaluations of one problem instance, some of them at the same time.
///
/// Nothing but an evaluator ever calls a plugin. Whatever the plugin does (crash, hang, exit, lie), every submitted
/// request gets exactly one result.
public protocol Evaluator: AnyObject {
  /// What the instance takes and answers, with its options.
  var spec: ProblemSpec { get }
  /// How many evaluations run at the same time.
  var capacity: Int { get }

  /// Queues a request and returns at once. - Precondition: `x.count == spec.space.dimension`, the id not in flight.
  func submit(_ request: EvaluationRequest)

  /// The next finished evaluation, in the order they finish; waits at most `seconds` (nil: as long as it takes).
  /// - Returns: nil when nothing is in flight, or the time is up.
  func next(timeout seconds: Double?) -> EvaluationResult?

  /// Jᵀ(x) ȳ by the plugin's own exact derivative, with y. Blocks. Nil x̄ unless the status is OK.
  func vjp(_ request: EvaluationRequest, ybar: [Double]) -> (result: EvaluationResult, xbar: [Double]?)

  /// The exact goals and bounds from observed outputs, if the plugin offers them; usable while evaluations run.
  var composite: (any Composite)? { get }

  /// The pictures of a point. Blocks. - Throws: `EvaluatorError` when the plugin draws none or fails.
  func draw(_ request: EvaluationRequest) throws -> [Artifact]

  /// Stops every worker; requests in flight are answered CANCELLED or not at all. Idempotent.
  func shutdown()
}
