import Foundation
import Testing

@testable import DMOSearch

@Suite struct FeasibilityMeritTests {
  private static func view(_ violations: [Double], answered: Double = 1) -> JointModel.View {
    JointModel.View(
      losses: [[0]], mean: [0], margins: violations, logFeasible: log(answered), logAnswer: log(answered),
      violations: [violations, violations])
  }

  private static func merit(_ answered: [[Double]], weights: [Double] = [1], optimism: Double = 0) -> FeasibilityMerit {
    FeasibilityMerit(answered: answered.map { view($0) }, weights: weights, optimism: optimism)
  }

  @Test("nearer to feasible is worth more, and so is a surer answer")
  func order() {
    let merit = Self.merit([[5], [3], [4]])
    let worth = [3.5, 3, 2.5, 1, 0].map { merit(Self.view([$0], answered: 0.7), novelty: 0) }
    #expect(zip(worth, worth.dropFirst()).allSatisfy { $0 < $1 })
    #expect(merit(Self.view([2], answered: 0.9), novelty: 0) > merit(Self.view([2], answered: 0.3), novelty: 0))
    // Far from the doubt it is the expected gain itself.
    #expect(abs(merit(Self.view([0], answered: 0.5), novelty: 0) - 1.5) < 1e-3)
  }

  @Test("a point that seems feasible yet will hardly be answered loses to a small sure step")
  func crashes() {
    let merit = Self.merit([[3]])
    #expect(merit(Self.view([2.5], answered: 0.9), novelty: 0) > merit(Self.view([0], answered: 0.01), novelty: 0))
  }

  @Test("what one member of two expects counts half")
  func members() {
    var view = Self.view([3])
    view.violations = [[1], [9]]
    #expect(abs(Self.merit([[3]])(view, novelty: 0) - 1) < 1e-3)
  }

  @Test("a constraint that counts more turns the order, also that of answers")
  func weights() {
    let known = [[4.0, 1], [1, 4]]
    let (first, second) = (Self.merit(known, weights: [10, 1]), Self.merit(known, weights: [1, 10]))
    let (a, b) = (Self.view([0, 3]), Self.view([3, 0]))
    #expect(first(a, novelty: 0) > first(b, novelty: 0) && second(a, novelty: 0) < second(b, novelty: 0))
    #expect(first.violation([4, 1]) == 41 && first.violation([-2, 1]) == 1)
  }

  @Test("with optimism the unknown is worth more, without it not")
  func optimism() {
    let known = [[2.0], [4], [6]]
    let (bold, plain) = (Self.merit(known, optimism: 2), Self.merit(known))
    let view = Self.view([3])
    #expect(bold(view, novelty: 0.5) > 10 * bold(view, novelty: 0.1))
    #expect(plain(view, novelty: 0.5) == plain(view, novelty: 0.1))
    #expect(bold(view, novelty: .infinity) == bold(view, novelty: 0))
  }

  @Test("it stays positive and finite, however far, however sure to fail, and where nothing is foretold")
  func extremes() {
    for merit in [Self.merit([]), Self.merit([[0]])] {
      for (violation, answered) in [(0.0, 1.0), (1e6, 1e-6), (1e6, 1), (0, 1e-6), (.nan, 0.5)] {
        let worth = merit(Self.view([violation], answered: answered), novelty: 0.2)
        #expect(worth > 0 && (1 / worth).isFinite)
      }
    }
  }
}
