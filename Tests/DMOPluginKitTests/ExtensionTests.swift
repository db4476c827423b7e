import DMOPluginKit
import PluginTestSupport
import Testing

@Suite("the extensions")
struct ExtensionTests {
  let problem: LoadedProblem
  init() throws { problem = try LoadedProblem(toys.export(nil), "extended") }

  @Test("vjp and jvp are each other's transpose, agree with differences, and give the outputs")
  func gradient() throws {
    let gradient = try #require(problem.extension(DMO_EXT_GRADIENT, as: dmo_gradient.self))
    let (x, ybar, xdot) = ([0.7, -1.3], [0.3, -2, 0.5], [1.1, 0.4])
    var xbar = [9.0, 9.0]
    var ydot = [0.0, 0, 0]
    let back = problem.call(x) { gradient.vjp(problem.instance, $0, ybar, &xbar, $1) }
    let forth = problem.call(x) { gradient.jvp(problem.instance, $0, xdot, &ydot, $1) }
    #expect(back.status == DMO_OK && back == forth && back == problem.evaluate(x))
    let inner = zip(ybar, ydot).reduce(0) { $0 + $1.0 * $1.1 }
    #expect(abs(zip(xbar, xdot).reduce(0) { $0 + $1.0 * $1.1 } - inner) < 1e-14)
    let h = 1e-6  // central differences: error h² and ε/h
    let (up, down) = (
      problem.evaluate(zip(x, xdot).map { $0 + h * $1 }).y, problem.evaluate(zip(x, xdot).map { $0 - h * $1 }).y
    )
    for i in 0..<3 { #expect(abs((up[i] - down[i]) / (2 * h) - ydot[i]) < 1e-8) }
    let outside = problem.call([3, 0]) { gradient.vjp(problem.instance, $0, ybar, &xbar, $1) }
    #expect(outside.status == DMO_BAD_INPUT)
  }

  @Test("a batch gives the single answers, and one infeasible point does not spoil the others", arguments: [1, 2, 17])
  func batch(count: Int) throws {
    let batch = try #require(problem.extension(DMO_EXT_BATCH, as: dmo_batch.self))
    var x = (0..<2 * count).map { 0.1 * Double($0 % 13) - 0.6 }
    if count > 1 { x[2] = 2 }
    var y = Array(repeating: Double.nan, count: 3 * count)
    var statuses = Array(repeating: dmo_status(DMO_CANCELLED), count: count)
    var messages = Array(repeating: CChar(0), count: 32 * count)
    let status = x.withUnsafeBufferPointer { x in
      y.withUnsafeMutableBufferPointer { y in
        messages.withUnsafeMutableBufferPointer { messages in
          var calls: [dmo_call] = []
          var results: [dmo_result] = []
          for i in 0..<count {
            var call = dmo_call()
            (call.struct_size, call.x, call.x_count) = (64, x.baseAddress.map { $0 + 2 * i }, 2)
            calls.append(call)
            var result = dmo_result()
            (result.struct_size, result.y, result.y_count) = (48, y.baseAddress.map { $0 + 3 * i }, 3)
            result.message = dmo_text(data: messages.baseAddress.map { $0 + 32 * i }, capacity: 32)
            results.append(result)
          }
          return calls.withUnsafeBufferPointer { calls in
            results.withUnsafeMutableBufferPointer { results in
              let callRows = calls.indices.map { i in calls.baseAddress.map { $0 + i } }
              let resultRows = results.indices.map { i in results.baseAddress.map { $0 + i } }
              return batch.evaluate(problem.instance, callRows, resultRows, &statuses, count)
            }
          }
        }
      }
    }
    #expect(status == DMO_OK)
    for i in 0..<count {
      let single = problem.evaluate(Array(x[2 * i..<2 * i + 2]))
      #expect(statuses[i] == single.status, "point \(i)")
      if single.status == DMO_OK { #expect(Array(y[3 * i..<3 * i + 3]) == single.y, "point \(i)") }
      let message = messages[32 * i..<32 * i + 32].prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
      #expect(String(decoding: message, as: UTF8.self) == single.message)
    }
  }

  @Test("compose reproduces goals and bounds from the observed numbers, compose_vjp its derivative")
  func composite() throws {
    let composite = try #require(problem.extension(DMO_EXT_COMPOSITE, as: dmo_composite.self))
    let x = [0.7, -1.3, -0.2, 1.9]
    let truth = [problem.evaluate([0.7, -1.3]).y, problem.evaluate([-0.2, 1.9]).y]
    var y = [9, 9, truth[0][2], 9, 9, truth[1][2]]
    #expect(composite.compose(problem.instance, 2, x, 2, &y, 3) == DMO_OK)
    #expect(y == truth[0] + truth[1])
    var (zbar, xbar) = ([0.0, 0, 1, 0, 0, 0], [1.0, 0, 0, 0])
    let ybar = [1.0, 2, 7, 3, 4, 7]
    #expect(composite.compose_vjp(problem.instance, 2, x, 2, y, 3, ybar, &zbar, &xbar) == DMO_OK)
    #expect(zbar == [0, 0, 1 + 2 * y[2] + 2, 0, 0, 6 * y[5] + 4] && xbar == [2, -2, 3, -4])
    #expect(composite.compose(problem.instance, 2, x, 3, &y, 3) == DMO_BAD_INPUT)
  }

  @Test("reference points keep their x, y and tolerance, and live as long as the instance")
  func references() throws {
    let golden = try #require(problem.references(DMO_REF_GOLDEN).first)
    #expect(golden.x == [1, 2] && golden.y == [5, 0, 2])
    #expect(problem.evaluate([1, 2]).y == golden.y)
    let ideal = try #require(problem.references(DMO_REF_IDEAL).first)
    #expect(ideal.x == nil && ideal.y?[0] == 0 && ideal.y?[1].isNaN == true)
  }

  @Test("fidelities are listed once, and an evaluation uses the one it is given")
  func fidelity() throws {
    let series = try LoadedProblem(toys.export(nil), "series")
    let table = try #require(series.extension(DMO_EXT_FIDELITY, as: dmo_fidelity.self))
    #expect(series.table.extension(DMO_EXT_FIDELITY) == series.table.extension(DMO_EXT_FIDELITY))
    let levels = Array(UnsafeBufferPointer(start: table.levels, count: Int(table.level_count)))
    #expect(levels.map { text($0.id) } == ["fine", "coarse"] && levels.map { $0.relative_cost } == [1, 0.1])
    #expect(table.level_size == 24)
    #expect(series.evaluate([0.5], fidelity: 0).y[0] == 2 - 0x1p-39)
    #expect(series.evaluate([0.5], fidelity: 1).y[0] == 1.875)
    let none = series.evaluate([0.5], fidelity: 2)
    #expect(none.status == DMO_UNSUPPORTED && none.message == "fidelity 2: this simulator has 2")
    #expect(problem.table.extension(DMO_EXT_FIDELITY) == nil && problem.table.extension(DMO_EXT_ARTIFACT) == nil)
  }

  @Test("artifacts reach the host's sink with their axes and values")
  func artifacts() throws {
    let series = try LoadedProblem(toys.export(nil), "series")
    let table = try #require(series.extension(DMO_EXT_ARTIFACT, as: dmo_artifacts.self))
    var seen: [String] = []
    func draw(_ x: Double) -> LoadedProblem.Answer {
      series.call([x]) { call, result in
        withUnsafeMutablePointer(to: &seen) { sink in
          table.draw(
            series.instance, call,
            { sink, artifact in
              guard let one = artifact?.pointee else { return }
              let y = Array(UnsafeBufferPointer(start: one.y, count: Int(one.rows * one.columns)))
              let axes = "\(text(one.x_label)) \(text(one.y_unit)) \(text(one.panel)) \(one.x_log)\(one.y_log)"
              sink?.assumingMemoryBound(to: [String].self).pointee.append(
                "\(one.kind) \(text(one.id)) \(one.rows)x\(one.columns) \(axes) \(one.x?[3] ?? -1) \(y)")
            }, sink, &result.pointee.message)
        }
      }
    }
    #expect(draw(0.5).status == DMO_OK)
    #expect(
      seen == [
        "0 terms 1x4 term V top 01 3.0 [1.0, 0.5, 0.25, 0.125]",
        "1 map 2x6    00 -1.0 [1.0, 0.5, 0.25, 0.125, 1.0, 0.5, 0.25, 0.125, 1.0, 0.5, 0.25, 0.125]",
      ])
    let nothing = draw(0)
    #expect(nothing.status == DMO_INFEASIBLE && nothing.message == "nothing to see" && seen.count == 2)
  }
}
