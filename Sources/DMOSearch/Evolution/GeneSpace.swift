import DMOCore

/// The free coordinates as evolutionary operators see them: numbers in [0, 1], each with what may be done to it.
///
/// Continuous coordinates take a short way that gives the same values as `ParameterSpace`: a generation decodes thousands.
struct GeneSpace {
  enum Kind: Equatable {
    case continuous
    /// Ordered values: whole numbers and grid points.
    case levels(Int)
    /// Values without an order: labels and booleans.
    case labels(Int)
  }
  struct Gene {
    var kind: Kind
    var isPeriodic: Bool
    /// Continuous and not logarithmic: value = low + z · width.
    fileprivate var isPlain: Bool
    fileprivate var low, high: Double
    fileprivate var index: Int
  }

  let space: SearchSpace
  let genes: [Gene]
  var count: Int { genes.count }

  init(_ space: SearchSpace) {
    self.space = space
    genes = space.free.map { i in
      let p = space.space.parameter(at: i)
      var kind = space.space.levelCount(at: i).map { Kind.levels($0) } ?? .continuous
      switch p.kind {
      case .categorical(let labels): kind = .labels(labels.count)
      case .boolean: kind = .labels(2)
      default: break
      }
      let isPlain = kind == .continuous && p.scale == .linear && p.min < p.max
      return Gene(kind: kind, isPeriodic: p.isPeriodic, isPlain: isPlain, low: p.min, high: p.max, index: i)
    }
  }

  /// To a full canonical point; coordinates outside [0, 1] are clipped or wrapped.
  /// Shapes (count) → (space.space.dimension).
  func decode(_ z: [Double]) -> [Double] {
    var x = [Double](repeating: 0, count: space.space.dimension)
    for (i, value) in space.fixed { x[i] = value }
    for (k, gene) in genes.enumerated() {
      if gene.isPlain && !gene.isPeriodic {
        x[gene.index] = min(max(gene.low + z[k] * (gene.high - gene.low), gene.low), gene.high)
      } else {
        x[gene.index] = space.space.decode(bounded(z[k], at: k), at: gene.index)
      }
    }
    return x
  }

  /// From a full point; shapes (space.space.dimension) → (count).
  func encode(_ x: [Double]) -> [Double] {
    genes.map { gene in
      gene.isPlain
        ? (x[gene.index] - gene.low) / (gene.high - gene.low) : space.space.encode(x[gene.index], at: gene.index)
    }
  }

  /// Wrapped when periodic, else clipped.
  func bounded(_ z: Double, at k: Int) -> Double {
    genes[k].isPeriodic ? z - z.rounded(.down) : min(max(z, 0), 1)
  }

  /// Wrapped when periodic, else mirrored at the walls: unlike clipping, it leaves no mass on them.
  func reflected(_ z: Double, at k: Int) -> Double {
    let fraction = z - z.rounded(.down)
    if genes[k].isPeriodic { return fraction }
    let period = z - 2 * (z / 2).rounded(.down)
    return period <= 1 ? period : 2 - period
  }

  func reflected(_ z: [Double]) -> [Double] { z.indices.map { reflected(z[$0], at: $0) } }

  /// b − a, the short way round when periodic.
  func displacement(from a: Double, to b: Double, at k: Int) -> Double {
    let d = b - a
    return genes[k].isPeriodic ? d - d.rounded() : d
  }

  /// The level of a coordinate of discrete kind, and the coordinate of a level.
  static func level(_ z: Double, of count: Int) -> Int { min(max(Int((z * Double(count - 1)).rounded()), 0), count - 1) }
  static func coordinate(_ level: Int, of count: Int) -> Double { count > 1 ? Double(level) / Double(count - 1) : 0.5 }
}
