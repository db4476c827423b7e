import DMOCore

/// SMPSO: a particle swarm for several objectives with constricted velocities, mutation ("turbulence") and an archive of
/// leaders kept by crowding (Nebro et al., MCDM 2009, 66–73).
struct SMPSO: Evolution {
  private struct Particle: Stored {
    var position: [Double]
    var velocity: [Double]
    var best: Individual

    static var blank: Particle { Particle(position: [], velocity: [], best: .blank) }
    mutating func code(_ coder: inout StateCoder) throws {
      try coder.code(&position)
      try coder.code(&velocity)
      try coder.code(&best)
    }
  }
  /// Every sixth particle is mutated, as in the paper.
  private static let mutationShare = 6

  private let genes: GeneSpace
  private let variation: Variation
  let generationSize: Int
  private(set) var generation = 0
  private var particles: [Particle] = []
  private var archive: [Individual] = []
  private var crowding: [Double] = []
  private var turn = 0
  private var answered = 0
  private var nextKey = 0
  /// Which particle a candidate is the next position of.
  private var pending: [Int: Int] = [:]

  /// - Parameter variation: its mutation is applied to every sixth particle.
  init(genes: GeneSpace, populationSize: Int, variation: Variation) {
    self.genes = genes
    generationSize = populationSize
    self.variation = variation
  }

  var population: [Individual] { archive }

  mutating func start(with known: [Individual], _ random: inout RandomStream) {
    let chosen = CrowdingSurvival().select(known, count: generationSize).map { known[$0.index] }
    particles = chosen.map { join($0) }
    refreshArchive(with: chosen)
  }

  private func join(_ point: Individual) -> Particle {
    Particle(position: point.z, velocity: [Double](repeating: 0, count: genes.count), best: point)
  }

  mutating func propose(_ random: inout RandomStream) -> Candidate {
    let i = turn % particles.count
    turn += 1
    let leader = leader(&random).z
    let own = particles[i].best.z
    let (c1, c2) = (1.5 + random.uniform(), 1.5 + random.uniform())
    let (r1, r2) = (random.uniform(), random.uniform())
    // Clerc & Kennedy's constriction, 1 up to φ = 4.
    let phi = c1 + c2
    let chi = phi > 4 ? 2 / abs(2 - phi - (phi * phi - 4 * phi).squareRoot()) : 1
    var z = particles[i].position
    for k in z.indices {
      let toOwn = genes.displacement(from: z[k], to: own[k], at: k)
      let toLeader = genes.displacement(from: z[k], to: leader[k], at: k)
      var v = chi * (0.1 * particles[i].velocity[k] + c1 * r1 * toOwn + c2 * r2 * toLeader)
      v = min(max(v, -0.5), 0.5)
      if case .labels = genes.genes[k].kind {
        // A label has no direction: the pull decides how likely it is taken over.
        if random.uniform() < min(abs(toOwn) + abs(toLeader), 1) { z[k] = random.uniform() < 0.5 ? own[k] : leader[k] }
        v = 0
      } else {
        let moved = z[k] + v
        z[k] = genes.bounded(moved, at: k)
        if !genes.genes[k].isPeriodic && (moved < 0 || moved > 1) { v = -v }
      }
      particles[i].velocity[k] = v
    }
    if i % Self.mutationShare == 0 { variation.mutate(&z, &random) }
    particles[i].position = z
    nextKey += 1
    pending[nextKey] = i
    return Candidate(z: z, key: nextKey)
  }

  /// The less crowded of two leaders.
  private func leader(_ random: inout RandomStream) -> Individual {
    let (a, b) = (random.index(below: archive.count), random.index(below: archive.count))
    return archive[crowding[b] > crowding[a] ? b : a]
  }

  mutating func withdraw(_ key: Int) {
    guard let i = pending.removeValue(forKey: key) else { return }
    // Standing on a known point: the particle goes on from a mutated one next time.
    particles[i].velocity = particles[i].velocity.map { -$0 }
  }

  mutating func learn(_ individual: Individual, key: Int?, _ random: inout RandomStream) {
    if let key, let i = pending.removeValue(forKey: key) {
      if !Individual.dominates(particles[i].best, individual) { particles[i].best = individual }
    } else if particles.count < generationSize {
      particles.append(join(individual))
    }
    refreshArchive(with: [individual])
    answered += 1
    generation = answered / generationSize
  }

  mutating func code(_ coder: inout StateCoder) throws {
    try coder.code(&generation)
    try coder.code(&particles)
    try coder.code(&archive)
    try coder.code(&crowding)
    try coder.code(&turn)
    try coder.code(&answered)
    try coder.code(&nextKey)
    try coder.code(&pending)
  }

  /// The non-dominated points so far, the least crowded ones when there are too many.
  private mutating func refreshArchive(with new: [Individual]) {
    for point in new {
      if archive.contains(where: { Individual.dominates($0, point) || $0.losses == point.losses }) && !archive.isEmpty {
        continue
      }
      archive.removeAll { Individual.dominates(point, $0) }
      archive.append(point)
      if archive.count > generationSize {
        let distances = Fronts.crowding(archive.map(\.losses))
        if let worst = distances.indices.min(by: { distances[$0] < distances[$1] }) { archive.remove(at: worst) }
      }
    }
    crowding = Fronts.crowding(archive.map(\.losses))
  }
}
