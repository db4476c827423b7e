import DMOCore

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// MO-CMA-ES: each parent of a population is a (1+1)-CMA-ES of its own, and the population is selected by rank and by
/// contribution to the hypervolume (Igel, Hansen & Roth, Evol. Comput. 15 (2007) 1–28; Cholesky update of Igel, Suttorp &
/// Hansen, GECCO 2006).
struct MOCMAES: Evolution {
  /// A point with its own search distribution.
  private struct Member: Stored {
    var point: Individual
    var id: Int
    var sigma: Double
    var success: Double
    var factor: CholeskyFactor
    var path: [Double]

    static var blank: Member {
      Member(point: .blank, id: 0, sigma: 0, success: 0, factor: CholeskyFactor(count: 0), path: [])
    }
    mutating func code(_ coder: inout StateCoder) throws {
      try coder.code(&point)
      try coder.code(&id)
      try coder.code(&sigma)
      try coder.code(&success)
      try coder.code(&path)
      if coder.isReading { factor = CholeskyFactor(count: path.count) }
      try factor.code(&coder)
    }
  }
  /// An answered child: as its parent was when it was asked for.
  private struct Child: Stored {
    var member: Member
    var parent: Int?
    /// The step from the parent, in units of its step size.
    var step: [Double]

    static var blank: Child { Child(member: .blank, parent: nil, step: []) }
    mutating func code(_ coder: inout StateCoder) throws {
      try coder.code(&member)
      try coder.code(&parent)
      try coder.code(&step)
    }
  }

  /// Points may stand so far outside, where they are simulated on the wall: part of a front often lies there, and only
  /// from outside most steps lead to it.
  private static let margin = 0.25

  private let genes: GeneSpace
  private let initialSigma: Double
  let generationSize: Int
  private(set) var generation = 0
  private var members: [Member] = []
  private var children: [Child] = []
  private var pending: [Int: Child] = [:]
  private var turn = 0
  private var nextID = 0

  // Constants of the paper's table 1.
  private let targetSuccess = 1 / 5.5
  private let damping: Double
  private let successRate: Double
  private let pathRate: Double
  private let covarianceRate: Double
  private let successThreshold = 0.44

  init(genes: GeneSpace, populationSize: Int, sigma: Double) {
    self.genes = genes
    generationSize = populationSize
    initialSigma = sigma
    let n = Double(max(genes.count, 1))
    damping = 1 + n / 2
    successRate = targetSuccess / (2 + targetSuccess)
    pathRate = 2 / (n + 2)
    covarianceRate = 2 / (n * n + 6)
  }

  var population: [Individual] { members.map(\.point) }

  mutating func start(with known: [Individual], _ random: inout RandomStream) {
    let (order, _) = Self.order(known)
    members = order.prefix(generationSize).map { fresh(known[$0]) }
  }

  private mutating func fresh(_ point: Individual) -> Member {
    nextID += 1
    return Member(
      point: point, id: nextID, sigma: initialSigma, success: targetSuccess, factor: CholeskyFactor(count: genes.count),
      path: [Double](repeating: 0, count: genes.count))
  }

  mutating func propose(_ random: inout RandomStream) -> Candidate {
    let parent = members[turn % members.count]
    turn += 1
    let step = parent.factor.times((0..<genes.count).map { _ in random.normal() })
    let z = step.indices.map { k in
      let moved = parent.point.z[k] + parent.sigma * step[k]
      return genes.genes[k].isPeriodic ? moved : min(max(moved, -Self.margin), 1 + Self.margin)
    }
    nextID += 1
    var member = parent
    member.id = nextID
    pending[nextID] = Child(member: member, parent: parent.id, step: step)
    return Candidate(z: z, key: nextID)
  }

  mutating func withdraw(_ key: Int) { pending[key] = nil }

  mutating func learn(_ individual: Individual, key: Int?, _ random: inout RandomStream) {
    var child = key.flatMap { pending.removeValue(forKey: $0) } ?? Child(member: fresh(individual), parent: nil, step: [])
    child.member.point = individual
    if child.parent == nil && members.count < generationSize {
      members.append(child.member)
      return
    }
    children.append(child)
    guard children.count >= generationSize else { return }
    select()
    generation += 1
  }

  mutating func code(_ coder: inout StateCoder) throws {
    try coder.code(&generation)
    try coder.code(&members)
    try coder.code(&children)
    try coder.code(&pending)
    try coder.code(&turn)
    try coder.code(&nextID)
  }

  /// The end of a generation: who succeeded adapts, the best of all live on. - Complexity: O(μ n²) beyond the selection
  private mutating func select() {
    let pool = members.map(\.point) + children.map(\.member.point)
    let (order, places) = Self.order(pool)
    var place: [Int: Int] = [:]
    for (k, member) in members.enumerated() { place[member.id] = places[k] }
    for (k, child) in children.enumerated() {
      guard let parentID = child.parent else { continue }
      // A parent that another generation has replaced was worse than what replaced it.
      let isSuccess = place[parentID].map { places[members.count + k] < $0 } ?? false
      adaptStep(&children[k].member, isSuccess)
      if isSuccess { adaptShape(&children[k].member, child.step) }
      if let parent = members.firstIndex(where: { $0.id == parentID }) { adaptStep(&members[parent], isSuccess) }
    }
    let all = members + children.map(\.member)
    members = order.prefix(generationSize).map { all[$0] }
    children.removeAll(keepingCapacity: true)
  }

  private func adaptStep(_ member: inout Member, _ isSuccess: Bool) {
    member.success = (1 - successRate) * member.success + (isSuccess ? successRate : 0)
    member.sigma *= exp((member.success - targetSuccess) / (damping * (1 - targetSuccess)))
    // Beyond the cube's size a step is all reflections; below rounding it is none.
    member.sigma = min(max(member.sigma, 1e-12), 1)
  }

  private func adaptShape(_ member: inout Member, _ step: [Double]) {
    if member.success < successThreshold {
      let gain = (pathRate * (2 - pathRate)).squareRoot()
      for i in step.indices { member.path[i] = (1 - pathRate) * member.path[i] + gain * step[i] }
      member.factor.update(alpha: 1 - covarianceRate, beta: covarianceRate, member.path)
    } else {
      for i in member.path.indices { member.path[i] *= 1 - pathRate }
      let alpha = 1 - covarianceRate + covarianceRate * pathRate * (2 - pathRate)
      member.factor.update(alpha: alpha, beta: covarianceRate, member.path)
    }
  }

  /// By rank, then by contribution to the hypervolume of the rank.
  /// - Returns: positions from best to worst, and the place of each position.
  static func order(_ pool: [Individual]) -> (order: [Int], places: [Int]) {
    var order: [Int] = []
    for members in Fronts(pool).members {
      let gains =
        pool[members[0]].violation == 0
        ? Fronts.contributions(members.map { pool[$0].losses }) : [Double](repeating: 0, count: members.count)
      order += members.indices.sorted { gains[$0] == gains[$1] ? $0 < $1 : gains[$0] > gains[$1] }.map { members[$0] }
    }
    var places = [Int](repeating: 0, count: pool.count)
    for (place, i) in order.enumerated() { places[i] = place }
    return (order, places)
  }
}
