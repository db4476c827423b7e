import DMOCore
import DMOSearch
import DMOSurrogates
import Testing

@Suite("strategy registry")
struct StrategyRegistryTests {
  private let problem = TestProblem.smooth(3, [.minimize]) { [$0[0]] }

  /// The message of the error that a call throws; empty when it throws none.
  private func message(_ code: SearchError.Code, _ body: () throws -> Void) -> String {
    do {
      try body()
    } catch let error as SearchError where error.code == code {
      return error.message
    } catch {
      return "another error: \(error)"
    }
    return ""
  }

  @Test("what is not named is chosen: gradient with a trainer of its own, none for the designs")
  func defaults() throws {
    let cases: [(String?, String?, String, String?)] = [
      (nil, nil, "gradient", "gradpie"), (nil, "mae", "gradient", "mae"), ("gradient", nil, "gradient", "gradpie"),
      ("gradient", "mae", "gradient", "mae"), ("random", nil, "random", nil), ("lhs", nil, "lhs", nil),
      ("sobol", nil, "sobol", nil), (nil, "gp", "bayes", "gp"), ("bayes", nil, "bayes", "gp"),
      ("gradient", "gp", "gradient", "gp"),
    ]
    for (search, trainer, expectedSearch, expectedTrainer) in cases {
      let pair = try StrategyRegistry.pair(search: search, trainer: trainer)
      #expect(pair.search.id == expectedSearch)
      #expect(pair.trainer == expectedTrainer)
    }
  }

  @Test("constraints or several objectives ask for joint, unless a search or a trainer is named")
  func defaultsByGoals() throws {
    let one = Goals(OutputSpace([Output(id: "f", role: .minimize)]))
    let bound = Goals(OutputSpace([Output(id: "f", role: .minimize), Output(id: "g", role: .atMost(0))]))
    let two = Goals(OutputSpace([Output(id: "f", role: .minimize), Output(id: "h", role: .maximize)]))
    #expect(try StrategyRegistry.pair(search: nil, trainer: nil, goals: one).search.id == "gradient")
    for goals in [bound, two] {
      let pair = try StrategyRegistry.pair(search: nil, trainer: nil, goals: goals)
      #expect(pair.search.id == "joint" && pair.trainer == "joint")
      #expect(try StrategyRegistry.pair(search: nil, trainer: "mae", goals: goals).search.id == "gradient")
      #expect(try StrategyRegistry.pair(search: "nsga2", trainer: nil, goals: goals).trainer == nil)
    }
  }

  @Test("from 1000 free parameters on gradient learns by a Gaussian process, unless another trainer is named")
  func wideDefaults() throws {
    #expect(try StrategyRegistry.pair(search: nil, trainer: nil, dimension: 999).trainer == "gradpie")
    #expect(try StrategyRegistry.pair(search: nil, trainer: nil, dimension: 1000).trainer == "gp")
    #expect(try StrategyRegistry.pair(search: "gradient", trainer: nil, dimension: 3600).trainer == "gp")
    #expect(try StrategyRegistry.pair(search: nil, trainer: "gradpie", dimension: 3600).trainer == "gradpie")
    #expect(try StrategyRegistry.pair(search: "random", trainer: nil, dimension: 3600).trainer == nil)
    #expect(try StrategyRegistry.pair(search: "bayes", trainer: nil, dimension: 3600).trainer == "gp")
  }

  @Test("unknown ids and pairs that make no sense are refused with the valid choices")
  func badPairs() {
    let search = message(.unknownStrategy) { _ = try StrategyRegistry.pair(search: "nsga", trainer: nil) }
    #expect(search.contains("'nsga'") && search.contains("gradient, bayes, random, lhs, sobol"))
    let trainer = message(.unknownTrainer) { _ = try StrategyRegistry.pair(search: nil, trainer: "xgb") }
    #expect(trainer.contains("'xgb'") && trainer.contains("gradpie, mae"))
    let pair = message(.badPair) { _ = try StrategyRegistry.pair(search: "random", trainer: "gradpie") }
    #expect(pair.contains("--search random") && pair.contains("--trainer gradpie") && pair.contains("gradient"))
  }

  @Test("a missing or a needless trainer is refused")
  func trainers() {
    let setup = problem.setup()
    #expect(message(.badPair) { _ = try StrategyRegistry.make("gradient", setup: setup) }.contains("gradpie, mae"))
    let needless = message(.badPair) {
      _ = try StrategyRegistry.make("lhs", setup: setup, trainer: problem.exactTrainer)
    }
    #expect(needless.contains("lhs"))
    #expect(!message(.unknownStrategy) { _ = try StrategyRegistry.make("", setup: setup) }.isEmpty)
  }

  @Test(
    "bad options are refused by name, with what would be valid",
    arguments: [
      ("gradient", "stepp", "0.1", "initial, design, starts, step, local, local-after-failure, sigma"),
      ("gradient", "step", "2", "step=2"),
      ("gradient", "step", "fast", "not a number"), ("gradient", "starts", "0", "starts=0"),
      ("gradient", "starts", "1.5", "not a whole number"), ("gradient", "design", "grid", "random, lhs, slh, maximin, sobol"),
      ("random", "step", "1", "it takes none"), ("sobol", "scramble", "maybe", "true or false"),
    ])
  func badOptions(id: String, key: String, value: String, words: String) {
    let text = message(.badOption) {
      _ = try StrategyRegistry.make(
        id, options: [key: value], setup: problem.setup(), trainer: id == "gradient" ? problem.exactTrainer : nil)
    }
    #expect(text.contains(words) && text.contains(id), "\(text)")
  }

  @Test("every strategy of the list can be made, with its defaults written out, and proposes an allowed point")
  func allCanBeMade() throws {
    for info in StrategyRegistry.all {
      var options: [String: String] = [:]
      for option in info.options { options[option.key] = option.defaultText }
      var strategy = try StrategyRegistry.make(
        info.id, options: options, setup: problem.setup(),
        trainer: info.trainers.isEmpty ? nil : problem.exactTrainer)
      let x = try #require(try strategy.ask(1).first).x
      #expect(x.indices.allSatisfy { problem.space.objection(to: x[$0], at: $0) == nil })
    }
  }

  @Test("Sobol beyond its table is refused, naming lhs, which has no such limit")
  func sobolLimit() throws {
    let wide = TestProblem.smooth(1112, [.minimize]) { [$0[0]] }
    let text = message(.badSpace) { _ = try StrategyRegistry.make("sobol", setup: wide.setup()) }
    #expect(text.contains("'lhs'") && text.contains("1111") && text.contains("1112"))
    var lhs = try StrategyRegistry.make("lhs", setup: wide.setup())
    #expect(try lhs.ask(1).first?.x.count == 1112)
  }
}
