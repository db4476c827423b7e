import DMOCore

/// Halton's low-discrepancy sequence (Numer. Math. 2 (1960) 84–90): the radical inverse of the index in the j-th prime base.
///
/// With a scrambling seed each digit goes through a random linear map modulo its base, of its own (Matoušek, J. Complexity
/// 14 (1998) 527–556), which breaks the correlations of large bases and keeps the stratification: of b^k consecutive points,
/// beginning at a multiple of it, one lies in each of b^k intervals.
public struct Halton: Sendable {
  private struct Digit: Sendable {
    var factor: UInt64
    var shift: UInt64
  }
  public let dimension: Int
  private let bases: [UInt64]
  /// The maps of each coordinate's digits, most significant first.
  private let maps: [[Digit]]

  /// - Parameters:
  ///   - dimension: coordinates of a point, each with a prime base of its own.
  ///   - scrambling: the seed of the scrambling; nil for the plain sequence, whose first point is the origin.
  public init(dimension: Int, scrambling: Seed? = nil) {
    self.dimension = dimension
    bases = Self.primes(dimension)
    maps = bases.enumerated().map { j, base in
      // As many digits as a Double tells apart.
      var places = 1
      var power = base
      while power < 1 << 53 / base && places < 53 {
        power *= base
        places += 1
      }
      guard let scrambling else { return [Digit](repeating: Digit(factor: 1, shift: 0), count: places) }
      var stream = scrambling.derived("halton", UInt64(j)).generator
      return (0..<places).map { _ in
        Digit(factor: 1 + UInt64(stream.index(below: Int(base) - 1)), shift: UInt64(stream.index(below: Int(base))))
      }
    }
  }

  /// The point of an index, counted from 0; shape (dimension), in [0, 1).
  public func point(_ index: Int) -> [Double] {
    (0..<dimension).map { j in
      let base = bases[j]
      var rest = UInt64(index)
      var value = 0.0
      var scale = 1 / Double(base)
      for map in maps[j] {
        value += Double((rest % base * map.factor + map.shift) % base) * scale
        rest /= base
        scale /= Double(base)
      }
      return min(value, 1 - 0x1p-53)
    }
  }

  /// The first primes, by division by those before.
  static func primes(_ count: Int) -> [UInt64] {
    var primes: [UInt64] = []
    var candidate: UInt64 = 2
    while primes.count < count {
      if !primes.prefix(while: { $0 * $0 <= candidate }).contains(where: { candidate % $0 == 0 }) {
        primes.append(candidate)
      }
      candidate += 1
    }
    return primes
  }
}
