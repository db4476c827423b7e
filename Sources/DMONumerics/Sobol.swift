import DMOCore

/// Sobol's low-discrepancy sequence with the direction numbers of Joe & Kuo (2008), in Gray-code order.
///
/// Plain, the first point is the origin and every 2^k aligned block is a digital net. With a scrambling seed the points
/// undergo Owen's nested uniform scrambling (Owen 1995): each is uniform on the cube, and the nets stay nets.
public struct Sobol: Sendable {
  /// The most coordinates that the direction numbers reach.
  public static let maximumDimension = SobolDirections.maximumDimension
  /// How many points the sequence has; further indices start it again (with other scrambling keys if scrambled).
  public static let period = 1 << SobolDirections.bits

  public let dimension: Int
  /// A scrambling key for each coordinate; nil for the plain sequence.
  private let keys: [UInt64]?

  /// Nil when the dimension is above `maximumDimension`.
  /// - Parameters:
  ///   - dimension: coordinates of a point.
  ///   - scrambling: the seed of the scrambling; nil for the plain sequence.
  public init?(dimension: Int, scrambling: Seed? = nil) {
    guard (0...Self.maximumDimension).contains(dimension) else { return nil }
    self.dimension = dimension
    keys = scrambling.map { seed in (0..<dimension).map { seed.derived("sobol-coordinate", UInt64($0)).value } }
  }

  /// The point of an index, counted from 0; shape (dimension), in [0, 1).
  /// - Complexity: O(dimension · 32), whatever the index.
  public func point(_ index: Int) -> [Double] {
    let round = index / Self.period
    let gray = UInt32(truncatingIfNeeded: index ^ (index >> 1))
    return (0..<dimension).map { j in
      var digits: UInt32 = 0
      var rest = gray
      let v = SobolDirections.integers(j)
      while rest != 0 {
        digits ^= v[v.startIndex + rest.trailingZeroBitCount]
        rest &= rest - 1
      }
      guard let keys else { return Double(digits) * 0x1p-32 }
      return Self.scrambled(digits, key: round == 0 ? keys[j] : Self.mix(keys[j] ^ UInt64(round)))
    }
  }

  /// Flips each binary digit by a random bit that depends on the digits above it, and appends random digits below.
  private static func scrambled(_ digits: UInt32, key: UInt64) -> Double {
    var result: UInt32 = 0
    for depth in 0..<UInt32(SobolDirections.bits) {
      let above = depth == 0 ? 0 : digits >> (32 - depth)
      // The leading one makes prefixes of different lengths differ.
      let flip = UInt32(mix(key ^ (1 << UInt64(depth) | UInt64(above))) >> 63)
      result = result << 1 | ((digits >> (31 - depth) & 1) ^ flip)
    }
    let tail = mix(key ^ (1 << 32 | UInt64(digits))) >> 44
    return (Double(result) + Double(tail) * 0x1p-20) * 0x1p-32
  }

  /// SplitMix64's finaliser (Steele, Lea & Flood 2014).
  private static func mix(_ x: UInt64) -> UInt64 {
    var z = x &+ 0x9E37_79B9_7F4A_7C15
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
