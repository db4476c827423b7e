import DMOCore
@testable import DMOStudy
import Foundation
import Testing

@testable import DMOBench
@testable import DMOStudy

@Suite("benchmark curves and tables")
struct TableTests {
  private let task = PaperTask.cnon

  private func run(_ method: String, _ seed: UInt64, _ best: [Double]) -> RunCurve {
    RunCurve(method: method, seed: seed, perQuery: best, perIteration: Array(best.dropFirst()))
  }

  private func row(_ id: Int, decision: Int64, _ value: Double, _ status: EvaluationStatus = .ok) -> StudyRow {
    StudyRow(
      request: EvaluationRequest(id: UInt64(id), x: [0]), source: "gradient", decision: decision, answer: id,
      result: EvaluationResult(id: UInt64(id), status: status, y: [value]), askedAt: 0, answeredAt: 1)
  }

  private func goals(_ role: Role) -> Goals { Goals(OutputSpace([Output(id: "f", role: role)])) }

  @Test("local samples cost queries but no iteration; failed answers cost a query and improve nothing")
  func curve() {
    let rows = [
      row(1, decision: 1, 9), row(2, decision: 2, 7), row(3, decision: 3, 5), row(4, decision: 4, 4),
      row(5, decision: 5, 1, .failed), row(6, decision: 6, 3),
    ]
    let iterations: [Int64: Int] = [3: 1, 4: 1, 5: 2, 6: 2]
    let curve = RunCurve(
      method: "m", seed: 1, goals: goals(.minimize), answered: rows, iterations: iterations, initial: 2)
    #expect(curve.perQuery == [9, 7, 5, 4, 4, 3])
    #expect(curve.perIteration == [4, 3])
    let random = RunCurve(method: "r", seed: 1, goals: goals(.maximize), answered: rows, iterations: [:], initial: 2)
    #expect(random.perQuery == [9, 9, 9, 9, 9, 9])
    #expect(random.perIteration == [9, 9, 9, 9])
    #expect(curve.queries(toReach: 4, isMaximised: false) == 4)
    #expect(curve.queries(toReach: 2, isMaximised: false) == nil)
    #expect(random.queries(toReach: 9, isMaximised: true) == 1)
  }

  @Test("the table holds means, deviations, quartiles, and pairs differences by seed")
  func values() {
    let paper = PaperTable(
      task: task,
      curves: [
        ("mae", [run("mae", 1, [4, 2]), run("mae", 2, [8, 6])]),
        ("exact", [run("exact", 1, [3, 1]), run("exact", 2, [6, 6])]),
      ], checkpoints: [2, 5])
    let table = paper.values(.query)
    #expect(table.contains("| mae | 4.0000 ± 2.8284; 4.0000 (3.0000–5.0000) | – |"))
    let differences = paper.differences(.query, to: "mae")
    #expect(differences.contains("| exact − mae | -0.5000 [-1.0000, +0.0000], 1/2 | – |"))
  }

  @Test("queries to equal another row count seed by seed, and say when a run never gets there")
  func queries() {
    let paper = PaperTable(
      task: task,
      curves: [
        ("mae", [run("mae", 1, [4, 3, 2]), run("mae", 2, [8, 7, 6])]),
        ("exact", [run("exact", 1, [4, 1, 1]), run("exact", 2, [9, 8, 7])]),
      ], checkpoints: [3])
    let table = paper.queriesToEqual("mae", at: [3])
    #expect(table.contains("| mae | 3 (3–3), 2/2 |"))
    #expect(table.contains("| exact | > 3 (> 3–> 3), 1/2 |"))
    #expect(paper.queriesToEqual("gradpie", at: [3]).isEmpty)
  }

  @Test("every row of a task is a valid search, local samples are budgeted, and no gradient means no exact row")
  func plan() throws {
    for task in PaperTask.all {
      let ids = PaperMethod.available(for: task)
      #expect(ids.contains("exact") == task.hasGradient)
      #expect(ids.contains("gradpie") && ids.contains("random") && ids.contains("dmo"))
    }
    let methods = ["mae", "mae+local"].compactMap { PaperMethod.make($0, task: task) }
    let plan = PaperPlan(task: task, methods: methods, seeds: [1, 2], iterations: 200)
    #expect(plan.jobs.map(\.queries) == [220, 420, 220, 420])
    #expect(plan.jobs.map(\.fileName)[3] == "cnon-mae+local-2.dmo")
    #expect(plan.jobs[3].pluginOptions == ["n": "20", "seed": "2"])
    #expect(plan.checkpoints == [50, 100, 200])
    let offline = PaperPlan.offline(task: task, sizes: [100, 500], seeds: [1], steps: 50)
    #expect(offline.jobs.map(\.queries) == [150, 150, 550, 550])
    #expect(offline.methods.allSatisfy { $0.searchOptions["fit-once"] == "true" })
  }

  @Test("a plot has one line a method, inside its frame, and names that cannot break the picture")
  func plot() {
    let curves = [("a<b", [run("a<b", 1, [4, 2, 1]), run("a<b", 2, [8, 6, 3])])]
    let svg = CurvePlot(task, curves: curves.map { (method: $0.0, runs: $0.1) }).svg
    #expect(svg.contains("a&lt;b") && !svg.contains("a<b"))
    #expect(svg.components(separatedBy: "<polyline").count == 2)
    #expect(CurvePlot.ticks(0, 1) == [0, 0.2, 0.4, 0.6000000000000001, 0.8, 1] || CurvePlot.ticks(0, 1).count == 6)
    #expect(CurvePlot.ticks(-3, 47).allSatisfy { $0 >= -3 && $0 <= 47 })
  }
}
