import CDMOHost
import Foundation

/// What dmo makes of the bytes that a worker sends. The first byte chooses what dmo waits for.
func fuzzProtocol(_ bytes: [UInt8]) {
  guard let first = bytes.first else { return }
  var ends: [Int32] = [-1, -1]
  precondition(dmo_socket_pair(&ends) == 0, "no sockets")
  defer { for fd in ends { close(fd) } }
  // Less than a socket holds, so that no reader is needed meanwhile.
  let sent = bytes.dropFirst().prefix(60_000)
  _ = sent.withUnsafeBytes { dmo_send(ends[0], $0.baseAddress, $0.count, 0) }
  var frames = FrameBuffer()
  while frames.receive(from: ends[1], wait: false) == .some {}
  let limit = first & 1 == 0 ? 1 << 20 : 300
  do throws(WireError) {
    while let frame = try frames.next(limit: limit) {
      precondition(frame.payload.count <= limit)
      take(frame, first >> 1)
    }
  } catch {}
}

private let session = WorkerSession(selection: PluginSelection(path: "/p.so"), settings: WorkerSettings())

private func take(_ frame: Frame, _ what: UInt8) {
  var reader = WireReader(frame.payload)
  do {
    switch what % 8 {
    case 0, 1:
      let (plugin, problem) = try session.opened(frame, instance: what % 8 == 0)
      checkDescription(plugin, problem)
    case 2:
      let result = try reader.evaluationResult(7, fuzzSpec.outputs)
      try reader.finish()
      checkResult(result)
    case 3:
      guard try reader.integer(UInt32.self) == 3 else { return }
      for id in 1...3 { checkResult(try reader.evaluationResult(UInt64(id), fuzzSpec.outputs)) }
    case 4:
      for picture in try reader.array({ r throws(WireError) in try r.artifact() }) {
        precondition(picture.y.count == picture.rows * picture.columns)
      }
    case 5:
      for point in try reader.array({ r throws(WireError) in try r.referencePoint(fuzzSpec) }) {
        precondition(point.x?.count ?? fuzzSpec.space.dimension == fuzzSpec.space.dimension)
      }
    case 6: _ = try reader.pluginError()
    default: _ = try reader.openRequest()
    }
  } catch {}
}

/// What passed the checks must be usable: encoded again it reads the same, and its spaces can be walked.
private func checkDescription(_ plugin: PluginInfo, _ problem: ProblemInfo?) {
  guard let spec = problem?.spec else { return }
  var writer = WireWriter(.done)
  writer.put(spec)
  var reader = WireReader(Array(writer.finished().dropFirst(16)))
  precondition((try? reader.problemSpec()) == spec, "a spec that was accepted does not read again as it was")
  guard spec.space.dimension < 5000 else { return }
  for i in 0..<spec.space.dimension {
    let value = spec.space.decode(0.3, at: i)
    precondition(spec.space.objection(to: value, at: i) == nil, "a decoded value is out of range")
  }
  _ = Goals(spec.outputs)
  _ = spec.outputs.labels
}

private func checkResult(_ result: EvaluationResult) {
  precondition(result.y.count == fuzzSpec.outputs.dimension)
  precondition(result.status != .ok || (result.y[0].isFinite && result.y[1].isFinite && !result.y[2].isInfinite))
  precondition(result.costSeconds.isNaN || result.costSeconds >= 0)
  precondition(!result.message.unicodeScalars.contains { $0.value < 32 && $0 != "\n" && $0 != "\t" })
}

/// One good answer of each kind.
func protocolSeeds() -> [[UInt8]] {
  var problem = ProblemInfo(
    id: "p", name: "P", summary: "", threads: .process, flags: [], options: [], extensions: [], spec: fuzzSpec,
    fidelities: [])
  problem.options = [
    ProblemOption(key: "n", kind: .int, help: "h", unit: "m", defaultText: "3", limits: 0...9),
    ProblemOption(key: "m", kind: .choice, help: "h", defaultText: "a", choices: ["a", "b"]),
  ]
  let plugin = PluginInfo(
    id: "org.example.p", name: "P", version: "1.0.0", vendor: "", license: "", url: "", abiMinor: 0, problems: [problem])
  let result = EvaluationResult(id: 7, status: .ok, y: [1, 2, 3, .nan], message: "", costSeconds: 1)
  func frame(_ what: UInt8, _ kind: Frame.Kind = .done, _ fill: (inout WireWriter) -> Void) -> [UInt8] {
    var writer = WireWriter(kind, id: 7)
    fill(&writer)
    return [what << 1] + writer.finished()
  }
  return [
    frame(0) {
      $0.put(plugin)
      $0.put(problem)
    },
    frame(1) { $0.put(plugin) },
    frame(0, .refused) { $0.put(PluginError(.badOption, path: "/p", detail: "d", hint: "h")) },
    frame(2) { $0.put(result) },
    frame(3) { $0.put([result, result, result]) { $0.put($1) } },
    frame(4) {
      $0.put([
        Artifact(
          kind: .series, id: "a", title: "t", xLabel: "x", xUnit: "s", yLabel: "y", yUnit: "V", panel: "", xLog: false,
          yLog: true, rows: 1, columns: 2, x: [1, 2], y: [3, 4])
      ]) { $0.put($1) }
    },
    frame(5) {
      $0.put([ReferencePoint(kind: .golden, note: "n", x: [0, 1, 0, 1, 1], y: nil, rtol: 0, atol: 0, seed: 0, fidelity: 0)]) {
        $0.put($1)
      }
    },
    frame(6) { $0.put(PluginError(.died, path: "", detail: "", hint: "")) },
    frame(7, .open) { $0.put(OpenRequest(path: "/p", selection: .init(problem: "a", options: ["k": "v"]), scratchFolder: "/s", threads: 1)) },
  ]
}
