import DMOCore
import DMONumerics
import DMOSearch
import Testing

@testable import DMOBench

@Suite("multi-objective suite")
struct SuiteTests {
  private static let problem = SuiteProblem(
    "toy", [2, 2], best: 4, goals: [.init(evaluations: 2, reference: [2, 2], hypervolume: 0.9)])
  private let anytime = SuiteMethod(id: "joint", search: "joint", isAnytime: true)
  private let other = SuiteMethod(id: "nsga2", search: "nsga2")

  @Test("the hypervolume is that of the feasible points so far, and the area its mean")
  func curve() {
    let run = SuiteCurve(
      seed: 1, losses: [nil, [1, 1], [1.5, 1.5], [0, 1.5], [3, 0]], reference: [2, 2])
    #expect(run.hypervolume == [0, 1, 1, 1.5, 1.5])
    #expect(run.firstFeasible == 2)
    #expect(run.area(4) == (0 + 1 + 1 + 1.5) / 4)
    #expect(run.area(6).isNaN && run.hypervolume(at: 6).isNaN)
    #expect(run.front(at: 4) == [[0, 1.5], [1, 1]])
  }

  @Test("one run serves all budgets where decisions do not depend on them; smaller budgets come first, seeds in turn")
  func jobs() {
    let plan = SuitePlan(problems: [Self.problem], methods: [anytime, other], seeds: [1, 2], budgets: [200, 100, 500])
    #expect(
      plan.jobs.map { "\($0.fileName) \($0.budget)" } == [
        "toy-joint-500-1.dmo 200", "toy-nsga2-100-1.dmo 100", "toy-nsga2-200-1.dmo 200",
        "toy-joint-500-2.dmo 200", "toy-nsga2-100-2.dmo 100", "toy-nsga2-200-2.dmo 200",
        "toy-joint-500-1.dmo 500", "toy-nsga2-500-1.dmo 500", "toy-joint-500-2.dmo 500", "toy-nsga2-500-2.dmo 500",
      ])
    // Jobs of a stage run at the same time, and a file has one writer.
    for stage in plan.stages { #expect(Set(stage.map(\.fileName)).count == stage.count) }
    #expect(plan.stages.map(\.count) == [6, 4])
  }

  /// A run that reaches a hypervolume of `level` with its third point.
  private func run(_ seed: UInt64, _ level: Double, count: Int = 3) -> SuiteCurve {
    let points: [[Double]?] = [nil, [1.9, 1.9], [2 - level, 1]]
    return SuiteCurve(
      seed: seed, losses: Array(points.prefix(count)), reference: [2, 2], modelSeconds: Array(repeating: 1, count: count),
      modelProcessorSeconds: Array(repeating: 1, count: count), evaluationSeconds: Array(repeating: 2, count: count))
  }

  private func table(_ own: [Double], _ their: [Double], unfinished: Bool = false) -> SuiteTable {
    let seeds = (1...UInt64(own.count)).map(\.self)
    let plan = SuitePlan(problems: [Self.problem], methods: [anytime, other], seeds: seeds, budgets: [3])
    let recorded = [SuiteTable.Recorded(problem: "toy", budget: 3, hypervolumes: [1, 2])]
    return SuiteTable(plan, recorded: recorded) { job in
      let k = Int(job.seed) - 1
      if unfinished && k == 0 { return run(1, 1, count: 2) }
      return run(job.seed, job.method.id == "joint" ? own[k] : their[k])
    }
  }

  @Test("a cell is lost when the median is behind by more than a hundredth of the best, significantly")
  func verdicts() {
    let own = (0..<8).map { 0.5 + 0.01 * Double($0) }
    #expect(table(own, own.map { $0 + 0.2 }).hypervolumes.contains("lost"))
    #expect(table(own, own.map { $0 + 0.02 }).hypervolumes.contains("worse"))
    #expect(table(own, own.map { $0 - 0.02 }).hypervolumes.contains("better"))
    #expect(table(own, own.enumerated().map { $1 + ($0 % 2 == 0 ? 0.2 : -0.2) }).hypervolumes.contains("equal"))
    let text = table(own, own.map { $0 + 0.2 }).verdicts
    #expect(text.contains("lost 1 (toy 3)") && text.contains("Median behind: toy 3"))
    // The second point's volume is 0.01: the goal of 0.9 by two evaluations is not reached.
    #expect(text.contains("goal 0.9: joint 0.0100 (0.0100–0.0100), reached in 0 of 8 seeds"))
  }

  @Test("where the ranks of the differences and the medians disagree nobody is the better")
  func disagreement() throws {
    // Nine of ten pairs are won, with p = 0.027; the one lost pair is the middle of both.
    let own = [-1.254, -0.903, -0.555, -0.462, 0.456, 0.503, 1.12, 1.656, 2.102, 2.14].map { 0.5 + 0.1 * $0 }
    let their = [-1.55, -1.13, -0.616, -0.515, 0.389, 0.672, 1.063, 1.642, 1.925, 1.943].map { 0.5 + 0.1 * $0 }
    let p = try #require(PairedTests.wilcoxon(zip(own, their).map { $0 - $1 }))
    #expect(p < 0.05)
    for text in [table(own, their), table(their, own)].map(\.verdicts) { #expect(text.contains("equal 1"), "\(text)") }
  }

  @Test("unfinished runs are counted and left out; recorded runs stand beside")
  func unfinished() {
    let own = (0..<8).map { 0.5 + 0.01 * Double($0) }
    let text = table(own, own, unfinished: true)
    #expect(text.hypervolumes.contains("[7/8]"))
    #expect(text.hypervolumes.contains("| 0.3750 |"))
    #expect(text.csv.split(separator: "\n").count == 1 + 16)
    #expect(text.csv.contains("toy,joint,1,3,2,") && text.csv.contains("toy,nsga2,8,3,3,"))
    #expect(table([0.5], [0.4]).hypervolumes.contains("| – |"))
  }

  @Test("rows are searches, pairs and peers by name; what does not exist is refused")
  func methods() throws {
    let pair = try SuiteMethod.named("nsga2+gp")
    #expect(pair.search == "nsga2" && pair.trainer == "gp" && !pair.isAnytime)
    #expect(try SuiteMethod.named("joint").isAnytime)
    #expect(try SuiteMethod.named("botorch").peer == "qlognehvi")
    #expect(throws: SearchError.self) { try SuiteMethod.named("nsga9") }
  }
}
