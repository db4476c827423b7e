import DMOCore
import DMONumerics

/// An endless space-filling design of the free coordinates; a function of its set-up and how many points were taken.
struct SpaceFillingDesign {
  /// Uniform, Latin hypercube, symmetric and maximin ones, Sobol, Halton, good lattice points.
  enum Kind: String, CaseIterable { case random, lhs, slh, maximin, sobol, halton, glp }

  /// Some designs are tabulated, and this bounds their table (numbers; 64 MiB).
  private static let tableLimit = 1 << 23
  /// Consecutive points that may turn out known before a small discrete space is searched for what is left.
  private static let patience = 64
  /// Up to so many points a discrete space is listed; larger ones are not exhausted by expensive evaluations.
  private static let listingLimit = 1 << 20

  private let kind: Kind
  private let space: SearchSpace
  private let seed: Seed
  private let sobol: Sobol?
  private let halton: Halton?
  private let sweeps: Int
  /// Points of one table; after them the next one begins.
  private let blockSize: Int
  private var block: [Double] = []
  /// How many points were taken.
  private(set) var index = 0

  /// - Parameters:
  ///   - size: how many points are meant to be taken.
  ///   - isScrambled: for Sobol; the plain sequence does not depend on the seed.
  ///   - sweeps: exchanges that improve symmetric and maximin hypercubes.
  init(
    _ kind: Kind, space: SearchSpace, seed: Seed, size: Int, isScrambled: Bool = true, sweeps: Int = 5
  ) throws(SearchError) {
    self.kind = kind
    self.space = space
    self.seed = seed
    self.sweeps = sweeps
    halton = kind == .halton ? Halton(dimension: space.dimension, scrambling: seed.derived("halton")) : nil
    blockSize = max(1, min(size, Self.tableLimit / max(space.dimension, 1)))
    sobol =
      kind == .sobol
      ? Sobol(dimension: space.dimension, scrambling: isScrambled ? seed.derived("sobol") : nil) : nil
    if kind == .sobol && sobol == nil {
      throw SearchError(
        .badSpace,
        "Sobol points reach \(Sobol.maximumDimension) dimensions and this search has \(space.dimension): use 'lhs', "
          + "which has no limit, or pin parameters")
    }
  }

  /// The next point, uniform numbers of the unit cube; shape (space.dimension).
  private mutating func nextUniform() -> [Double] {
    let n = space.dimension
    defer { index += 1 }
    switch kind {
    case .random:
      var stream = seed.derived("random-point", UInt64(index)).generator
      return (0..<n).map { _ in stream.uniform() }
    case .sobol: return sobol?.point(index) ?? []
    case .halton: return halton?.point(index) ?? []
    case .lhs, .slh, .maximin, .glp:
      let row = index % blockSize
      if row == 0 { block = table(seed.derived("lhs-block", UInt64(index / blockSize))) }
      return Array(block[row * n..<(row + 1) * n])
    }
  }

  /// As after `count` points were taken.
  mutating func skip(to count: Int) {
    index = count
    guard [.lhs, .slh, .maximin, .glp].contains(kind), count % blockSize != 0 else { return }
    block = table(seed.derived("lhs-block", UInt64(count / blockSize)))
  }

  /// Shape (blockSize, space.dimension).
  private func table(_ seed: Seed) -> [Double] {
    let n = space.dimension
    switch kind {
    case .slh: return LatinHypercube.symmetric(count: blockSize, dimension: n, seed: seed, sweeps: sweeps)
    case .maximin: return LatinHypercube.maximin(count: blockSize, dimension: n, seed: seed, sweeps: sweeps)
    case .glp: return GoodLattice.points(count: blockSize, dimension: n, seed: seed)
    default: return LatinHypercube.points(count: blockSize, dimension: n, seed: seed)
    }
  }

  /// The next point that is not in `known`, a full canonical point; nil when every point of a discrete space is known.
  mutating func next(avoiding known: PointSet) -> [Double]? {
    for _ in 0..<Self.patience {
      let x = space.sample(nextUniform())
      if !known.contains(x) { return x }
    }
    guard let count = space.cardinality(limit: Self.listingLimit) else { return space.sample(nextUniform()) }
    var stream = seed.derived("listing", UInt64(index)).generator
    let start = stream.index(below: count)
    for k in 0..<count {
      let x = space.point(number: (start + k) % count)
      if !known.contains(x) { return x }
    }
    return nil
  }
}
