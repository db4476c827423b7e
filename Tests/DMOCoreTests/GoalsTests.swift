import DMOCore
import Testing

@Suite("goals and dominance")
struct GoalsTests {
  let outputs = OutputSpace([
    Output(id: "power", role: .minimize),
    Output(id: "trace", count: 3),
    Output(id: "speed", role: .maximize),
    Output(id: "pm", role: .atLeast(60)),
    Output(id: "vos", role: .atMost(0.005), scale: 0.001),
  ])

  private func result(_ status: EvaluationStatus, _ y: [Double]) -> EvaluationResult {
    EvaluationResult(id: 0, status: status, y: y)
  }

  @Test("roles become losses to minimise and scaled violations")
  func lossesAndViolations() {
    let goals = Goals(outputs)
    #expect(goals.objectives.map(\.index) == [0, 4])
    let y = [2, 0, 0, 0, 7, 54, 0.004]
    #expect(goals.losses(y) == [2, -7])
    let c = goals.violations(y)
    #expect(abs(c[0] - 0.1) < 1e-15 && abs(c[1] - -1) < 1e-12)
    #expect(abs(goals.totalViolation(y) - 0.1) < 1e-15)
    #expect(goals.violations([2, 0, 0, 0, 7, .nan, 0])[0].isNaN)
    #expect(goals.totalViolation([2, 0, 0, 0, 7, .nan, 0]) == .infinity)
  }

  @Test("a two-sided constraint is violated by what lies beyond either side")
  func twoSided() {
    let goals = Goals(
      objectives: [], constraints: [Goals.bound(Output(id: "v"), 0, lower: 0.8, upper: 1)])
    #expect(goals.violations([0.9])[0] < 0)
    #expect(abs(goals.violations([0.7])[0] - 0.1) < 1e-15)
    #expect(abs(goals.violations([1.2])[0] - 0.2) < 1e-15)
  }

  @Test("domination orders feasible, infeasible, refused and failed points")
  func debOrder() {
    let goals = Goals(outputs)
    let feasible = result(.ok, [2, 0, 0, 0, 7, 61, 0])
    let better = result(.ok, [1, 0, 0, 0, 7, 61, 0])
    let slightly = result(.ok, [0, 0, 0, 0, 9, 59, 0])
    let badly = result(.ok, [0, 0, 0, 0, 9, 20, 0])
    let refused = result(.infeasible, [0, 0, 0, 0, 9, 61, 0])
    let failed = result(.crashed, Array(repeating: .nan, count: 7))
    let order = [better, feasible, slightly, badly, refused, failed]
    for i in order.indices {
      for j in order.indices { #expect(goals.dominates(order[i], order[j]) == (i < j), "\(i) and \(j)") }
    }
  }

  @Test("domination is irreflexive, asymmetric and transitive on random answers, unknown numbers included")
  func strictOrder() {
    let goals = Goals(outputs)
    var stream = Seed(5).generator
    let statuses: [EvaluationStatus] = [.ok, .ok, .ok, .infeasible, .failed]
    let all = (0..<40).map { _ in
      let y = (0..<7).map { _ in stream.uniform() < 0.1 ? Double.nan : Double(stream.index(below: 4)) * 30 }
      return result(statuses[stream.index(below: 5)], y)
    }
    for a in all {
      #expect(!goals.dominates(a, a))
      for b in all where goals.dominates(a, b) {
        #expect(!goals.dominates(b, a))
        for c in all where goals.dominates(b, c) { #expect(goals.dominates(a, c)) }
      }
    }
  }

  @Test("status words are distinct and lead back to the status")
  func words() {
    let all = [0, 1, 2, 3, 4, 5, 6, 64, 65, 66].map { EvaluationStatus(rawValue: $0) }
    #expect(Set(all.map(\.description)).count == all.count)
    for status in all { #expect(EvaluationStatus(word: status.description) == status) }
    #expect(EvaluationStatus.timedOut.description == "timed-out")
    #expect(EvaluationStatus(rawValue: 17).description == "status-17")
    #expect(EvaluationStatus(word: "nonsense") == nil)
    #expect(all.filter(\.hasOutputs) == [.ok, .infeasible])
  }
}
