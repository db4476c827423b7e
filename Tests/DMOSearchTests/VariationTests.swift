import DMOCore
import Testing

@testable import DMOSearch

@Suite("crossover and mutation")
struct VariationTests {
  private let mixed = GeneSpace(
    SearchSpace(
      ParameterSpace([
        Parameter(id: "real"), Parameter(id: "angle", min: 0, max: 360, isPeriodic: true),
        Parameter(id: "count", kind: .integer, min: 0, max: 9), Parameter(id: "flag", kind: .boolean),
        Parameter(id: "label", kind: .categorical(["a", "b", "c", "d"])),
        Parameter(id: "log", scale: .log, min: 1e-3, max: 1e3),
      ])))

  private func variation(_ space: GeneSpace, crossover: Double = 15, mutation: Double = 20) -> Variation {
    Variation(
      space: space, crossoverIndex: [Double](repeating: crossover, count: space.count),
      mutationIndex: [Double](repeating: mutation, count: space.count), crossoverProbability: 1, mutationProbability: 1,
      mutationRate: 1)
  }

  @Test("SBX: the spread factor has the moments of its density, half of it below 1", arguments: [2.0, 5, 15])
  func spreadMoments(eta: Double) {
    let space = GeneSpace(SearchSpace(ParameterSpace([Parameter(id: "x")])))
    let v = variation(space, crossover: eta)
    var random = Seed(1).generator
    let (a, b) = (0.499, 0.501)  // so near that the bounds are hundreds of gaps away
    var (sum, inverseSum, below) = (0.0, 0.0, 0)
    let n = 200_000
    for _ in 0..<n {
      let (c, d) = v.crossed(a, b, at: 0, &random)
      #expect(abs((c + d) - (a + b)) < 1e-9)  // the mean of two children is their parents'
      let beta = abs(d - c) / (b - a)
      sum += beta
      inverseSum += min(beta, 1)
      if beta < 1 { below += 1 }
    }
    // E β = ½(η+1)/(η+2) + ½(η+1)/η; E min(β, 1) = ½(η+1)/(η+2) + ½. Six standard errors of a variance below 1.
    let tolerance = 6 / Double(n).squareRoot()
    #expect(abs(sum / Double(n) - 0.5 * (eta + 1) * (1 / (eta + 2) + 1 / eta)) < tolerance)
    #expect(abs(inverseSum / Double(n) - 0.5 * ((eta + 1) / (eta + 2) + 1)) < tolerance)
    #expect(abs(Double(below) / Double(n) - 0.5) < tolerance)
  }

  @Test("SBX stays within the bounds, also at them, and mutation too")
  func bounds() {
    var random = Seed(2).generator
    let v = variation(mixed, crossover: 0.5, mutation: 0.5)
    for _ in 0..<5000 {
      let a = (0..<mixed.count).map { _ in [0, 1, random.uniform()][random.index(below: 3)] }
      let b = (0..<mixed.count).map { _ in [0, 1, random.uniform()][random.index(below: 3)] }
      let (c, d) = v.children(a, b, &random)
      for z in c + d { #expect(z >= 0 && z <= 1) }
    }
  }

  @Test("polynomial mutation: symmetric in the middle, its mean step is 1 / (η + 2) where the bounds are far")
  func polynomial() {
    let eta = 20.0
    var random = Seed(3).generator
    var (size, mean) = (0.0, 0.0)
    let n = 200_000
    for _ in 0..<n {
      let step = Variation.perturbation(random.uniform(), eta: eta, below: 1, above: 1)
      size += abs(step)
      mean += step
    }
    #expect(abs(size / Double(n) - 1 / (eta + 2)) < 6 * 0.05 / Double(n).squareRoot())
    #expect(abs(mean / Double(n)) < 6 * 0.07 / Double(n).squareRoot())
    // At the ends of the uniform numbers the step reaches the bounds and no farther.
    for (z, u) in [(0.3, 0.0), (0.3, 1.0), (0.0, 0.2), (1.0, 0.9)] {
      let step = Variation.perturbation(u, eta: eta, below: z, above: 1 - z)
      #expect(step >= -z - 1e-12 && step <= 1 - z + 1e-12)
      if u == 0 { #expect(abs(step + z) < 1e-12) }
      if u == 1 { #expect(abs(step - (1 - z)) < 1e-12) }
    }
  }

  @Test("a mutated whole number or label always changes, and every other label is as likely")
  func discrete() {
    var random = Seed(4).generator
    let v = variation(mixed)
    var counts = [Int](repeating: 0, count: 4)
    for _ in 0..<3000 {
      let level = random.index(below: 10)
      let moved = GeneSpace.level(v.mutated(Double(level) / 9, at: 2, &random), of: 10)
      #expect(moved != level)
      #expect(v.mutated(0, at: 3, &random) == 1)
      counts[GeneSpace.level(v.mutated(1.0 / 3, at: 4, &random), of: 4)] += 1
    }
    #expect(counts[1] == 0)
    for k in [0, 2, 3] { #expect(abs(counts[k] - 1000) < 6 * 26) }
  }

  @Test("labels are exchanged, never blended; angles cross the short way round")
  func kinds() {
    var random = Seed(5).generator
    let v = variation(mixed)
    for _ in 0..<500 {
      let (a, b) = v.crossed(0, 2.0 / 3, at: 4, &random)
      #expect(Set([a, b]) == [0, 2.0 / 3])
      let (c, d) = v.crossed(0.95, 0.05, at: 1, &random)
      // Parents a tenth of the circle apart: with η = 15 no child is half a circle away.
      for z in [c, d] { #expect(z < 0.4 || z > 0.6) }
    }
  }

  @Test("decoding and encoding agree with the parameter space; reflection folds the line into the cube")
  func coding() {
    var random = Seed(6).generator
    let space = mixed.space.space
    for _ in 0..<200 {
      let z = (0..<mixed.count).map { _ in random.uniform() }
      let x = mixed.decode(z)
      #expect(x == space.decode(z))
      #expect(x == space.canonical(x))
      for (a, b) in zip(mixed.encode(x), space.encode(x)) { #expect(abs(a - b) < 1e-15) }
    }
    let folded = [(1.25, 0.75), (-0.25, 0.25), (2.5, 0.5), (0.3, 0.3), (1, 1), (-3.75, 0.25)]
    for (z, expected) in folded { #expect(abs(mixed.reflected(z, at: 0) - expected) < 1e-15) }
    #expect(abs(mixed.reflected(1.25, at: 1) - 0.25) < 1e-15)
  }
}
