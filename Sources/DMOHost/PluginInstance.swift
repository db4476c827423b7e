import CDMO
import DMOCore

/// One instance of a plugin's problem, and all calls to it.
///
/// Not safe for threads, and, as `DMO_THREADS_PROCESS` asks, to be used from the thread that made it. Whatever is
/// handed to the plugin lies in guarded memory; whatever comes back is checked.
public final class PluginInstance {
  public let plugin: PluginInfo
  /// With the spec that this instance has.
  public let problem: ProblemInfo
  public let spec: ProblemSpec
  /// Whether the plugin said FATAL: no call may follow.
  public private(set) var isFatal = false
  /// Ranks of MPI that may evaluate together; nil: the problem does not offer `dmo.mpi/1`.
  public var mostRanks: Int? { table.mostRanks }

  let table: PluginLibrary.ProblemTable
  let handle: dmo_instance?
  let hooks: CallHooks
  let mayBeNaN: [Bool]
  let call: UnsafeMutablePointer<dmo_call>
  let result: UnsafeMutablePointer<dmo_result>
  let message: GuardedBuffer
  private let x: GuardedBuffer
  private let y: GuardedBuffer

  /// Bytes that a plugin's message may have, the NUL included.
  static let messageBytes = 4096
  /// A quiet NaN of the host's own in y, so that "not written" differs from "wrote NaN".
  static let unwritten = Double(bitPattern: 0x7FF8_646D_6F00_A5C3)

  /// Makes an instance.
  /// - Parameters:
  ///   - library: the opened plugin.
  ///   - problemID: nil: the plugin's first problem.
  ///   - options: texts by key; checked against the problem's table.
  ///   - settings: what the host offers.
  ///   - cancelFlag: a byte that another thread or process sets to stop a call; it must outlive the instance.
  ///   - progress: called from any thread with the evaluation's id and the share done.
  /// - Throws: `PluginError`: unknown problem or option, a bad value, `create()` refused, the spec breaks a rule.
  public init(
    _ library: PluginLibrary, problem problemID: String? = nil, options: [String: String] = [:],
    host settings: HostSettings = HostSettings(), cancelFlag: UnsafePointer<UInt8>? = nil,
    progress: (@Sendable (UInt64, Double) -> Void)? = nil
  ) throws(PluginError) {
    let index = try library.info.index(ofProblem: problemID, path: library.path)
    var problem = library.info.problems[index]
    let texts = try problem.optionTexts(options, path: library.path)
    let table = library.problems[index]
    let handle = try Self.create(table.problem, texts, settings, library.path, problem.id)
    do throws(PluginError) {
      if let describe = table.problem.describe {
        let reader = TableReader(path: library.path, place: ["problem \(problem.id)", "describe()"])
        let spec = try reader.spec(describe(handle))
        try TableChecks(path: library.path).check(spec, "problem \(problem.id)")
        problem.spec = spec
      }
      guard let spec = problem.spec else {
        throw PluginError(.badTable, path: library.path, detail: "problem \(problem.id): there is no spec")
      }
      do throws(PluginCallError) {
        x = try GuardedBuffer(bytes: spec.space.dimension * 8, readOnly: true)
        y = try GuardedBuffer(bytes: spec.outputs.dimension * 8)
        message = try GuardedBuffer(bytes: Self.messageBytes)
      } catch {
        throw PluginError(.createFailed, path: library.path, detail: error.message)
      }
      self.spec = spec
    } catch {
      table.problem.destroy?(handle)
      throw error
    }
    (plugin, self.problem, self.table, self.handle) = (library.info, problem, table, handle)
    hooks = CallHooks(flag: cancelFlag, progress: progress)
    mayBeNaN = spec.outputs.outputs.flatMap { Array(repeating: $0.mayBeNaN, count: $0.width) }
    call = .allocate(capacity: 1)
    call.initialize(to: dmo_call())
    result = .allocate(capacity: 1)
    result.initialize(to: dmo_result())
  }

  deinit {
    table.problem.destroy?(handle)
    call.deallocate()
    result.deallocate()
  }

  private static func create(
    _ problem: dmo_problem, _ texts: [String?], _ settings: HostSettings, _ path: String, _ id: String
  ) throws(PluginError) -> dmo_instance? {
    guard let create = problem.create else { return nil }
    let copies = texts.map { $0.map { CString($0) } }
    var list = copies.map { $0.map { UnsafePointer($0.address) } }
    list.append(nil)
    var handle: dmo_instance?
    let buffer: GuardedBuffer
    do { buffer = try GuardedBuffer(bytes: messageBytes) } catch {
      throw PluginError(.createFailed, path: path, detail: error.message)
    }
    let data = buffer.view(CChar.self, messageBytes)
    data.update(repeating: 0, count: messageBytes)
    // The plugin sees plain pointers; without this the optimiser may free what they point to before the call.
    defer { withExtendedLifetime((copies, buffer)) {} }
    var error = dmo_text(data: data, capacity: messageBytes)
    let status = list.withUnsafeBufferPointer {
      create(HostTable.make(settings), $0.baseAddress, &handle, &error)
    }
    if status == DMO_OK { return handle }
    let said = HostTable.text(data, capacity: messageBytes)
    throw PluginError(
      .createFailed, path: path,
      detail: "problem \(id): create() answered \(EvaluationStatus(rawValue: status))"
        + (said.isEmpty ? " without saying why" : ": \(TableChecks.readable(said))"),
      hint: "check the options given with --set")
  }

  func markFatal() { isFatal = true }

  // MARK: - One call

  /// Fills the call and result structures.
  func prepare(_ request: EvaluationRequest, x: UnsafePointer<Double>, y: UnsafeMutablePointer<Double>) {
    fill(call, request, x)
    fill(result, y, message.view(CChar.self, Self.messageBytes), Self.messageBytes)
  }

  func fill(_ call: UnsafeMutablePointer<dmo_call>, _ request: EvaluationRequest, _ x: UnsafePointer<Double>) {
    call.pointee.struct_size = UInt32(MemoryLayout<dmo_call>.size)
    call.pointee.fidelity = request.fidelity
    call.pointee.eval_id = request.id
    call.pointee.seed = request.seed
    call.pointee.x = x
    call.pointee.x_count = spec.space.dimension
    call.pointee.cancelled = CallHooks.cancelled
    call.pointee.progress = CallHooks.report
    call.pointee.host_data = Unmanaged.passUnretained(hooks).toOpaque()
  }

  func fill(
    _ result: UnsafeMutablePointer<dmo_result>, _ y: UnsafeMutablePointer<Double>,
    _ message: UnsafeMutablePointer<CChar>, _ capacity: Int
  ) {
    y.update(repeating: Self.unwritten, count: spec.outputs.dimension)
    message[0] = 0
    result.pointee.struct_size = UInt32(MemoryLayout<dmo_result>.size)
    result.pointee.reserved = 0
    result.pointee.y = y
    result.pointee.y_count = spec.outputs.dimension
    result.pointee.message = dmo_text(data: message, capacity: capacity)
    result.pointee.cost = .nan
  }

  /// Why a request cannot be handed to the plugin, or nil.
  func refusal(_ request: EvaluationRequest) -> EvaluationResult? {
    if isFatal { return failure(request, .fatal, "the instance is unusable since it answered FATAL") }
    if request.x.count != spec.space.dimension {
      return failure(
        request, .badInput, "x has \(request.x.count) numbers; the problem has \(spec.space.dimension) parameters")
    }
    if request.fidelity != 0 && Int(request.fidelity) >= max(1, problem.fidelities.count) {
      return failure(
        request, .unsupported, "fidelity \(request.fidelity): there are \(max(1, problem.fidelities.count)) levels")
    }
    return nil
  }

  func failure(_ request: EvaluationRequest, _ status: EvaluationStatus, _ message: String) -> EvaluationResult {
    EvaluationResult(
      id: request.id, status: status, y: Array(repeating: .nan, count: spec.outputs.dimension), message: message)
  }

  /// Evaluates one point.
  /// - Returns: the plugin's status, or BAD_INPUT, UNSUPPORTED or FATAL without a call, or `badOutput` when the plugin
  ///   broke its promises. The wall time is not measured here.
  /// - Complexity: the plugin's, and O(parameters + outputs).
  public func evaluate(_ request: EvaluationRequest) -> EvaluationResult {
    if let refusal = refusal(request) { return refusal }
    let n = spec.space.dimension
    x.host(Double.self, n).update(from: request.x, count: n)
    let output = y.view(Double.self, spec.outputs.dimension)
    prepare(request, x: x.view(Double.self, n), y: output)
    guard let evaluate = table.problem.evaluate else { return failure(request, .unsupported, "no evaluate()") }
    let status = evaluate(handle, call, result)
    return collect(request, status, output, intact: y.isIntact(usedBytes: spec.outputs.dimension * 8))
  }

  /// Reads what a call left behind, and holds it to the rules of `dmo.h`.
  func collect(
    _ request: EvaluationRequest, _ raw: Int32, _ output: UnsafePointer<Double>, intact: Bool,
    message text: UnsafePointer<CChar>? = nil, cost: Double? = nil
  ) -> EvaluationResult {
    let status = EvaluationStatus(rawValue: raw)
    var y = Array(UnsafeBufferPointer(start: output, count: spec.outputs.dimension))
    let cost = cost ?? result.pointee.cost
    if let problem = violation(raw, y, intact) {
      for k in y.indices where y[k].bitPattern == Self.unwritten.bitPattern { y[k] = .nan }
      return EvaluationResult(id: request.id, status: .badOutput, y: y, message: problem, costSeconds: cost)
    }
    if status == .infeasible {
      for k in y.indices where !y[k].isFinite { y[k] = .nan }
    } else if status != .ok {
      y = Array(repeating: .nan, count: y.count)
    }
    if status == .fatal { markFatal() }
    let data = text ?? UnsafePointer(message.view(CChar.self, Self.messageBytes))
    return EvaluationResult(
      id: request.id, status: status, y: y,
      message: status == .ok ? "" : TableChecks.readable(HostTable.text(data, capacity: Self.messageBytes)),
      costSeconds: cost.isFinite && cost >= 0 ? cost : .nan)
  }

  /// Which rule an answer breaks, in words, or nil.
  private func violation(_ status: Int32, _ y: [Double], _ intact: Bool) -> String? {
    if !intact { return "the plugin wrote before the start of its output buffer" }
    if status < 0 || status > 6 { return "the plugin answered the status \(status); dmo.h defines 0 to 6" }
    if status != DMO_OK { return nil }
    for k in y.indices where !y[k].isFinite {
      if y[k].bitPattern == Self.unwritten.bitPattern {
        return "the status is OK, but the output \(spec.outputs.labels[k]) was not written"
      }
      if y[k].isInfinite || !mayBeNaN[k] {
        return "the status is OK, but the output \(spec.outputs.labels[k]) is \(y[k])"
      }
    }
    return nil
  }
}

/// A C string that lives as long as this object.
final class CString {
  let address: UnsafeMutablePointer<CChar>

  init(_ text: String) {
    let bytes = text.utf8CString
    address = .allocate(capacity: bytes.count)
    bytes.withUnsafeBufferPointer { source in
      if let base = source.baseAddress { address.initialize(from: base, count: source.count) }
    }
  }

  deinit { address.deallocate() }
}
