import CDMO
import DMOCore

extension PluginInstance {
  /// Evaluates points of one fidelity, through `dmo.batch/1` where the plugin has it, else one by one.
  /// - Returns: one result for each request, in the order given.
  public func evaluateBatch(_ requests: [EvaluationRequest]) -> [EvaluationResult] {
    guard let batch = table.batch?.evaluate, requests.count > 1,
      requests.allSatisfy({ $0.fidelity == requests[0].fidelity }), !requests.contains(where: { refusal($0) != nil })
    else { return requests.map { evaluate($0) } }
    do throws(PluginCallError) {
      return try evaluate(requests, with: batch)
    } catch {
      return requests.map { failure($0, error.status, error.message) }
    }
  }

  /// The batch function itself, also for a single point, where `evaluateBatch` would not use it.
  /// - Throws: `PluginCallError`: there is none.
  package func probeBatch(_ requests: [EvaluationRequest]) throws(PluginCallError) -> [EvaluationResult] {
    guard let batch = table.batch?.evaluate else { throw PluginCallError(.unsupported, "the plugin has no batch") }
    return try evaluate(requests, with: batch)
  }

  private typealias BatchFunction =
    @convention(c) (
      dmo_instance?, UnsafePointer<UnsafePointer<dmo_call>?>?, UnsafePointer<UnsafeMutablePointer<dmo_result>?>?,
      UnsafeMutablePointer<dmo_status>?, Int
    ) -> dmo_status

  private func evaluate(
    _ requests: [EvaluationRequest], with batch: BatchFunction
  ) throws(PluginCallError) -> [EvaluationResult] {
    let (count, n, m) = (requests.count, spec.space.dimension, spec.outputs.dimension)
    let messageBytes = 512
    let x = try GuardedBuffer(bytes: count * n * 8, readOnly: true)
    let y = try GuardedBuffer(bytes: count * m * 8)
    let texts = try GuardedBuffer(bytes: count * messageBytes)
    let states = try GuardedBuffer(bytes: count * 4)
    // The plugin sees plain pointers; without these lines the optimiser may unmap the buffers before the call.
    defer { withExtendedLifetime((x, y, texts, states)) {} }
    let calls = UnsafeMutablePointer<dmo_call>.allocate(capacity: count)
    let results = UnsafeMutablePointer<dmo_result>.allocate(capacity: count)
    defer {
      calls.deallocate()
      results.deallocate()
    }
    let (hostX, viewX) = (x.host(Double.self, count * n), x.view(Double.self, count * n))
    let (viewY, text) = (y.view(Double.self, count * m), texts.view(CChar.self, count * messageBytes))
    let statuses = states.view(dmo_status.self, count)
    var callList: [UnsafePointer<dmo_call>?] = []
    var resultList: [UnsafeMutablePointer<dmo_result>?] = []
    for (k, request) in requests.enumerated() {
      (hostX + k * n).update(from: request.x, count: n)
      (calls + k).initialize(to: dmo_call())
      (results + k).initialize(to: dmo_result())
      fill(calls + k, request, viewX + k * n)
      fill(results + k, viewY + k * m, text + k * messageBytes, messageBytes)
      statuses[k] = dmo_status(DMO_CANCELLED)
      callList.append(calls + k)
      resultList.append(results + k)
    }
    let whole = batch(handle, callList, resultList, statuses, count)
    if whole != DMO_OK {
      return requests.map {
        collect($0, whole, viewY, intact: true, message: text, cost: .nan).ignoringOutputs
      }
    }
    let intact = y.isIntact(usedBytes: count * m * 8)
    return requests.enumerated().map { k, request in
      collect(
        request, statuses[k], viewY + k * m, intact: intact, message: text + k * messageBytes,
        cost: results[k].cost)
    }
  }

  /// Jᵀ(x) ȳ and y.
  /// - Parameters:
  ///   - request: the point, its seed and fidelity.
  ///   - ybar: shape (outputs.dimension).
  /// - Returns: x̄, shape (space.dimension), when the status is OK.
  public func vjp(_ request: EvaluationRequest, ybar: [Double]) -> (result: EvaluationResult, xbar: [Double]?) {
    derivative(request, ybar, spec.outputs.dimension, spec.space.dimension, "vjp", table.gradient?.vjp)
  }

  /// J(x) ẋ and y.
  /// - Parameters:
  ///   - request: the point, its seed and fidelity.
  ///   - xdot: shape (space.dimension).
  /// - Returns: ẏ, shape (outputs.dimension), when the status is OK.
  public func jvp(_ request: EvaluationRequest, xdot: [Double]) -> (result: EvaluationResult, ydot: [Double]?) {
    let (result, ydot) = derivative(
      request, xdot, spec.space.dimension, spec.outputs.dimension, "jvp", table.gradient?.jvp)
    return (result, ydot)
  }

  private typealias DerivativeFunction =
    @convention(c) (
      dmo_instance?, UnsafePointer<dmo_call>?, UnsafePointer<Double>?, UnsafeMutablePointer<Double>?,
      UnsafeMutablePointer<dmo_result>?
    ) -> dmo_status

  private func derivative(
    _ request: EvaluationRequest, _ direction: [Double], _ inCount: Int, _ outCount: Int, _ name: String,
    _ function: DerivativeFunction?
  ) -> (result: EvaluationResult, xbar: [Double]?) {
    if let refusal = refusal(request) { return (refusal, nil) }
    guard let function else { return (failure(request, .unsupported, "the plugin has no \(name)"), nil) }
    guard direction.count == inCount else {
      return (failure(request, .badInput, "\(name): \(direction.count) numbers for \(inCount)"), nil)
    }
    do throws(PluginCallError) {
      let (n, m) = (spec.space.dimension, spec.outputs.dimension)
      let x = try GuardedBuffer(bytes: n * 8, readOnly: true)
      let along = try GuardedBuffer(bytes: inCount * 8, readOnly: true)
      let y = try GuardedBuffer(bytes: m * 8)
      let answer = try GuardedBuffer(bytes: outCount * 8)
      defer { withExtendedLifetime((x, along, y, answer)) {} }
      x.host(Double.self, n).update(from: request.x, count: n)
      along.host(Double.self, inCount).update(from: direction, count: inCount)
      let bar = answer.view(Double.self, outCount)
      bar.update(repeating: Self.unwritten, count: outCount)
      let output = y.view(Double.self, m)
      prepare(request, x: x.view(Double.self, n), y: output)
      let status = function(handle, call, along.view(Double.self, inCount), bar, result)
      let intact = y.isIntact(usedBytes: m * 8) && answer.isIntact(usedBytes: outCount * 8)
      var result = collect(request, status, output, intact: intact)
      guard result.status == .ok else { return (result, nil) }
      let values = Array(UnsafeBufferPointer(start: bar, count: outCount))
      if let k = values.firstIndex(where: { !$0.isFinite }) {
        let unwritten = values[k].bitPattern == Self.unwritten.bitPattern
        result.status = .badOutput
        result.message = "\(name): the answer's number \(k) \(unwritten ? "was not written" : "is \(values[k])")"
        return (result, nil)
      }
      return (result, values)
    } catch {
      return (failure(request, error.status, error.message), nil)
    }
  }

  /// As `Composite.compose`. - Throws: `PluginCallError`
  public func compose(rows: Int, x: [Double], y: inout [Double]) throws(PluginCallError) {
    guard let compose = table.composite?.compose else {
      throw PluginCallError(.unsupported, "the plugin has no compose")
    }
    let (n, m) = (spec.space.dimension, spec.outputs.dimension)
    try check(rows, [(x.count, n), (y.count, m)])
    if rows == 0 { return }
    let input = try buffer(x, readOnly: true)
    let output = try buffer(y, readOnly: false)
    defer { withExtendedLifetime((input, output)) {} }
    let status = compose(handle, rows, input.view(Double.self, x.count), n, output.view(Double.self, y.count), m)
    try check(status, "compose", output.isIntact(usedBytes: y.count * 8))
    y = Array(UnsafeBufferPointer(start: output.host(Double.self, y.count), count: y.count))
  }

  /// As `Composite.composeVJP`. - Throws: `PluginCallError`
  public func composeVJP(
    rows: Int, x: [Double], y: [Double], ybar: [Double], zbar: inout [Double], xbar: inout [Double]
  ) throws(PluginCallError) {
    guard let reverse = table.composite?.compose_vjp else {
      throw PluginCallError(.unsupported, "the plugin has no compose_vjp")
    }
    let (n, m) = (spec.space.dimension, spec.outputs.dimension)
    try check(rows, [(x.count, n), (y.count, m), (ybar.count, m), (zbar.count, m), (xbar.count, n)])
    if rows == 0 { return }
    let inputs = [try buffer(x, readOnly: true), try buffer(y, readOnly: true), try buffer(ybar, readOnly: true)]
    let z = try buffer(zbar, readOnly: false)
    let direct = try buffer(xbar, readOnly: false)
    defer { withExtendedLifetime((inputs, z, direct)) {} }
    let status = reverse(
      handle, rows, inputs[0].view(Double.self, x.count), n, inputs[1].view(Double.self, y.count), m,
      inputs[2].view(Double.self, ybar.count), z.view(Double.self, zbar.count), direct.view(Double.self, xbar.count))
    let intact = z.isIntact(usedBytes: zbar.count * 8) && direct.isIntact(usedBytes: xbar.count * 8)
    try check(status, "compose_vjp", intact)
    zbar = Array(UnsafeBufferPointer(start: z.host(Double.self, zbar.count), count: zbar.count))
    xbar = Array(UnsafeBufferPointer(start: direct.host(Double.self, xbar.count), count: xbar.count))
  }

  private func check(_ rows: Int, _ shapes: [(count: Int, columns: Int)]) throws(PluginCallError) {
    if isFatal { throw PluginCallError(.fatal, "the instance is unusable since it answered FATAL") }
    for (count, columns) in shapes where rows < 0 || rows > count || count != rows * columns {
      throw PluginCallError(.badInput, "\(count) numbers are not \(rows) rows of \(columns)")
    }
  }

  func check(_ status: Int32, _ name: String, _ intact: Bool) throws(PluginCallError) {
    if !intact { throw PluginCallError(.badOutput, "\(name) wrote before the start of its buffer") }
    guard status != DMO_OK else { return }
    if status == DMO_FATAL { markFatal() }
    let known = (0...6).contains(status)
    throw PluginCallError(
      known ? EvaluationStatus(rawValue: status) : .badOutput, "\(name) answered \(EvaluationStatus(rawValue: status))")
  }

  private func buffer(_ values: [Double], readOnly: Bool) throws(PluginCallError) -> GuardedBuffer {
    let buffer = try GuardedBuffer(bytes: values.count * 8, readOnly: readOnly)
    buffer.host(Double.self, values.count).update(from: values, count: values.count)
    return buffer
  }
}

extension EvaluationResult {
  /// The same answer with nothing known.
  fileprivate var ignoringOutputs: EvaluationResult {
    var copy = self
    copy.y = Array(repeating: .nan, count: y.count)
    if copy.status.hasOutputs { copy.status = .badOutput }
    return copy
  }
}
