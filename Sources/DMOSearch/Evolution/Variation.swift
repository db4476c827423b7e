import DMOCore

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Simulated binary crossover and polynomial mutation, each coordinate by its kind, with an index of its own.
///
/// - Continuous and ordered: SBX with bounds (Deb & Agrawal, Complex Systems 9 (1995) 115–148) and polynomial mutation
///   with bounds (Deb & Goyal, Comput. Sci. Informatics 26 (1996) 30–45). A mutated whole number always changes.
/// - Periodic: the same without bounds, along the short way round, then wrapped.
/// - Labels and booleans: exchanged, or replaced by another label, all equally likely.
struct Variation {
  let space: GeneSpace
  /// η_c of each coordinate; larger keeps children nearer to their parents. Shape (genes).
  var crossoverIndex: [Double]
  /// η_m of each coordinate; shape (genes).
  var mutationIndex: [Double]
  /// Whether two parents are crossed at all.
  var crossoverProbability: Double
  /// Whether a child is mutated at all.
  var mutationProbability: Double
  /// Whether each coordinate of a mutated child changes.
  var mutationRate: Double

  /// Two children of two parents; mutation included.
  func children(_ a: [Double], _ b: [Double], _ random: inout RandomStream) -> ([Double], [Double]) {
    var pair = (a, b)
    if random.uniform() < crossoverProbability {
      for k in a.indices {
        // Half of the coordinates, as in Deb's own program.
        if random.uniform() < 0.5 { (pair.0[k], pair.1[k]) = crossed(a[k], b[k], at: k, &random) }
      }
    }
    mutate(&pair.0, &random)
    mutate(&pair.1, &random)
    return pair
  }

  /// One coordinate of two children, in random order.
  func crossed(_ a: Double, _ b: Double, at k: Int, _ random: inout RandomStream) -> (Double, Double) {
    let swap = random.uniform() < 0.5
    if case .labels = space.genes[k].kind { return swap ? (b, a) : (a, b) }
    let gap = space.displacement(from: a, to: b, at: k)
    guard abs(gap) > 1e-14 else { return (a, b) }
    let eta = crossoverIndex[k]
    let u = random.uniform()
    let (low, high) = gap > 0 ? (a, a + gap) : (a + gap, a)
    let middle = (low + high) / 2
    let half = abs(gap) / 2
    var (left, right) = (0.0, 0.0)
    if space.genes[k].isPeriodic {
      let beta = Self.spread(u, eta: eta, limit: .infinity)
      (left, right) = (middle - beta * half, middle + beta * half)
    } else {
      // Each side's spread factor ends where its bound is met.
      left = middle - Self.spread(u, eta: eta, limit: 1 + low / half) * half
      right = middle + Self.spread(u, eta: eta, limit: 1 + (1 - high) / half) * half
    }
    (left, right) = (space.bounded(left, at: k), space.bounded(right, at: k))
    return swap ? (right, left) : (left, right)
  }

  /// The spread factor β of a uniform number: density ½(η + 1) β^η below 1 and ½(η + 1) β^−(η + 2) above, renormalised to
  /// end at `limit` (≥ 1).
  static func spread(_ u: Double, eta: Double, limit: Double) -> Double {
    let alpha = 2 - pow(limit, -(eta + 1))
    return u <= 1 / alpha ? pow(u * alpha, 1 / (eta + 1)) : pow(1 / (2 - u * alpha), 1 / (eta + 1))
  }

  /// Mutates in place.
  func mutate(_ z: inout [Double], _ random: inout RandomStream) {
    guard random.uniform() < mutationProbability else { return }
    for k in z.indices where random.uniform() < mutationRate { z[k] = mutated(z[k], at: k, &random) }
  }

  /// Another value of one coordinate.
  func mutated(_ z: Double, at k: Int, _ random: inout RandomStream) -> Double {
    let gene = space.genes[k]
    if case .labels(let count) = gene.kind {
      guard count > 1 else { return z }
      let now = GeneSpace.level(z, of: count)
      return GeneSpace.coordinate((now + 1 + random.index(below: count - 1)) % count, of: count)
    }
    let u = random.uniform()
    let moved = space.bounded(
      z + Self.perturbation(u, eta: mutationIndex[k], below: gene.isPeriodic ? 1 : z, above: gene.isPeriodic ? 1 : 1 - z),
      at: k)
    guard case .levels(let count) = gene.kind, count > 1 else { return moved }
    let now = GeneSpace.level(z, of: count)
    if GeneSpace.level(moved, of: count) != now { return moved }
    let step = now == 0 ? 1 : now == count - 1 ? -1 : (u < 0.5 ? -1 : 1)
    return GeneSpace.coordinate(now + step, of: count)
  }

  /// Polynomial mutation's step in a unit range. - Parameters: below, above: room to the bounds.
  static func perturbation(_ u: Double, eta: Double, below: Double, above: Double) -> Double {
    if u < 0.5 {
      return pow(2 * u + (1 - 2 * u) * pow(1 - min(below, 1), eta + 1), 1 / (eta + 1)) - 1
    }
    return 1 - pow(2 * (1 - u) + 2 * (u - 0.5) * pow(1 - min(above, 1), eta + 1), 1 / (eta + 1))
  }
}
