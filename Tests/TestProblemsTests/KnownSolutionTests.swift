import CDMO
import DMOPluginKit
import PluginTestSupport
import TestProblemSuite
import Testing

@Suite("what is known of the test problems' solutions")
struct KnownSolutionTests {
  @Test("the published optimum is reached at the published point")
  func optima() throws {
    // id, the published value, the digits it was published with.
    let published: [(String, Double, Double)] = [
      ("branin", 0.397887, 1e-6), ("hartmann6", -3.32237, 1e-5), ("ackley", 0, 1e-14), ("rosenbrock", 0, 0),
      ("levy", 0, 1e-30), ("pressure_vessel", 6059.714335, 1e-6), ("ackley-mixed", 0, 1e-14),
    ]
    for (id, value, digits) in published {
      let problem = try LoadedProblem(Catalogue.plugin.export(nil), id)
      let best = problem.references(DMO_REF_OPTIMUM) + problem.references(DMO_REF_BEST_KNOWN)
      #expect(!best.isEmpty, "\(id)")
      for point in best {
        let answer = problem.evaluate(try #require(point.x))
        #expect(answer.status == DMO_OK)
        #expect(abs(answer.y[0] - value) <= digits, "\(id): \(answer.y[0])")
        #expect(abs(answer.y[0] - (try #require(point.y)[0])) <= 1e-9 * max(1, abs(value)), "\(id)")
        #expect(answer.y.dropFirst().allSatisfy { $0 <= 1e-9 }, "\(id): a bound is broken")
      }
    }
    #expect(try LoadedProblem(Catalogue.plugin.export(nil), "branin").references(DMO_REF_OPTIMUM).count == 3)
  }

  @Test(
    "no random point beats an optimum",
    arguments: ["branin", "hartmann6", "ackley", "rosenbrock", "levy", "ackley-mixed"])
  func unbeaten(id: String) throws {
    let problem = try LoadedProblem(Catalogue.plugin.export(nil), id)
    let best = problem.references(DMO_REF_OPTIMUM) + problem.references(DMO_REF_BEST_KNOWN)
    let (centre, value) = (try #require(best.first?.x), try #require(best.first?.y?.first))
    var random = SeededRandom(seed: 5)
    for round in 0..<2000 {
      // Around the optimum, ever closer, and in the whole box.
      let spread = round % 10 == 0 ? 1 : 1 / Double(1 << (round % 10))
      let x = problem.randomPoint(&random, around: centre, spread: spread)
      #expect(problem.evaluate(x).y[0] >= value - 1e-9, "\(id) at \(x)")
    }
  }

  @Test("disc brake and pressure vessel agree with their formulas worked out by hand")
  func byHand() throws {
    // r = 60, R = 90, F = 2000, s = 11: R² - r² = 4500, R³ - r³ = 513000.
    let brake = try LoadedProblem(Catalogue.plugin.export(nil), "disc_brake").evaluate([60, 90, 2000, 11])
    let heat = 2.22e-3 * 2000 * 513_000 / 20_250_000.0
    let expected: [Double] = [2.205, 44_190_000_000 / 11_286_000_000, -10, 2000 / 14_130.0 - 0.4, heat - 1]
    #expect(abs(brake.y[0] - expected[0]) < 1e-14)
    for i in 1..<5 { #expect(abs(brake.y[i] - expected[i]) < 1e-12, "output \(i): \(brake.y[i]), not \(expected[i])") }
    // 2.66e-2 * 2000 * 11 * 513000 / 4500 = 585.2 * 114.
    #expect(abs(brake.y[5] - (900 - 585.2 * 114)) < 1e-9)
    let none = try LoadedProblem(Catalogue.plugin.export(nil), "disc_brake").evaluate([78, 78, 2000, 11])
    #expect(none.status == DMO_INFEASIBLE && none.message == "the disc has no area")
    let bar = try LoadedProblem(Catalogue.plugin.export(nil), "truss2d").evaluate([0, 0.01, 2])
    #expect(bar.status == DMO_INFEASIBLE && bar.message == "a bar without area carries no load")
  }
}

extension LoadedProblem {
  /// A point of the box, uniform around another within a share of the ranges; whole numbers stay whole.
  func randomPoint(_ random: inout SeededRandom, around centre: [Double]? = nil, spread: Double = 1) -> [Double] {
    parameters.enumerated().map { i, parameter in
      let isWhole = parameter.kind != UInt32(DMO_REAL)
      let (low, high) = (parameter.min, parameter.max)
      let middle = centre?[i] ?? (low + high) / 2
      let width = centre == nil ? 0.5 : spread
      let value = middle + (2 * random.uniform() - 1) * width * (high - low)
      let inside = min(max(value, low), high)
      return isWhole ? inside.rounded() : inside
    }
  }
}
