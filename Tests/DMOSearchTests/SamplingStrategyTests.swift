import DMOCore
import DMOSearch
import Testing

@Suite("random, lhs and sobol")
struct SamplingStrategyTests {
  static let designs = ["random", "lhs", "sobol"]

  private let mixed = TestProblem(
    space: ParameterSpace([
      Parameter(id: "z"), Parameter(id: "kind", kind: .categorical(["a", "b", "c"])),
      Parameter(id: "n", kind: .integer, min: 1, max: 4), Parameter(id: "on", kind: .boolean),
      Parameter(id: "c", scale: .log, min: 0.01, max: 100), Parameter(id: "phase", min: 0, max: 6, isPeriodic: true),
      Parameter(id: "pinned", min: 0, max: 9),
    ]),
    outputs: OutputSpace([Output(id: "y", role: .minimize)]), fixed: [6: 2.5, 3: 1],
    answer: { (.ok, [$0[0]]) })

  private func points(_ id: String, _ problem: TestProblem, seed: UInt64 = 1, _ count: Int, budget: Int) throws
    -> [[Double]]
  {
    var strategy = try StrategyRegistry.make(id, setup: problem.setup(seed: seed, budget: budget))
    return try strategy.ask(count).map(\.x)
  }

  @Test("points are allowed, pinned parameters never move, nothing repeats", arguments: designs)
  func allowed(id: String) throws {
    let all = try points(id, mixed, 300, budget: 100)
    #expect(all.count == 300, "beyond the budget the design goes on")
    #expect(Set(all).count == 300)
    for x in all {
      #expect(x[6] == 2.5 && x[3] == 1)
      for i in x.indices { #expect(mixed.space.objection(to: x[i], at: i) == nil) }
    }
  }

  @Test("labels and whole numbers come equally often, ends included", arguments: designs)
  func shares(id: String) throws {
    let n = 1200
    let all = try points(id, mixed, n, budget: n)
    for (i, levels) in [(1, 3), (2, 4)] {
      let counts = Dictionary(grouping: all, by: { $0[i] }).mapValues(\.count)
      #expect(counts.count == levels)
      // Five standard deviations of independent draws; stratified designs stay far inside.
      let tolerance = id == "random" ? 5 * (Double(n) * 0.25).squareRoot() : 4
      for count in counts.values { #expect(abs(Double(count - n / levels)) <= tolerance) }
    }
    let decades = Dictionary(grouping: all, by: { Int(($0[4] < 0.1 ? 0 : $0[4] < 1 ? 1 : $0[4] < 10 ? 2 : 3)) })
    for bin in decades.values { #expect(abs(bin.count - n / 4) < 90) }
  }

  @Test("a Latin hypercube of the budget's size has one point in each stratum, however it is asked for")
  func latin() throws {
    let problem = TestProblem.smooth(4, [.minimize]) { [$0[0]] }
    var strategy = try StrategyRegistry.make("lhs", setup: problem.setup(budget: 40))
    var all: [[Double]] = []
    for count in [1, 7, 2, 30] { all += try strategy.ask(count).map(\.x) }
    for j in 0..<4 { #expect(all.map { Int($0[j] * 40) }.sorted() == Array(0..<40)) }
    let next = try strategy.ask(40).map(\.x)
    for j in 0..<4 { #expect(next.map { Int($0[j] * 40) }.sorted() == Array(0..<40)) }
    #expect(next != all)
  }

  @Test("the seed decides, the answers and the batches do not", arguments: designs)
  func determinism(id: String) throws {
    let all = try points(id, mixed, 60, budget: 60)
    #expect(all == (try points(id, mixed, 60, budget: 60)))
    #expect(all != (try points(id, mixed, seed: 2, 60, budget: 60)))
    var strategy = try StrategyRegistry.make(id, setup: mixed.setup(budget: 60))
    var (one, results) = try mixed.run(&strategy, 60)
    #expect(one == all)
    #expect(results.count == 60)
    one.removeAll()
  }

  @Test("an unscrambled Sobol sequence starts at the lower corner, whatever the seed")
  func plainSobol() throws {
    let problem = TestProblem.smooth(3, [.minimize]) { [$0[0]] }
    for seed in [1, 2] as [UInt64] {
      var strategy = try StrategyRegistry.make("sobol", options: ["scramble": "false"], setup: problem.setup(seed: seed))
      #expect(try strategy.ask(3).map(\.x) == [[0, 0, 0], [0.5, 0.5, 0.5], [0.75, 0.25, 0.25]])
    }
  }

  @Test("a discrete space is covered completely, once, and then the search is over", arguments: designs)
  func exhaustion(id: String) throws {
    let problem = TestProblem(
      space: ParameterSpace([
        Parameter(id: "n", kind: .integer, min: -2, max: 2), Parameter(id: "on", kind: .boolean),
        Parameter(id: "day", kind: .integer, min: 0, max: 7, isPeriodic: true),
      ]),
      outputs: OutputSpace([Output(id: "y", role: .minimize)]), answer: { (.ok, [$0[0]]) })
    var strategy = try StrategyRegistry.make(id, setup: problem.setup())
    // One point was evaluated before the search began.
    strategy.tell(Observation(x: [0, 1, 3], result: problem.evaluate([0, 1, 3], id: 1)))
    let all = try strategy.ask(100).map(\.x)
    #expect(all.count == 5 * 2 * 7 - 1)
    #expect(Set(all).count == all.count)
    #expect(try strategy.ask(1).isEmpty)
  }
}
