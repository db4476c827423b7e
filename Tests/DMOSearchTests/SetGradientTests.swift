import DMOCore
import DMONumerics
import Foundation
import Testing

@testable import DMOSearch

/// Central differences of a piecewise polynomial away from its kinks: rounding over the step.
private let differenceTolerance = 1e-6

@Suite("Gradients of sets")
struct SetGradientTests {
  private func points(_ n: Int, _ m: Int, seed: UInt64) -> [[Double]] {
    var random = Seed(seed).generator
    return (0..<n).map { _ in (0..<m).map { _ in random.uniform() } }
  }

  @Test("the hypervolume's gradient agrees with differences, for dominated points too", arguments: [1, 2, 3, 4])
  func hypervolume(_ m: Int) {
    let h = 1e-6
    let reference = [Double](repeating: 1.1, count: m)
    for seed: UInt64 in 1...4 {
      let (moving, fixed) = (points(7, m, seed: seed), points(4, m, seed: 100 + seed))
      let gradient = SetGradient.hypervolume(moving, fixed: fixed, reference: reference)
      for i in moving.indices {
        for j in 0..<m {
          var (up, down) = (moving, moving)
          up[i][j] += h
          down[i][j] -= h
          let difference =
            (Hypervolume.of(up + fixed, reference: reference) - Hypervolume.of(down + fixed, reference: reference))
            / (2 * h)
          #expect(abs(gradient[i][j] - difference) < differenceTolerance, "seed \(seed), point \(i), objective \(j)")
        }
      }
    }
  }

  @Test("in two objectives it is the formula of neighbours on the sorted front")
  func twoObjectives() {
    let front = [[0.1, 0.9], [0.4, 0.5], [0.8, 0.2]]
    let g = SetGradient.hypervolume(front, reference: [1, 1])
    let expected = [[-0.1, -0.3], [-0.4, -0.4], [-0.3, -0.2]]
    for (a, b) in zip(g, expected) { for (u, v) in zip(a, b) { #expect(abs(u - v) < 1e-12) } }
  }

  @Test("the Chebyshev gradient agrees with differences and follows the worst weighted loss")
  func chebyshev() {
    let (losses, weights) = ([0.3, 0.5, 0.1], [0.5, 0.2, 0.3])
    let g = SetGradient.chebyshev(losses, weights: weights)
    #expect(g[0] > g[1] && g[1] > g[2])
    // Far apart, it is the worst one alone.
    for (a, b) in zip(SetGradient.chebyshev([10, 0, 0], weights: weights), [0.5, 0, 0]) { #expect(abs(a - b) < 1e-12) }
    let h = 1e-6
    func scalar(_ f: [Double]) -> Double { 0.05 * log(zip(f, weights).reduce(0) { $0 + exp($1.0 * $1.1 / 0.05) }) }
    for j in 0..<3 {
      var (up, down) = (losses, losses)
      up[j] += h
      down[j] -= h
      #expect(abs(g[j] - (scalar(up) - scalar(down)) / (2 * h)) < 1e-8)
    }
  }

  @Test("parts are balanced by their norms, and a part that is not finite is left out")
  func balanced() {
    #expect(UnifiedGradient.balanced([1e-9, 0], [0, 1e9], weight: 1, lossShare: 1) == [1, 1])
    #expect(UnifiedGradient.balanced([.nan, 0], [0, 2], weight: 0.5, lossShare: 1) == [0, 0.5])
    #expect(UnifiedGradient.balanced([0, 0], [0, 0], weight: 1, lossShare: 1) == [0, 0])
  }

  @Test("a trust region grows with successes, shrinks with failures, and starts anew when tiny")
  func region() {
    var region = TrustRegion(dimension: 5)
    let first = region.length
    for _ in 0..<3 { region.note(success: true) }
    #expect(region.length == 2 * first)
    for _ in 0..<5 { region.note(success: false) }
    #expect(region.length == first)
    for _ in 0..<4 { region.note(success: false) }
    region.note(success: true)
    for _ in 0..<4 { region.note(success: false) }
    #expect(region.length == first, "a success starts the count of failures again")
    for _ in 0..<100 where region.length >= 2 * 0x1p-7 { for _ in 0..<5 { region.note(success: false) } }
    for _ in 0..<10 { region.note(success: false) }
    #expect(region.length <= first)
  }
}
