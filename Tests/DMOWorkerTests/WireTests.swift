import DMOCore
import DMOHost
import DMOTestSupport
import DMOWorker
import Testing

@Suite("The worker protocol")
struct WireTests {
  private let plugin: PluginInfo
  private let spec: ProblemSpec

  init() throws {
    let instance = try PluginInstance(PluginLibrary(path: Fixtures.plugin("Good/amp")))
    var plugin = instance.plugin
    plugin.problems[0] = instance.problem
    (self.plugin, spec) = (plugin, instance.spec)
  }

  private func payload(_ write: (inout WireWriter) -> Void) -> [UInt8] {
    var writer = WireWriter(.done, id: 5)
    write(&writer)
    return Array(writer.finished().dropFirst(16))
  }

  @Test("descriptions, results and pictures come back as they were sent")
  func roundTrips() throws {
    var reader = WireReader(payload { $0.put(plugin) })
    let received = try reader.pluginInfo()
    try reader.finish()
    #expect(received == plugin)

    let result = EvaluationResult(id: 5, status: .ok, y: [1, 2, 3, 4, .nan, 6, 7], costSeconds: 0.5)
    #expect(throws: WireError.self) {
      var reader = WireReader(payload { $0.put(EvaluationResult(id: 5, status: .ok, y: [.nan, 2, 3, 4, 5, 6, 7])) })
      _ = try reader.evaluationResult(5, spec.outputs)
    }
    reader = WireReader(payload { $0.put(result) })
    let answer = try reader.evaluationResult(5, spec.outputs)
    #expect(answer.y.map(\.bitPattern) == result.y.map(\.bitPattern) && answer.costSeconds == 0.5)

    let picture = Artifact(kind: .image, id: "map", rows: 2, columns: 3, x: [], y: [1, 2, 3, 4, 5, 6])
    reader = WireReader(payload { $0.put(picture) })
    let drawn = try reader.artifact()
    #expect(drawn == picture)
  }

  @Test("a frame cut anywhere is refused, never read beyond its end")
  func truncated() {
    let whole = payload { $0.put(plugin) }
    for count in 0..<whole.count {
      #expect(throws: WireError.self) {
        var reader = WireReader(Array(whole[..<count]))
        _ = try reader.pluginInfo()
      }
    }
  }

  @Test("changed bytes are refused or read, and never end this process")
  func mutated() {
    var random = Seed(1).generator
    let payloads = [payload { $0.put(plugin) }, payload { $0.put(EvaluationResult(id: 1, status: .ok, y: [1])) }]
    var refused = 0
    for round in 0..<20_000 {
      var bytes = payloads[round % payloads.count]
      for _ in 0...random.index(below: 4) {
        bytes[random.index(below: bytes.count)] = UInt8(random.index(below: 256))
      }
      var reader = WireReader(bytes)
      do throws(WireError) {
        if round % 2 == 0 {
          let info = try reader.pluginInfo()
          do throws(PluginError) { try TableChecks(path: "").check(info) } catch { refused += 1 }
        } else {
          _ = try reader.evaluationResult(1, spec.outputs)
        }
      } catch { refused += 1 }
    }
    #expect(refused > 10_000)
  }

  @Test("the constructors of values cope with whatever the codec lets through")
  func spaces() throws {
    var spec = spec
    spec.space = ParameterSpace([Parameter(id: "a", count: 4, columns: 2)])
    var reader = WireReader(payload { $0.put(spec) })
    let received = try reader.problemSpec()
    #expect(received.space.dimension == 4)
    #expect(throws: WireError.self) {
      var writer = WireWriter(.done)
      writer.put(UInt32.max)
      var reader = WireReader(Array(writer.finished().dropFirst(16)))
      _ = try reader.doubles()
    }
  }

  @Test("a picture whose size overflows is refused")
  func hugePicture() {
    var writer = WireWriter(.done)
    writer.put(UInt32(1))
    for _ in 0..<7 { writer.put("a") }
    writer.put(false)
    writer.put(false)
    writer.put(UInt32.max)
    writer.put(UInt32.max)
    writer.put([Double]())
    writer.put([Double]())
    var reader = WireReader(Array(writer.finished().dropFirst(16)))
    #expect(throws: WireError.self) { try reader.artifact() }
  }
}
