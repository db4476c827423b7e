import DMOCore
import DMONumerics
import DMOSurrogates
import Synchronization
import Testing

@testable import DMOSearch

@Suite("Joint strategy with many workers")
struct JointManyWorkersTests {
  /// Losses with ties, some infeasible, some without an answer.
  private static func individuals(_ count: Int, objectives m: Int, seed: UInt64) -> [Individual] {
    var random = Seed(seed).generator
    return (0..<count).map { i in
      let losses = (0..<m).map { _ in (random.uniform() * 40).rounded() / 8 - 2 }
      if i % 11 == 10 { return Individual(z: [0], losses: losses.map { _ in .nan }, violation: .infinity) }
      return Individual(z: [0], losses: losses, violation: random.uniform() < 0.3 ? random.uniform() : 0)
    }
  }

  @Test("losses kept answer by answer are those of all answers at once", arguments: [1, 2, 3])
  func knownLosses(_ m: Int) {
    let known = Self.individuals(300, objectives: m, seed: UInt64(m))
    var losses = KnownLosses(objectives: m)
    for (i, individual) in known.enumerated() {
      losses.append(individual)
      guard i % 50 == 49 else { continue }
      let so = known[...i]
      let feasible = so.filter { $0.violation == 0 }.map(\.losses)
      #expect(losses.front == Ranking.nonDominated(feasible).map { feasible[$0] })
      let finite = so.filter { $0.losses.allSatisfy(\.isFinite) }.map(\.losses)
      for j in 0..<m {
        #expect(losses.sorted[j] == finite.map { $0[j] }.sorted())
        #expect(losses.whole[j]?.low == finite.map { $0[j] }.min())
        #expect(losses.whole[j]?.high == finite.map { $0[j] }.max())
        #expect(losses.feasible[j]?.high == feasible.map { $0[j] }.max())
      }
    }
  }

  private static func pool(_ count: Int, objectives m: Int, seed: UInt64) -> [JointCandidate] {
    var random = Seed(seed).generator
    return (0..<count).map { _ in
      let z = (0..<4).map { _ in random.uniform() }
      let mean = (0..<m).map { _ in random.uniform() * 1.2 }
      let losses = (0..<3).map { _ in mean.map { $0 + 0.05 * random.normal() } }
      let view = JointModel.View(
        losses: losses, mean: mean, margins: [0], logFeasible: -random.uniform(), logAnswer: -random.uniform(),
        violations: [[random.uniform()]])
      return JointCandidate(z: z, x: z, source: "local", view: view, novelty: random.uniform())
    }
  }

  @Test(
    "a large batch is what looking at every point every time would choose", arguments: [2, 3], [5, 6, 7] as [UInt64])
  func lazy(_ m: Int, _ seed: UInt64) {
    let pool = Self.pool(150, objectives: m, seed: seed)
    let front = m == 2 ? [[0.1, 0.9], [0.5, 0.5], [0.9, 0.1]] : [[0.2, 0.9, 0.5], [0.5, 0.5, 0.4], [0.9, 0.2, 0.6]]
    var plain = JointSelection(
      ideal: [Double](repeating: 0, count: m), range: [Double](repeating: 1, count: m), front: front,
      reference: [Double](repeating: 1.1, count: m), merit: nil, spacing: 0.08)
    var many = plain
    let (a, b) = (plain.choose(pool, count: 60), many.chooseMany(pool, count: 60))
    #expect(a.count == 60 && a.map(\.z) == b.map(\.z))
    // Differences of two hypervolumes near 1 against volumes within a box.
    #expect(zip(a, b).allSatisfy { abs($0.expected - $1.expected) < 1e-12 })
    #expect(a.filter { $0.expected > 0 }.count > 5)
  }

  @Test("while nothing is feasible a batch is no heap of points beside the best one", arguments: [false, true])
  func heaps(_ isLarge: Bool) {
    func candidate(_ z: [Double], violation: Double) -> JointCandidate {
      let view = JointModel.View(
        losses: [[0]], mean: [0], margins: [violation], logFeasible: -1, logAnswer: -0.1, violations: [[violation]])
      return JointCandidate(z: z, x: z, source: "local", view: view, novelty: 0.1)
    }
    let heap = (0..<10).map { candidate([0.5 + 0.002 * Double($0), 0.5], violation: 1 + 0.01 * Double($0)) }
    let others = [candidate([0.1, 0.1], violation: 2), candidate([0.9, 0.2], violation: 3)]
    let known = [candidate([0.3, 0.3], violation: 5)]
    var selection = JointSelection(
      ideal: [0], range: [1], front: [], reference: [1],
      merit: FeasibilityMerit(answered: known.map(\.view), weights: [1], optimism: 0), spacing: 0.001)
    let pool = heap + others
    let chosen = isLarge ? selection.chooseMany(pool, count: 3) : selection.choose(pool, count: 3)
    #expect(chosen.map(\.z) == [[0.5, 0.5], [0.1, 0.1], [0.9, 0.2]])
    // Nothing else is left: the heap's farthest point comes before its others.
    #expect(selection.choose(pool, count: 4).last?.z == heap.last?.z)
  }

  @Test("what a point adds to a set is the difference of their hypervolumes", arguments: [2, 3, 4])
  func added(_ m: Int) {
    var random = Seed(UInt64(m)).generator
    let reference = [Double](repeating: 1, count: m)
    for _ in 0..<40 {
      let set = (0..<12).map { _ in (0..<m).map { _ in random.uniform() * 1.1 } }
      let p = (0..<m).map { _ in random.uniform() * 1.1 }
      let difference = Hypervolume.of(set + [p], reference: reference) - Hypervolume.of(set, reference: reference)
      let added = JointSelection.volume(added: p, to: set.flatMap(\.self), reference: reference)
      #expect(abs(added - difference) < 1e-12)
    }
  }

  @Test("the nearest of many points is that of looking at each")
  func nearest() {
    var random = Seed(9).generator
    let points = (0..<200).map { _ in (0..<7).map { _ in random.uniform() } }
    let neighbours = Neighbours(points)
    for _ in 0..<50 {
      let z = (0..<7).map { _ in random.uniform() }
      #expect(neighbours.distance(to: z) == points.map { JointSelection.distance($0, z) }.min())
    }
    #expect(Neighbours([]).distance(to: [0.5]) == .infinity)
  }

  /// A trainer that notes the rows of each fit.
  private struct Counting: SurrogateTrainer {
    final class Fits: Sendable { let rows = Mutex<[Int]>([]) }
    var base: any SurrogateTrainer
    let fits: Fits
    mutating func fit(_ data: Dataset) throws -> any Surrogate {
      fits.rows.withLock { $0.append(data.count) }
      return try base.fit(data)
    }
    var lastLoss: Double { base.lastLoss }
    var target: TrainingTarget { base.target }
    var fitted: (any Surrogate)? { base.fitted }
    func saved() -> [UInt8] { base.saved() }
    mutating func restore(_ bytes: [UInt8]) throws { try base.restore(bytes) }
  }

  /// ZDT1 with six parameters.
  private static let problem = TestProblem.smooth(6, [.minimize, .minimize]) { z in
    let g = 1 + 9 * z[1...].reduce(0, +) / 5
    return [z[0], g * (1 - (z[0] / g).squareRoot())]
  }

  private static func strategy(workers: Int, budget: Int, fits: Counting.Fits) throws -> any StorableStrategy {
    let setup = problem.setup(seed: 1, budget: budget, workers: workers)
    let trainer = Counting(
      base: try TrainerRegistry.make(
        id: "joint", options: ["members=2", "width=32", "cold_epochs=60", "epochs=20"],
        setup: TrainerSetup(seed: Seed(1), featureGroups: setup.space.featureGroups)), fits: fits)
    return try StrategyRegistry.make(
      "joint", options: ["num-generations": "10", "population-size": "24"], setup: setup, trainer: trainer)
  }

  @Test("forty workers always have a point, the network learns a tenth new, and a stored state goes on the same")
  func wide() throws {
    let (workers, budget) = (40, 400)
    let fits = Counting.Fits()
    var joint = try Self.strategy(workers: workers, budget: budget, fits: fits)
    var other = try Self.strategy(workers: workers, budget: budget, fits: Counting.Fits())
    var open = try joint.ask(workers).map(\.x)
    #expect(try other.ask(workers).map(\.x) == open)
    var all = open
    for answered in 1...budget - workers {
      let x = open.remove(at: answered % 7)
      let observation = Observation(x: x, result: Self.problem.evaluate(x, id: answered))
      joint.tell(observation)
      other.tell(observation)
      if answered % 60 == 30 {
        let state = try other.state()
        other = try Self.strategy(workers: workers, budget: budget, fits: Counting.Fits())
        try other.restore(state)
      }
      let next = try joint.ask(1).map(\.x)
      #expect(next.count == 1)
      #expect(try other.ask(1).map(\.x) == next, "after \(answered) answers")
      open += next
      all += next
    }
    #expect(all.count == budget && Set(all).count == budget)
    let rows = fits.rows.withLock { $0 }
    #expect(rows.count > 4 && zip(rows, rows.dropFirst()).allSatisfy { Double($1) >= 1.1 * Double($0) }, "\(rows)")
    let volume = Hypervolume.of(all.map { Self.problem.evaluate($0, id: 1).y }, reference: [1.1, 1.1])
    #expect(volume > 0.7, "of 0.877: \(volume)")
  }
}
