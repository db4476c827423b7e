import DMOCore

/// Binary tournaments, crossover and mutation, and a survival that makes the difference: NSGA-II, AGE-MOEA.
struct GeneticAlgorithm: Evolution {
  private let survival: any Survival
  private let variation: Variation
  let generationSize: Int
  private(set) var generation = 0
  private(set) var population: [Individual] = []
  private var merits: [Survivor] = []
  private var offspring: [Individual] = []
  /// Second children, and parents left for tournaments: a deck in which everybody takes part equally often.
  private var queue: [[Double]] = []
  private var deck: [Int] = []
  private var nextKey = 0

  init(populationSize: Int, survival: any Survival, variation: Variation) {
    generationSize = populationSize
    self.survival = survival
    self.variation = variation
  }

  mutating func start(with known: [Individual], _ random: inout RandomStream) { survive(known) }

  private mutating func survive(_ pool: [Individual]) {
    merits = survival.select(pool, count: generationSize)
    population = merits.map { pool[$0.index] }
    deck.removeAll(keepingCapacity: true)
  }

  mutating func propose(_ random: inout RandomStream) -> Candidate {
    if queue.isEmpty {
      let (a, b) = (parent(&random), parent(&random))
      let children = variation.children(population[a].z, population[b].z, &random)
      queue = [children.1, children.0]
    }
    nextKey += 1
    return Candidate(z: queue.removeLast(), key: nextKey)
  }

  private mutating func parent(_ random: inout RandomStream) -> Int {
    if deck.count < 2 { deck = random.permutation(population.count) + random.permutation(population.count) }
    let (a, b) = (deck.removeLast(), deck.removeLast())
    return merits[b].beats(merits[a]) ? b : a
  }

  mutating func learn(_ individual: Individual, key: Int?, _ random: inout RandomStream) {
    // A start with few answers is filled up before generations count.
    if population.count < generationSize {
      survive(population + [individual])
      return
    }
    offspring.append(individual)
    guard offspring.count >= generationSize else { return }
    survive(population + offspring)
    offspring.removeAll(keepingCapacity: true)
    queue.removeAll()
    generation += 1
  }

  mutating func withdraw(_ key: Int) {}

  mutating func code(_ coder: inout StateCoder) throws {
    try coder.code(&generation)
    try coder.code(&population)
    try coder.code(&merits)
    try coder.code(&offspring)
    try coder.code(&queue)
    try coder.code(&deck)
    try coder.code(&nextKey)
  }
}
