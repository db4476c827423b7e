import DMOCore
import DMOHost

/// What a worker is asked to open.
struct OpenRequest: Equatable {
  var path: String
  /// Nil: read the tables only; else make an instance, too.
  var selection: Instance?
  var scratchFolder: String
  var threads: Int
  var limits = WorkerLimits()

  struct Instance: Equatable {
    var problem: String?
    var options: [String: String]
  }
}

extension WireWriter {
  mutating func put(_ request: OpenRequest) {
    put(request.path)
    put(request.selection) { w, instance in
      w.put(instance.problem) { $0.put($1) }
      w.put(instance.options.sorted { $0.key < $1.key }) {
        $0.put($1.key)
        $0.put($1.value)
      }
    }
    put(request.scratchFolder)
    put(UInt32(clamping: request.threads))
    put(request.limits.memoryBytes.map(UInt64.init(clamping:)) ?? 0)
    put(request.limits.cpuSeconds ?? 0)
    put(request.limits.isSandboxed)
  }

  package mutating func put(_ request: EvaluationRequest) {
    put(request.id)
    put(request.seed)
    put(request.fidelity)
    put(request.x)
  }

  /// Without the id, the wall time and what was printed: the receiver knows them better.
  package mutating func put(_ result: EvaluationResult) {
    put(result.status.rawValue)
    put(result.costSeconds)
    put(result.message)
    put(result.y)
  }

  package mutating func put(_ a: Artifact) {
    put(a.kind.rawValue)
    for text in [a.id, a.title, a.xLabel, a.xUnit, a.yLabel, a.yUnit, a.panel] { put(text) }
    put(a.xLog)
    put(a.yLog)
    put(UInt32(a.rows))
    put(UInt32(a.columns))
    put(a.x)
    put(a.y)
  }

  package mutating func put(_ p: ReferencePoint) {
    put(p.kind.rawValue)
    put(p.note)
    put(p.x) { $0.put($1) }
    put(p.y) { $0.put($1) }
    put(p.rtol)
    put(p.atol)
    put(p.seed)
    put(p.fidelity)
  }
}

extension WireReader {
  mutating func openRequest() throws(WireError) -> OpenRequest {
    let path = try text()
    let selection = try optional { r throws(WireError) -> OpenRequest.Instance in
      let problem = try r.optional { r throws(WireError) in try r.text() }
      let pairs = try r.array { r throws(WireError) -> (String, String) in (try r.text(), try r.text()) }
      return OpenRequest.Instance(problem: problem, options: Dictionary(pairs, uniquingKeysWith: { $1 }))
    }
    var request = OpenRequest(
      path: path, selection: selection, scratchFolder: try text(), threads: Int(try integer(UInt32.self)))
    let (memory, cpu) = (try integer(UInt64.self), try double())
    request.limits.memoryBytes = memory > 0 ? Int(clamping: memory) : nil
    request.limits.cpuSeconds = cpu > 0 ? cpu : nil
    request.limits.isSandboxed = try bool()
    return request
  }

  package mutating func evaluationRequest() throws(WireError) -> EvaluationRequest {
    let (id, seed, fidelity) = (try integer(UInt64.self), try integer(UInt64.self), try integer(UInt32.self))
    return EvaluationRequest(id: id, x: try doubles(), seed: seed, fidelity: fidelity)
  }

  /// A result as the problem's rules allow it: a worker is not believed more than a plugin.
  /// - Parameter isHosts: dmo itself answers, on another rank: it may also tell of time limits and crashes.
  package mutating func evaluationResult(
    _ id: UInt64, _ outputs: OutputSpace, isHosts: Bool = false
  ) throws(WireError) -> EvaluationResult {
    let status = EvaluationStatus(rawValue: try integer(Int32.self))
    guard (0...6).contains(status.rawValue) || status == .badOutput || isHosts && [.timedOut, .crashed].contains(status)
    else { throw WireError("the status \(status)") }
    let cost = try double()
    let message = TableChecks.readable(try text(limit: 1 << 16))
    let y = try doubles()
    guard y.count == outputs.dimension else { throw WireError("\(y.count) outputs instead of \(outputs.dimension)") }
    if status == .ok {
      for (o, start) in zip(outputs.outputs, outputs.offsets) {
        for value in y[start..<start + o.width] where !(value.isFinite || (value.isNaN && o.mayBeNaN)) {
          throw WireError("the status is OK, but \(o.id) is \(value)")
        }
      }
    }
    return EvaluationResult(
      id: id, status: status, y: y, message: message, costSeconds: cost.isFinite && cost >= 0 ? cost : .nan)
  }

  package mutating func artifact() throws(WireError) -> Artifact {
    guard let kind = Artifact.Kind(rawValue: try integer(UInt32.self)) else { throw WireError("a picture's kind") }
    var texts: [String] = []
    for _ in 0..<7 { texts.append(TableChecks.readable(try text())) }
    let (xLog, yLog) = (try bool(), try bool())
    let (rows, columns) = (Int(try integer(UInt32.self)), Int(try integer(UInt32.self)))
    let (x, y) = (try doubles(), try doubles())
    // Two 32-bit numbers may multiply to more than an Int holds.
    let (size, isTooLarge) = rows.multipliedReportingOverflow(by: columns)
    guard !isTooLarge, size == y.count, x.count == (kind == .image ? 0 : columns), kind == .image || rows == 1 else {
      throw WireError("a picture of \(rows) × \(columns) with \(x.count) and \(y.count) numbers")
    }
    return Artifact(
      kind: kind, id: texts[0], title: texts[1], xLabel: texts[2], xUnit: texts[3], yLabel: texts[4], yUnit: texts[5],
      panel: texts[6], xLog: xLog, yLog: yLog, rows: rows, columns: columns, x: x, y: y)
  }

  package mutating func referencePoint(_ spec: ProblemSpec) throws(WireError) -> ReferencePoint {
    guard let kind = ReferencePoint.Kind(rawValue: try integer(UInt32.self)) else { throw WireError("a point's kind") }
    let note = TableChecks.readable(try text())
    let x = try optional { r throws(WireError) in try r.doubles() }
    let y = try optional { r throws(WireError) in try r.doubles() }
    guard x?.count ?? spec.space.dimension == spec.space.dimension,
      y?.count ?? spec.outputs.dimension == spec.outputs.dimension
    else { throw WireError("a reference point of the wrong size") }
    return ReferencePoint(
      kind: kind, note: note, x: x, y: y, rtol: try double(), atol: try double(), seed: try integer(UInt64.self),
      fidelity: try integer(UInt32.self))
  }
}
