import CDMO
import DMOCore

extension PluginInstance {
  /// What a person would look at, for one point.
  /// - Throws: `PluginCallError`: the plugin draws nothing, failed, or handed over a broken picture.
  public func draw(_ request: EvaluationRequest) throws(PluginCallError) -> [Artifact] {
    if let refusal = refusal(request) { throw PluginCallError(refusal.status, refusal.message) }
    guard let draw = table.artifacts?.draw else { throw PluginCallError(.unsupported, "the plugin draws nothing") }
    let n = spec.space.dimension
    let x = try GuardedBuffer(bytes: n * 8, readOnly: true)
    defer { withExtendedLifetime(x) {} }
    x.host(Double.self, n).update(from: request.x, count: n)
    fill(call, request, x.view(Double.self, n))
    let text = message.view(CChar.self, Self.messageBytes)
    text.update(repeating: 0, count: Self.messageBytes)
    var error = dmo_text(data: text, capacity: Self.messageBytes)
    let sink = ArtifactSink()
    let status = draw(
      handle, call,
      { sink, artifact in
        guard let sink else { return }
        Unmanaged<ArtifactSink>.fromOpaque(sink).takeUnretainedValue().take(artifact)
      }, Unmanaged.passUnretained(sink).toOpaque(), &error)
    if let failure = sink.failure { throw PluginCallError(.badOutput, "draw: \(failure)") }
    let said = TableChecks.readable(HostTable.text(text, capacity: Self.messageBytes))
    if status != DMO_OK && !said.isEmpty {
      if status == DMO_FATAL { markFatal() }
      throw PluginCallError((0...6).contains(status) ? EvaluationStatus(rawValue: status) : .badOutput, said)
    }
    try check(status, "draw", true)
    return sink.artifacts
  }

  /// The points that the plugin's author vouches for; empty without `dmo.reference/1`.
  /// - Throws: `PluginError.Code.badTable`
  public func referencePoints() throws(PluginError) -> [ReferencePoint] {
    guard let points = table.reference?.points else { return [] }
    let reader = TableReader(path: plugin.id, place: ["problem \(problem.id)", "dmo.reference/1"])
    var list: UnsafePointer<UnsafePointer<dmo_reference_point>?>?
    let count = points(handle, &list)
    guard count <= TableLimits.rows else { throw reader.error("\(count) points; at most \(TableLimits.rows)") }
    var result: [ReferencePoint] = []
    for index in 0..<count {
      guard let list else { throw reader.error("the table of points is NULL") }
      result.append(try point(UnsafeRawPointer(list[index]), reader.at("point \(index)")))
    }
    return result
  }

  private func point(_ address: UnsafeRawPointer?, _ reader: TableReader) throws(PluginError) -> ReferencePoint {
    let p = try reader.table(address, dmo_reference_point.self, minimum: 64, "dmo_reference_point")
    guard let kind = ReferencePoint.Kind(rawValue: p.kind) else {
      throw reader.error("kind is \(p.kind); dmo.h defines 0 to 7")
    }
    let x = p.x.map { Array(UnsafeBufferPointer(start: $0, count: spec.space.dimension)) }
    let y = p.y.map { Array(UnsafeBufferPointer(start: $0, count: spec.outputs.dimension)) }
    if x == nil && kind.rawValue < ReferencePoint.Kind.ideal.rawValue { throw reader.error("x is NULL") }
    if x == nil && y == nil { throw reader.error("x and y are both NULL") }
    if let bad = x?.first(where: { !$0.isFinite }) { throw reader.error("x has \(bad)") }
    guard p.rtol >= 0, p.atol >= 0, p.rtol.isFinite, p.atol.isFinite else { throw reader.error("rtol or atol") }
    return ReferencePoint(
      kind: kind, note: TableChecks.readable(try reader.text(p.note, "note")), x: x, y: y, rtol: p.rtol,
      atol: p.atol, seed: p.seed, fidelity: p.fidelity)
  }
}

/// Collects what a plugin emits during one `draw`, in the thread that draws.
private final class ArtifactSink {
  var artifacts: [Artifact] = []
  var failure: String?
  private var numbers = 0

  func take(_ address: UnsafePointer<dmo_artifact>?) {
    if failure != nil { return }
    do throws(PluginError) { artifacts.append(try read(address)) } catch { failure = error.detail }
  }

  private func read(_ address: UnsafePointer<dmo_artifact>?) throws(PluginError) -> Artifact {
    let reader = TableReader(path: "", place: ["picture \(artifacts.count)"])
    let a = try reader.table(UnsafeRawPointer(address), dmo_artifact.self, minimum: 96, "dmo_artifact")
    guard artifacts.count < TableLimits.artifacts else { throw reader.error("too many pictures") }
    guard let kind = Artifact.Kind(rawValue: a.kind) else { throw reader.error("kind is \(a.kind)") }
    let (rows, columns) = (Int(a.rows), Int(a.columns))
    let size = rows * columns
    numbers += size
    guard size > 0, numbers <= TableLimits.artifactNumbers, kind == .image || rows == 1 else {
      throw reader.error("\(rows) rows of \(columns) numbers")
    }
    guard let y = a.y, a.x != nil || kind == .image else { throw reader.error("x or y is NULL") }
    func text(_ p: UnsafePointer<CChar>?, _ field: String) throws(PluginError) -> String {
      TableChecks.readable(try reader.text(p, field))
    }
    return Artifact(
      kind: kind, id: try text(a.id, "id"), title: try text(a.title, "title"), xLabel: try text(a.x_label, "x_label"),
      xUnit: try text(a.x_unit, "x_unit"), yLabel: try text(a.y_label, "y_label"), yUnit: try text(a.y_unit, "y_unit"),
      panel: try text(a.panel, "panel"), xLog: a.x_log != 0, yLog: a.y_log != 0, rows: rows, columns: columns,
      x: a.x.map { kind == .image ? [] : Array(UnsafeBufferPointer(start: $0, count: columns)) } ?? [],
      y: Array(UnsafeBufferPointer(start: y, count: size)))
  }
}
