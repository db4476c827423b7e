import CDMO
import PluginTestSupport
import TestProblemSuite
import Testing

@Suite("test problems against pymoo's values")
struct OracleTests {
  /// Both programs round differently in chains of some tens of operations on numbers up to the size of the largest
  /// output.
  static let tolerance = 1e-12

  @Test("every problem has the oracle's box and values", .enabled(if: Oracle.isPresent, "needs ../shared/oracle"))
  func values() throws {
    let cases = try Oracle.cases()
    #expect(cases.count == 41)
    var worst = (problem: "", error: 0.0)
    for one in cases {
      let problem = try LoadedProblem(Catalogue.plugin.export(nil), one.problem)
      #expect(problem.parameters.map(\.min) == one.lower, "\(one.problem)")
      #expect(problem.parameters.map(\.max) == one.upper, "\(one.problem)")
      #expect(problem.outputs.map { Int($0.role) } == zeroed(one.q, DMO_MINIMIZE) + zeroed(one.k, DMO_AT_MOST))
      for (row, x) in one.X.enumerated() {
        let answer = problem.evaluate(x)
        try #require(answer.status == DMO_OK, "\(one.problem): \(answer.message)")
        let expected = one.F[row] + (one.k > 0 ? one.G?[row] ?? [] : [])
        try #require(answer.y.count == expected.count, "\(one.problem)")
        for (i, (got, want)) in zip(answer.y, expected).enumerated() {
          let error = abs(got - want) / max(1, abs(want))
          if error > worst.error { worst = (one.problem, error) }
          #expect(error <= Self.tolerance, "\(one.problem), point \(row), output \(i): \(got), not \(want)")
        }
      }
    }
    print("largest deviation from the oracle: \(worst.error) (\(worst.problem))")
  }

  private func zeroed(_ count: Int, _ role: Int) -> [Int] { Array(repeating: role, count: count) }
}
