import DMOCore

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// CMA-ES with cumulative step-size adaptation, rank-one and rank-μ updates (Hansen & Ostermeier, Evol. Comput. 9 (2001)
/// 159–195; parameters of Hansen, arXiv 1604.00772, without negative weights), on the covariance's Cholesky factor (Krause,
/// Arbonès & Igel, NeurIPS 2016). Restarts with twice the population when it has converged (Auger & Hansen, CEC 2005).
///
/// One objective; infeasible points rank behind feasible ones by their violation. Coordinates outside the cube are
/// mirrored or wrapped, so that the distribution never feels a wall.
struct CMAES: Evolution {
  private let genes: GeneSpace
  private let initialSigma: Double
  private let smallestSize: Int
  private let restarts: Bool
  private(set) var generation = 0
  private(set) var generationSize: Int
  private(set) var strategy: Parameters

  private(set) var mean: [Double] = []
  private(set) var sigma: Double
  private(set) var factor: CholeskyFactor
  private var sigmaPath: [Double]
  private var covariancePath: [Double]
  /// Generations since the last restart, and how many restarts there were.
  private var age = 0
  private(set) var restartCount = 0
  /// Positions on the unfolded line, by key.
  private var pending: [Int: [Double]] = [:]
  private var answers: [Individual] = []
  /// The best loss of each of the last generations.
  private var recent: [Double] = []
  private var nextKey = 0
  private(set) var population: [Individual] = []

  /// - Parameter populationSize: λ; nil for 4 + ⌊3 ln n⌋.
  init(genes: GeneSpace, populationSize: Int?, sigma: Double, restarts: Bool) {
    self.genes = genes
    let n = genes.count
    let size = populationSize ?? Parameters.defaultSize(dimension: n)
    smallestSize = size
    generationSize = size
    initialSigma = sigma
    self.sigma = sigma
    self.restarts = restarts
    strategy = Parameters(dimension: n, populationSize: size)
    factor = CholeskyFactor(count: n)
    sigmaPath = [Double](repeating: 0, count: n)
    covariancePath = sigmaPath
  }

  mutating func start(with known: [Individual], _ random: inout RandomStream) {
    let best = known.min(by: Self.isBetter) ?? known[0]
    population = [best]
    mean = best.z
  }

  static func isBetter(_ a: Individual, _ b: Individual) -> Bool {
    if a.violation != b.violation { return a.violation < b.violation }
    return a.losses.lexicographicallyPrecedes(b.losses)
  }

  mutating func propose(_ random: inout RandomStream) -> Candidate {
    let step = factor.times((0..<genes.count).map { _ in random.normal() })
    nextKey += 1
    let z = mean.indices.map { mean[$0] + sigma * step[$0] }
    pending[nextKey] = z
    return Candidate(z: genes.reflected(z), key: nextKey)
  }

  mutating func withdraw(_ key: Int) { pending[key] = nil }

  mutating func learn(_ individual: Individual, key: Int?, _ random: inout RandomStream) {
    if Self.isBetter(individual, population[0]) { population = [individual] }
    // Points from elsewhere are not from this distribution.
    guard let z = key.flatMap({ pending.removeValue(forKey: $0) }) else { return }
    answers.append(Individual(z: z, losses: individual.losses, violation: individual.violation))
    guard answers.count >= generationSize else { return }
    answers.sort(by: Self.isBetter)
    recent.append(answers[0].violation > 0 ? .infinity : answers[0].losses.first ?? 0)
    let spread = (answers.last?.losses.first ?? 0) - (answers[0].losses.first ?? 0)
    update()
    answers.removeAll(keepingCapacity: true)
    generation += 1
    age += 1
    if restarts && hasConverged(spread) { restart(&random) }
  }

  mutating func code(_ coder: inout StateCoder) throws {
    try coder.code(&generation)
    try coder.code(&generationSize)
    guard generationSize >= smallestSize else { throw StateCoder.damaged }
    if coder.isReading { strategy = Parameters(dimension: genes.count, populationSize: generationSize) }
    try coder.code(&mean)
    try coder.code(&sigma)
    try factor.code(&coder)
    try coder.code(&sigmaPath)
    try coder.code(&covariancePath)
    try coder.code(&age)
    try coder.code(&restartCount)
    try coder.code(&pending)
    try coder.code(&answers)
    try coder.code(&recent)
    try coder.code(&nextKey)
    try coder.code(&population)
  }

  /// The distribution moves to the better half. - Complexity: O(μ n²)
  private mutating func update() {
    let p = strategy
    let n = genes.count
    let steps = answers.prefix(p.weights.count).map { answer in mean.indices.map { (answer.z[$0] - mean[$0]) / sigma } }
    var move = [Double](repeating: 0, count: n)
    for (w, y) in zip(p.weights, steps) { for i in 0..<n { move[i] += w * y[i] } }
    for i in 0..<n { mean[i] += sigma * move[i] }

    let white = factor.solve(move)
    let sigmaGain = (p.cSigma * (2 - p.cSigma) * p.muEffective).squareRoot()
    for i in 0..<n { sigmaPath[i] = (1 - p.cSigma) * sigmaPath[i] + sigmaGain * white[i] }
    let length = sigmaPath.reduce(0) { $0 + $1 * $1 }.squareRoot()
    let memory = (1 - pow(1 - p.cSigma, 2 * Double(age + 1))).squareRoot()
    // While the step size still grows fast, the covariance's path would record the step size's growth.
    let isSettled = length / memory < (1.4 + 2 / Double(n + 1)) * p.expectedLength
    let pathGain = isSettled ? (p.cPath * (2 - p.cPath) * p.muEffective).squareRoot() : 0
    for i in 0..<n { covariancePath[i] = (1 - p.cPath) * covariancePath[i] + pathGain * move[i] }

    let missing = isSettled ? 0 : p.cOne * p.cPath * (2 - p.cPath)
    factor.update(alpha: 1 - p.cOne - p.cMu + missing, beta: p.cOne, covariancePath)
    for (w, y) in zip(p.weights, steps) { factor.update(alpha: 1, beta: p.cMu * w, y) }
    sigma *= exp(min(p.cSigma / p.damping * (length / p.expectedLength - 1), 1))
  }

  /// Tolerances of Hansen's tutorial, in the unit cube.
  private func hasConverged(_ spread: Double) -> Bool {
    let diagonal = factor.diagonal
    if sigma * (factor.deviations.max() ?? 0) < 1e-12 * initialSigma { return true }
    if (diagonal.max() ?? 1) > 1e7 * (diagonal.min() ?? 1) { return true }
    let window = 10 + 30 * genes.count / generationSize
    guard recent.count >= window else { return false }
    let last = recent.suffix(window)
    guard let low = last.min(), let high = last.max(), high.isFinite else { return false }
    return high - low < 1e-12 && spread < 1e-12
  }

  private mutating func restart(_ random: inout RandomStream) {
    restartCount += 1
    generationSize = smallestSize << min(restartCount, 10)
    strategy = Parameters(dimension: genes.count, populationSize: generationSize)
    factor = CholeskyFactor(count: genes.count)
    sigma = initialSigma
    sigmaPath = [Double](repeating: 0, count: genes.count)
    covariancePath = sigmaPath
    mean = sigmaPath.map { _ in random.uniform() }
    recent.removeAll()
    age = 0
  }
}

extension CMAES {
  /// The constants that follow from the dimension and λ (table 1 of arXiv 1604.00772).
  struct Parameters: Equatable {
    /// Of the better half, in their order; they sum to 1.
    let weights: [Double]
    let muEffective, cSigma, damping, cPath, cOne, cMu: Double
    /// E‖N(0, I)‖.
    let expectedLength: Double

    init(dimension: Int, populationSize: Int) {
      let n = Double(max(dimension, 1))
      let mu = populationSize / 2
      let raw = (1...mu).map { log(Double(populationSize + 1) / 2) - log(Double($0)) }
      let sum = raw.reduce(0, +)
      weights = raw.map { $0 / sum }
      muEffective = 1 / weights.reduce(0) { $0 + $1 * $1 }
      cSigma = (muEffective + 2) / (n + muEffective + 5)
      damping = 1 + 2 * max(0, ((muEffective - 1) / (n + 1)).squareRoot() - 1) + cSigma
      cPath = (4 + muEffective / n) / (n + 4 + 2 * muEffective / n)
      cOne = 2 / ((n + 1.3) * (n + 1.3) + muEffective)
      cMu = min(1 - cOne, 2 * (muEffective - 2 + 1 / muEffective) / ((n + 2) * (n + 2) + muEffective))
      expectedLength = n.squareRoot() * (1 - 1 / (4 * n) + 1 / (21 * n * n))
    }
  }
}
