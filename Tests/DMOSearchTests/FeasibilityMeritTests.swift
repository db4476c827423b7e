import Foundation
import Testing

@testable import DMOSearch

@Suite struct FeasibilityMeritTests {
  private static func view(shortfall: Double, answered: Double) -> JointModel.View {
    JointModel.View(
      losses: [[0]], mean: [0], margins: [1], logFeasible: log(answered) - 10 * shortfall, logAnswer: log(answered),
      shortfall: shortfall)
  }

  @Test("nearer to feasible is worth more, and so is a surer answer")
  func order() {
    let merit = FeasibilityMerit(answered: [5, 3, 4].map { Self.view(shortfall: $0, answered: 1) })
    let worth = [3.5, 3, 2.5, 1, 0].map { merit(Self.view(shortfall: $0, answered: 0.7)) }
    #expect(zip(worth, worth.dropFirst()).allSatisfy { $0 < $1 })
    #expect(merit(Self.view(shortfall: 2, answered: 0.9)) > merit(Self.view(shortfall: 2, answered: 0.3)))
    // Far from the doubt it is the expected gain itself.
    #expect(abs(merit(Self.view(shortfall: 0, answered: 0.5)) - 1.5) < 1e-3)
  }

  @Test("a point that seems feasible yet will hardly be answered loses to a small sure step")
  func crashes() {
    let merit = FeasibilityMerit(answered: [Self.view(shortfall: 3, answered: 1)])
    #expect(merit(Self.view(shortfall: 2.5, answered: 0.9)) > merit(Self.view(shortfall: 0, answered: 0.01)))
  }

  @Test("it stays positive and finite, however far and however sure to fail")
  func extremes() {
    for merit in [FeasibilityMerit(answered: []), FeasibilityMerit(answered: [Self.view(shortfall: 0, answered: 1)])] {
      for (shortfall, answered) in [(0.0, 1.0), (1e6, 1e-6), (1e6, 1), (0, 1e-6)] {
        let worth = merit(Self.view(shortfall: shortfall, answered: answered))
        #expect(worth > 0 && (1 / worth).isFinite)
      }
    }
  }
}
