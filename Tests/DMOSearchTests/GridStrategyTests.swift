import DMOCore
import DMOSearch
import Testing

@Suite struct GridStrategyTests {
  private let space = ParameterSpace([
    Parameter(id: "a", min: 0, max: 1), Parameter(id: "b", scale: .log, min: 1, max: 100),
    Parameter(id: "mode", kind: .categorical(["x", "y", "z"])), Parameter(id: "n", kind: .integer, min: 1, max: 2),
  ])

  private func points(
    _ options: [String: String], budget: Int = 100, fixed: [Int: Double] = [:], known: [[Double]] = [],
    space: ParameterSpace? = nil
  ) throws -> [[Double]] {
    let outputs = OutputSpace([Output(id: "f", role: .minimize)])
    let setup = SearchSetup(
      space: SearchSpace(space ?? self.space, fixed: fixed), outputs: outputs, goals: Goals(outputs), seed: Seed(1),
      budget: budget)
    var grid = try StrategyRegistry.make("grid", options: options, setup: setup)
    for x in known { grid.tell(Observation(x: x, result: EvaluationResult(id: 1, status: .ok, y: [0]))) }
    var all: [[Double]] = []
    while true {
      let more = try grid.ask(7).map(\.x)
      if more.isEmpty { return all }
      all += more
    }
  }

  @Test("a grid is every combination once, the last parameter fastest, logarithms even in the logarithm")
  func all() throws {
    let points = try points(["levels": "3"])
    #expect(points.count == 3 * 3 * 3 * 2)
    #expect(Set(points).count == points.count)
    #expect(points[0] == [0, 1, 0, 1] && points[1] == [0, 1, 0, 2] && points[2] == [0, 1, 1, 1])
    #expect(Set(points.map { $0[0] }) == [0, 0.5, 1])
    let logs = Set(points.map { $0[1] }).sorted()
    #expect(logs.count == 3 && abs(logs[1] - 10) < 1e-12 && logs[0] == 1 && abs(logs[2] - 100) < 1e-12)
  }

  @Test("without levels it is the finest grid that the budget bears")
  func budget() throws {
    #expect(try points([:], budget: 100).count == 4 * 4 * 3 * 2)
    #expect(try points([:], budget: 96).count == 96)
    #expect(try points([:], budget: 95).count == 3 * 3 * 3 * 2)
    #expect(try points([:], budget: 1).count == 2 * 2 * 3 * 2)
  }

  @Test("levels go by name, pinned parameters stay, known points are left out")
  func names() throws {
    #expect(try points(["levels": "a:5,b:2"], fixed: [3: 2]).count == 5 * 2 * 3)
    #expect(try points(["levels": "2"], fixed: [3: 2], known: [[0, 1, 0, 2], [0.5, 1, 0, 2]]).count == 2 * 2 * 3 - 1)
    #expect(throws: SearchError.self) { try points(["levels": "width:5"]) }
    #expect(throws: SearchError.self) { try points(["levels": "0"]) }
    #expect(throws: SearchError.self) { try points(["levels": "a:many"]) }
  }

  @Test("the ends of a periodic range are one point")
  func periodic() throws {
    let phase = ParameterSpace([Parameter(id: "phase", min: 0, max: 4, isPeriodic: true)])
    #expect(try points(["levels": "4"], space: phase) == [[0], [1], [2], [3]])
  }

  @Test("a grid beyond counting is refused")
  func tooLarge() throws {
    let many = ParameterSpace([Parameter(id: "p", min: 0, max: 1, count: 80)])
    #expect(throws: SearchError.self) { try points([:], space: many) }
  }
}
