import CDMO
import DMOPluginKit
import PluginTestSupport
import TestProblemSuite
import Testing

@Suite("the test problems as a plugin")
struct PluginTests {
  @Test("every problem is listed once, with well-formed ids, and answers at random points and corners")
  func catalogue() throws {
    let tables = LoadedProblem.problems(Catalogue.plugin.export(nil))
    let ids = tables.map { text($0.id) }
    #expect(Set(ids).count == ids.count && ids.count == Catalogue.functions.count + 6)
    var random = SeededRandom(seed: 3)
    for id in ids {
      #expect(id.allSatisfy { $0.isLowercase || $0.isNumber || $0 == "_" || $0 == "-" })
      let problem = try LoadedProblem(Catalogue.plugin.export(nil), id)
      #expect(problem.parameters.enumerated().allSatisfy { text($1.id) == "x\($0 + 1)" })
      let hides = problem.table.flags & UInt32(DMO_HIDDEN_CONSTRAINTS) != 0
      for round in 0..<60 {
        let x = round < 20 ? problem.corner(&random) : problem.randomPoint(&random)
        let answer = problem.evaluate(x, seed: random.next())
        let isAllowed =
          answer.status == DMO_OK || (hides && answer.status == DMO_INFEASIBLE)
          || (id.hasSuffix("-flaky") && answer.status == DMO_FAILED)
        #expect(isAllowed, "\(id): status \(answer.status) at \(x)")
        if answer.status == DMO_OK { #expect(answer.y.allSatisfy { $0.isFinite }, "\(id) at \(x): \(answer.y)") }
      }
    }
  }

  @Test("n and m change the shape, and sizes that do not exist are refused by name")
  func sizes() throws {
    let wide = try LoadedProblem(Catalogue.plugin.export(nil), "dtlz2", options: ["m": "5"])
    #expect(wide.parameters.count == 14 && wide.outputs.map { text($0.id) } == ["f1", "f2", "f3", "f4", "f5"])
    let both = try LoadedProblem(Catalogue.plugin.export(nil), "c3dtlz4", options: ["m": "2", "n": "3"])
    #expect(both.parameters.count == 3 && both.outputs.map { text($0.id) } == ["f1", "f2", "g1", "g2"])
    #expect(try LoadedProblem(Catalogue.plugin.export(nil), "levy", options: ["n": "1"]).evaluate([1]).y[0] < 1e-30)
    let refused = LoadedProblem.CreateError(
      status: dmo_status(DMO_BAD_INPUT), message: "wfg1: n = 6, but with m = 4 it needs n of at least 7")
    #expect(throws: refused) {
      try LoadedProblem(Catalogue.plugin.export(nil), "wfg1", options: ["n": "6", "m": "4"])
    }
  }

  @Test("the hidden variant has no answer within its disc only, and its values are the plain ones outside")
  func hidden() throws {
    let plain = try LoadedProblem(Catalogue.plugin.export(nil), "branin")
    let hidden = try LoadedProblem(Catalogue.plugin.export(nil), "branin-hidden")
    var random = SeededRandom(seed: 4)
    var count = 0
    for _ in 0..<2000 {
      let x = plain.randomPoint(&random)
      let (u1, u2) = ((x[0] + 5) / 15, x[1] / 15)
      let isInside = (u1 - 0.5) * (u1 - 0.5) + (u2 - 0.25) * (u2 - 0.25) < 0.0625
      let answer = hidden.evaluate(x)
      if isInside {
        count += 1
        #expect(answer.status == DMO_INFEASIBLE && answer.y[0].isNaN && !answer.message.isEmpty)
      } else {
        #expect(answer == plain.evaluate(x))
      }
    }
    // The disc covers π/16 of the box; five standard errors.
    #expect(abs(Double(count) / 2000 - .pi / 16) < 0.045)
    #expect(hidden.references(DMO_REF_OPTIMUM).count == 2, "one of the three optima is hidden")
  }

  @Test("the flaky variant fails at its rate, by seed and point alone")
  func flaky() throws {
    let problem = try LoadedProblem(Catalogue.plugin.export(nil), "zdt1-flaky", options: ["n": "2", "rate": "0.25"])
    let x = [0.3, 0.4]
    let failures = (0..<4000).count { problem.evaluate(x, seed: UInt64($0)).status == DMO_FAILED }
    #expect(abs(Double(failures) / 4000 - 0.25) < 5 * (0.25 * 0.75 / 4000.0).squareRoot())
    let byPoint = (0..<4000).count { problem.evaluate([0.3, Double($0) / 4000]).status == DMO_FAILED }
    #expect(abs(Double(byPoint) / 4000 - 0.25) < 5 * (0.25 * 0.75 / 4000.0).squareRoot())
    for seed in 0..<50 {
      #expect(problem.evaluate(x, seed: UInt64(seed)).status == problem.evaluate(x, seed: UInt64(seed)).status)
    }
    let never = try LoadedProblem(Catalogue.plugin.export(nil), "branin-flaky", options: ["rate": "0"])
    #expect((0..<200).allSatisfy { never.evaluate([1, 1], seed: UInt64($0)).status == DMO_OK })
  }

  @Test("the noisy variant scatters around the plain value with the given deviation, by seed")
  func noisy() throws {
    let plain = try LoadedProblem(Catalogue.plugin.export(nil), "branin").evaluate([1, 2]).y[0]
    let problem = try LoadedProblem(Catalogue.plugin.export(nil), "branin-noisy", options: ["noise": "2"])
    #expect(problem.table.flags == UInt32(DMO_STOCHASTIC))
    let values = (0..<10_000).map { problem.evaluate([1, 2], seed: UInt64($0)).y[0] - plain }
    let variance = values.reduce(0) { $0 + $1 * $1 } / 10_000
    #expect(abs(values.reduce(0, +) / 10_000) < 5 * 2 / 100 && abs(variance / 4 - 1) < 5 * 0.02.squareRoot() / 10)
    #expect(problem.evaluate([1, 2], seed: 7) == problem.evaluate([1, 2], seed: 7))
    #expect(problem.evaluate([1, 2], seed: 7) != problem.evaluate([1, 2], seed: 8))
  }

  @Test("work_ms makes every evaluation take that long, and cancelling ends it")
  func work() throws {
    let clock = ContinuousClock()
    let problem = try LoadedProblem(Catalogue.plugin.export(nil), "branin", options: ["work_ms": "60"])
    let time = clock.measure { #expect(problem.evaluate([1, 1]).status == DMO_OK) }
    #expect(time >= .milliseconds(60) && time < .seconds(5))
    let long = try LoadedProblem(Catalogue.plugin.export(nil), "branin", options: ["work_ms": "600000"])
    let stopped = clock.measure { #expect(long.evaluate([1, 1], isCancelled: true).status == DMO_CANCELLED) }
    #expect(stopped < .seconds(5))
    let flaky = try LoadedProblem(Catalogue.plugin.export(nil), "zdt1-flaky", options: ["rate": "1", "work_ms": "20"])
    let failed = clock.measure { #expect(flaky.evaluate(Array(repeating: 0.5, count: 30)).status == DMO_FAILED) }
    #expect(failed >= .milliseconds(20))
  }

  @Test("one instance gives the same answers on many threads as on one")
  func threads() async throws {
    let function = try #require(Catalogue.functions.first { $0.id == "wfg1" })
    let formula = try function.function().formula
    let points = (0..<64).map { i in
      (0..<10).map { j -> Double in
        let share = Double((i * 7 + j * 3) % 67) / 67
        return share * 2 * Double(j + 1)
      }
    }
    @Sendable func values(_ x: [Double]) -> [Double] {
      var y = [0.0, 0, 0]
      x.withUnsafeBufferPointer { x in
        y.withUnsafeMutableBufferPointer { y in
          // The formula of WFG1 never throws; a wrong answer would show below.
          try? formula(x, y, UnsafeMutableBufferPointer(rebasing: y[3...]))
        }
      }
      return y
    }
    let serial = points.map { values($0) }
    #expect(Set(serial).count == 64)
    let parallel = await withTaskGroup(of: (Int, [Double]).self) { group in
      for (i, x) in points.enumerated() { group.addTask { (i, values(x)) } }
      return await group.reduce(into: [Int: [Double]]()) { $0[$1.0] = $1.1 }
    }
    #expect(points.indices.allSatisfy { parallel[$0] == serial[$0] })
  }
}

extension LoadedProblem {
  /// A corner of the box; of a category any choice.
  func corner(_ random: inout SeededRandom) -> [Double] {
    parameters.map { parameter in
      switch Int(parameter.kind) {
      case DMO_CATEGORICAL, DMO_BOOLEAN: random.uniform() < 0.5 ? 0 : 1
      default: random.uniform() < 0.5 ? parameter.min : parameter.max
      }
    }
  }
}
