import DMOCore
import Foundation
import Testing

@testable import DMOBench

@Suite("the joint surrogate's ablation")
struct AblationTests {
  private func run(_ seed: UInt64, _ losses: [[Double]?], nrmse: Double? = nil) -> AblationRun {
    AblationRun(
      curve: SuiteCurve(
        seed: seed, losses: losses, reference: [], modelSeconds: losses.map { _ in 2 },
        modelProcessorSeconds: losses.map { _ in 1 }, evaluationSeconds: losses.map { _ in 3 },
        leastViolation: losses.indices.map { 1.5 - 0.5 * Double($0) }), nrmse: nrmse)
  }

  @Test("rows are named, may have a budget of their own, and all use the joint search's options as they are written")
  func rows() throws {
    let row = try #require(JointAblation.row("gp:1000", budget: 500))
    #expect(row.budget == 1000 && row.method.search == "nsga2" && row.method.trainer == "gp" && row.id == "gp:1000")
    #expect(JointAblation.row("o", budget: 500)?.method.trainerOptions == ["mode": "o"])
    #expect(JointAblation.row("fast", budget: 500)?.method.searchOptions == ["sensitivity": "fast"])
    #expect(JointAblation.row("gp:x", budget: 500) == nil && JointAblation.row("pg", budget: 500) == nil)
  }

  @Test("runs are measured by the front of all of them: its reference at 1.1, its best, the distance to it")
  func table() throws {
    let (a, b) = (try #require(JointAblation.row("c+o", budget: 3)), try #require(JointAblation.row("none", budget: 3)))
    // Merged front: (0, 2), (1, 1), (2, 0); in its own units (0, 1), (0.5, 0.5), (1, 0).
    let table = AblationTable([
      (a, [run(1, [nil, [0, 2], [1, 1]], nrmse: 0.25), run(2, [[2, 0]])]), (b, [run(1, [nil, nil, [2, 0]])]),
    ])
    #expect(table.front.count == 3 && table.ideal == [0, 0] && table.nadir == [2, 2])
    // Volumes below (1.1, 1.1): of all 0.1·1.1 + 0.5·0.6 … by strips of the first objective.
    let best = 0.5 * 0.1 + 0.5 * 0.6 + 0.1 * 1.1
    let whole = 0.5 * 0.1 + 0.6 * 0.6
    let lines = table.csv.split(separator: "\n").map { $0.split(separator: ",", omittingEmptySubsequences: false) }
    #expect(lines.count == 4)
    let own = lines[1]
    #expect(own[0] == "c+o" && own[3] == "3" && own[4] == "2.0" && own[5] == "0.5" && own[9] == "0.25")
    #expect(abs((Double(own[7]) ?? 0) - whole / best) < 1e-12)
    #expect(abs((Double(own[6]) ?? 0) - (0 + 0.11 + whole) / 3 / best) < 1e-12)
    // Points (0, 1) and (0.5, 0.5) are met; (1, 0) is √0.5 away.
    #expect(abs((Double(own[8]) ?? 0) - 0.5.squareRoot() / 3) < 1e-12)
    #expect(lines[2][3] == "1" && lines[2][6].isEmpty, "an unfinished run has no area")
    #expect(table.markdown.contains("| c+o | 3 | 1/2 | 2 (2–2) 1/1 |"), "\(table.markdown)")
    #expect(table.markdown.contains("| none | 3 | 1/1 | 3 (3–3) 1/1 |"))
  }

  @Test("areas are tested only among rows of one budget")
  func budgets() throws {
    func cells(_ text: String) throws -> [Substring] {
      let rows = try ["c+o", text].map { try #require(JointAblation.row($0, budget: 30)) }
      let points: [[Double]?] = (0..<40).map { [2 - 0.01 * Double($0), 1] }
      let table = AblationTable(
        rows.enumerated().map { k, row in
          (row, (1...8).map { run($0, Array(points.dropFirst(Int($0) * k / 4).prefix(row.budget))) })
        })
      return try #require(table.markdown.split(separator: "\n").last).split(separator: "|")
    }
    #expect(try Double(cells("none").last?.trimmingCharacters(in: .whitespaces) ?? "") != nil)
    #expect(try cells("none:35").last == " – ")
  }

  @Test("without a feasible point only how near the runs came is told")
  func nothing() throws {
    let row = try #require(JointAblation.row("c+o", budget: 2))
    let table = AblationTable([(row, [run(1, [nil, nil])])]).markdown
    #expect(table.contains("| c+o | 2 | 1/1 | – 0/1 | 1.00 (1.00–1.00) | – | – | – | – |"), "\(table)")
  }
}
