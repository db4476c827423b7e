import DMOCore
import DMONumerics

/// Search in a box around the front, which grows on success and shrinks on failure (the trust-region search of dmosopt, after
/// TuRBO: Eriksson, Pearce, Gardner, Turner & Poloczek, NeurIPS 2019).
///
/// A candidate is a member of the population of which a random few coordinates are moved within the box by a scrambled Sobol
/// sequence. A success is a candidate that the population takes in; its rate over the last candidates decides about the box.
/// When the box has become tiny, it starts again at its first size.
struct TrustRegionSearch: Evolution {
  struct Settings: Equatable {
    /// Side of the box as a part of the range: at the start, at least, at most.
    var initialLength = 0.1
    var smallestLength = 1e-5
    var largestLength = 1.0
    /// A success rate above doubles the side.
    var successTolerance = 0.51
    /// A success rate below halves it.
    var failureTolerance: Double
    /// Over how many candidates the rate is taken.
    var window = 64

    init(dimension: Int) { failureTolerance = min(1 / Double(max(dimension, 1)), 0.255) }
  }
  /// So many coordinates move on average (TuRBO's choice).
  private static let movedCoordinates = 20.0

  private let genes: GeneSpace
  private let settings: Settings
  private let variation: Variation
  private let sobol: Sobol?
  private var drawn = 0
  let generationSize: Int
  private(set) var generation = 0
  private(set) var population: [Individual] = []
  private(set) var length: Double
  private var answers: [Individual] = []
  private var successes: [Bool] = []
  private var deck: [Int] = []
  private var nextKey = 0

  /// - Parameter variation: gives labels and whole numbers another value.
  init(genes: GeneSpace, populationSize: Int, settings: Settings, variation: Variation, seed: Seed) {
    self.genes = genes
    self.settings = settings
    self.variation = variation
    generationSize = populationSize
    length = settings.initialLength
    sobol = Sobol(dimension: genes.count, scrambling: seed.derived("trust-region"))
  }

  mutating func start(with known: [Individual], _ random: inout RandomStream) {
    population = MOCMAES.order(known).order.prefix(generationSize).map { known[$0] }
  }

  mutating func propose(_ random: inout RandomStream) -> Candidate {
    if deck.isEmpty { deck = Array(0..<centres).reversed() }
    var z = population[deck.removeLast() % population.count].z
    let n = genes.count
    let u = sobol?.point(drawn) ?? (0..<n).map { _ in random.uniform() }
    drawn += 1
    let share = min(Self.movedCoordinates / Double(max(n, 1)), 1)
    let certain = n > 0 ? random.index(below: n) : 0
    for k in 0..<n where k == certain || random.uniform() < share {
      switch genes.genes[k].kind {
      case .labels: if random.uniform() < max(length, 1 / Double(n)) { z[k] = variation.mutated(z[k], at: k, &random) }
      case .levels(let count):
        let moved = genes.bounded(z[k] + (u[k] - 0.5) * length, at: k)
        // Within less than a level nothing would ever change.
        let isSame = GeneSpace.level(moved, of: count) == GeneSpace.level(z[k], of: count)
        z[k] = isSame && k == certain ? variation.mutated(z[k], at: k, &random) : moved
      case .continuous: z[k] = genes.bounded(z[k] + (u[k] - 0.5) * length, at: k)
      }
    }
    nextKey += 1
    return Candidate(z: z, key: nextKey)
  }

  /// Boxes stand around the best of the population: the first front, or the least violating point.
  private var centres: Int {
    let ranks = Fronts(population).ranks
    return max(ranks.count { $0 == 0 }, 1)
  }

  mutating func withdraw(_ key: Int) {}

  mutating func code(_ coder: inout StateCoder) throws {
    try coder.code(&drawn)
    try coder.code(&generation)
    try coder.code(&population)
    try coder.code(&length)
    try coder.code(&answers)
    try coder.code(&successes)
    try coder.code(&deck)
    try coder.code(&nextKey)
  }

  mutating func learn(_ individual: Individual, key: Int?, _ random: inout RandomStream) {
    if population.count < generationSize && key == nil {
      population.append(individual)
      return
    }
    answers.append(individual)
    guard answers.count >= generationSize else { return }
    let pool = population + answers
    let (order, _) = MOCMAES.order(pool)
    let kept = Array(order.prefix(generationSize))
    let taken = Set(kept.filter { $0 >= population.count })
    successes += answers.indices.map { taken.contains(population.count + $0) }
    successes = Array(successes.suffix(settings.window))
    population = kept.map { pool[$0] }
    answers.removeAll(keepingCapacity: true)
    deck.removeAll()
    generation += 1
    resize()
  }

  private mutating func resize() {
    guard successes.count >= min(settings.window, 2 * generationSize) else { return }
    let rate = Double(successes.count { $0 }) / Double(successes.count)
    if rate > settings.successTolerance {
      length = min(length * 2, settings.largestLength)
    } else if rate < settings.failureTolerance {
      length /= 2
    } else {
      return
    }
    successes.removeAll()
    if length < settings.smallestLength { length = settings.initialLength }
  }
}
