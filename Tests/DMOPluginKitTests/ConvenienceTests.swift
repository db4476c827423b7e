import DMOPluginKit
import PluginTestSupport
import Testing

/// Blocks of every kind, an option that is an enum, a cost of its own, a batch through keys.
private final class Blocks: Simulator, BatchSimulator {
  enum Corner: String, CaseIterable { case slow, fast }
  enum Metal: String, CaseIterable { case steel, copper, gold }
  static let about = About(
    id: "blocks", name: "Blocks",
    options: [.choice("corner", help: "process", of: Corner.self, default: .fast)])
  static let preferredBatchSize = 0

  let counts: BlockKey, switches: BlockKey, metal: ChoiceKey<Metal>, sum: OutputKey, on: OutputKey
  let corner: Corner

  init(_ declare: inout Declaration, options: Options, host: Host) throws {
    counts = declare.integers("counts", count: 4, columns: 2, in: 1...9, initial: 3)
    switches = declare.booleans("switches", count: 2)
    metal = declare.categorical("metal", of: Metal.self, initial: .gold)
    sum = declare.minimize("sum")
    on = declare.observe("on")
    corner = try options.choice("corner", as: Corner.self)
  }

  func evaluate(_ point: Evaluation) throws {
    if point.isCancelled { throw CancellationError() }
    point[sum] = point[counts].reduce(0, +) * (corner == .fast ? 1 : 2)
    point[on] = point[switches].reduce(0, +)
    point.cost = 1.5
  }

  func evaluate(_ batch: Batch) throws {
    for i in 0..<batch.count {
      do {
        try evaluate(batch[i])
        batch.succeed(at: i)
      } catch {
        batch.fail(at: i, error)
      }
    }
  }
}

private let plugin = Plugin(id: "org.example.blocks", name: "Blocks", version: "1.0.0", problems: [Problem(Blocks.self)])
private let point: [Double] = [1, 2, 3, 4, 1, 0, 2]

@Suite("what spares an author work")
struct ConvenienceTests {
  @Test("blocks of whole numbers and of switches are declared and checked as such")
  func blocks() throws {
    let problem = try LoadedProblem(plugin.export(nil), "blocks")
    let table = problem.parameters
    #expect(table.map { Int($0.kind) } == [DMO_INTEGER, DMO_BOOLEAN, DMO_CATEGORICAL])
    #expect(table.map(\.count) == [4, 2, 0] && table[0].columns == 2)
    #expect(table[0].has_initial == 1 && table[0].initial == 3 && table[1].has_initial == 0)
    #expect(table[2].has_initial == 1 && table[2].initial == 2)
    #expect(problem.evaluate(point).y == [10, 1])
    for (i, bad) in [(1, 2.5), (0, 10), (4, 0.5), (5, 2)] {
      var x = point
      x[i] = bad
      #expect(problem.evaluate(x).status == DMO_BAD_INPUT, "x[\(i)] = \(bad)")
    }
  }

  @Test("an option may be an enum")
  func choice() throws {
    #expect(try LoadedProblem(plugin.export(nil), "blocks", options: ["corner": "slow"]).evaluate(point).y[0] == 20)
    #expect(throws: LoadedProblem.CreateError(status: 4, message: "option corner: 'odd' is none of slow, fast")) {
      try LoadedProblem(plugin.export(nil), "blocks", options: ["corner": "odd"])
    }
    let table = try #require(LoadedProblem.problems(plugin.export(nil)).first)
    let option = try #require(table.options?[0])
    #expect(text(option.default_text) == "fast" && text(option.choices?[0]) == "slow" && option.choices?[2] == nil)
  }

  @Test("a simulator tells its own cost, and Swift's own cancellation is the host's")
  func costAndCancellation() throws {
    let problem = try LoadedProblem(plugin.export(nil), "blocks")
    var cost = Double.nan
    let answer = problem.call(point) { call, result in
      defer { cost = result.pointee.cost }
      return problem.table.evaluate(problem.instance, call, result)
    }
    #expect(answer.status == DMO_OK && cost == 1.5)
    let stopped = problem.evaluate(point, isCancelled: true)
    #expect(stopped.status == DMO_CANCELLED && stopped.message == "cancelled by the host")
  }

  @Test("a batch's points are read and written through keys")
  func batch() throws {
    let problem = try LoadedProblem(plugin.export(nil), "blocks")
    let batch = try #require(problem.extension(DMO_EXT_BATCH, as: dmo_batch.self))
    let single = problem.call(point) { call, result in
      var calls: [UnsafePointer<dmo_call>?] = [call]
      var results: [UnsafeMutablePointer<dmo_result>?] = [result]
      var status = dmo_status(DMO_CANCELLED)
      #expect(batch.evaluate(problem.instance, &calls, &results, &status, 1) == DMO_OK)
      return status
    }
    #expect(single.status == DMO_OK && single.y == [10, 1])
  }

  @Test("a trial runs a simulator without a host")
  func trial() throws {
    let trial = try Trial(Blocks.self, options: ["corner": "slow"])
    #expect(try trial.evaluate(point) == [20, 1])
    #expect(throws: CancellationError.self) { try trial.evaluate(point, isCancelled: true) }
    #expect(throws: BadInput.self) { try trial.evaluate([1, 2]) }
    #expect(throws: BadInput.self) { try Trial(Blocks.self, options: ["corner": "odd"]) }
    let series = try Trial(Series.self)
    #expect(try series.evaluate([0.5], fidelity: 1) == [1.875])
    #expect(throws: Unsupported.self) { try series.evaluate([0.5], fidelity: 2) }
  }

  @Test("the host's abilities are asked for by id")
  func hostExtension() {
    #expect(Host(nil).extension("org.example.licences/1") == nil)
    var table = dmo_host()
    table.struct_size = UInt32(MemoryLayout<dmo_host>.size)
    table.extension = { host, id in text(id) == "org.example.licences/1" ? UnsafeRawPointer(host) : nil }
    withUnsafePointer(to: &table) { table in
      #expect(Host(table).extension("org.example.licences/1") == UnsafeRawPointer(table))
      #expect(Host(table).extension("org.example.nothing/1") == nil)
    }
  }

    @Test("a reference point of the wrong size ends the worker with its note, before a host can read past its end")
    func shortReference() async {
      await #expect(processExitsWith: .failure) {
        let plugin = Plugin(id: "org.example.short", name: "Short", version: "1.0.0", problems: [Problem(Short.self)])
        _ = try LoadedProblem(plugin.export(nil), "short").references(DMO_REF_GOLDEN)
      }
    }
}

private struct Short: Simulator, ReferenceSimulator {
  static let about = About(id: "short", name: "Short")
  init(_ declare: inout Declaration, options: Options, host: Host) throws {
    _ = declare.real("a", in: 0...1)
    _ = declare.real("b", in: 0...1)
    _ = declare.minimize("f")
  }
  func evaluate(_ point: Evaluation) throws { point.y[0] = point.x[0] }
  func references() -> [ReferencePoint] { [ReferencePoint(.golden, note: "too short", x: [1], y: [1])] }
}
