import DMOCore
import DMOHost

extension WorkerClient {
  /// The largest payload of an answer with so many numbers: besides, messages and counts.
  private static func limit(_ numbers: Int) -> Int { min(numbers * 8 + (1 << 20), Frame.payloadLimit) }

  /// A vjp or jvp; whatever goes wrong is a status.
  func derivative(
    _ kind: Frame.Kind, _ request: EvaluationRequest, _ along: [Double], _ spec: ProblemSpec, answers: Int
  ) -> (result: EvaluationResult, xbar: [Double]?) {
    do {
      let answer = try call(kind, limit: Self.limit(spec.outputs.dimension + answers)) {
        $0.put(request)
        $0.put(along)
      } _: { reader throws(WireError) -> (EvaluationResult, [Double]?) in
        let result = try reader.evaluationResult(request.id, spec.outputs)
        let values = try reader.optional { r throws(WireError) in try r.doubles() }
        guard (result.status == .ok) == (values != nil), values?.count ?? answers == answers,
          values?.allSatisfy(\.isFinite) ?? true
        else { throw WireError("a derivative of the wrong size") }
        return (result, values)
      }
      var result = answer.value.0
      (result.wallSeconds, result.printed) = (answer.seconds, answer.printed)
      return (result, answer.value.1)
    } catch {
      return (Self.failure(request, error, spec), nil)
    }
  }

  private static func failure(_ request: EvaluationRequest, _ error: any Error, _ spec: ProblemSpec) -> EvaluationResult {
    var status = EvaluationStatus.crashed
    if let error = error as? PluginCallError { status = error.status }
    if let error = error as? EvaluatorError {
      if error.code == .timedOut { status = .timedOut }
      if error.code == .stopped { status = .cancelled }
    }
    return EvaluationResult(
      id: request.id, status: status, y: Array(repeating: .nan, count: spec.outputs.dimension), message: "\(error)")
  }

  /// One result for each request. - Throws: `EvaluatorError`
  func batch(_ requests: [EvaluationRequest], _ spec: ProblemSpec) throws -> [EvaluationResult] {
    let size = requests.count * (spec.outputs.dimension + 1024)
    let answer = try call(.batch, limit: Self.limit(size)) {
      $0.put(requests) { $0.put($1) }
    } _: { reader throws(WireError) -> [EvaluationResult] in
      var results: [EvaluationResult] = []
      guard try reader.integer(UInt32.self) == requests.count else { throw WireError("a batch of the wrong size") }
      for request in requests { results.append(try reader.evaluationResult(request.id, spec.outputs)) }
      return results
    }
    return answer.value
  }

  /// - Throws: `EvaluatorError`
  func draw(_ request: EvaluationRequest) throws -> [Artifact] {
    try translating {
      try call(.draw, limit: 1 << 28) {
        $0.put(request)
      } _: { reader throws(WireError) in
        try reader.array { r throws(WireError) in try r.artifact() }
      }.value
    }
  }

  /// - Throws: `EvaluatorError`
  func referencePoints(_ spec: ProblemSpec) throws -> [ReferencePoint] {
    try translating {
      try call(.reference, limit: Frame.payloadLimit) { _ in
      } _: { reader throws(WireError) in
        try reader.array { r throws(WireError) in try r.referencePoint(spec) }
      }.value
    }
  }

  /// Arrays of numbers in, arrays of the sizes given out. - Throws: `EvaluatorError`
  func numbers(_ kind: Frame.Kind, rows: Int, _ arrays: [[Double]], answers: [Int]) throws -> [[Double]] {
    try translating {
      try call(kind, limit: Self.limit(answers.reduce(0, +))) { writer in
        writer.put(UInt32(rows))
        for values in arrays { writer.put(values) }
      } _: { reader throws(WireError) -> [[Double]] in
        var result: [[Double]] = []
        for count in answers {
          let values = try reader.doubles()
          guard values.count == count else { throw WireError("\(values.count) numbers instead of \(count)") }
          result.append(values)
        }
        return result
      }.value
    }
  }

  /// A plugin's own failure as an `EvaluatorError`.
  private func translating<T>(_ body: () throws -> T) throws -> T {
    do { return try body() } catch let error as PluginCallError {
      throw EvaluatorError(error.status == .unsupported ? .unsupported : .failed, "\(error)")
    }
  }
}

/// J(x, observed outputs) by a worker.
final class WorkerComposite: Composite {
  private let client: WorkerClient
  private let spec: ProblemSpec

  init(client: WorkerClient, spec: ProblemSpec) { (self.client, self.spec) = (client, spec) }

  func compose(rows: Int, x: [Double], y: inout [Double]) throws {
    y = try client.numbers(.compose, rows: rows, [x, y], answers: [y.count])[0]
  }

  func composeVJP(
    rows: Int, x: [Double], y: [Double], ybar: [Double], zbar: inout [Double], xbar: inout [Double]
  ) throws {
    let answers = try client.numbers(
      .composeVJP, rows: rows, [x, y, ybar, zbar, xbar], answers: [zbar.count, xbar.count])
    (zbar, xbar) = (answers[0], answers[1])
  }
}
