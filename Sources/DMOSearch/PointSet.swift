/// The points already proposed or answered, remembered by a 64-bit fingerprint each.
///
/// A million points collide with probability below 1e-7, and a collision costs one needless resample: far cheaper than
/// keeping thousands of coordinates of each point.
struct PointSet {
  private var fingerprints: Set<UInt64> = []

  init() {}
  /// The points of these fingerprints.
  init(_ fingerprints: some Sequence<UInt64>) { self.fingerprints = Set(fingerprints) }

  /// All fingerprints, ascending. - Complexity: O(n log n)
  var sorted: [UInt64] { fingerprints.sorted() }

  /// Whether the point was new.
  mutating func insert(_ x: [Double]) -> Bool { fingerprints.insert(Self.fingerprint(x)).inserted }
  func contains(_ x: [Double]) -> Bool { fingerprints.contains(Self.fingerprint(x)) }

  /// Equal for equal points; the two zeros are equal.
  static func fingerprint(_ x: [Double]) -> UInt64 {
    var h: UInt64 = 0x9E37_79B9_7F4A_7C15
    for value in x {
      h ^= (value == 0 ? 0 : value).bitPattern
      // SplitMix64's finaliser (Steele, Lea & Flood 2014).
      h = (h ^ (h >> 30)) &* 0xBF58_476D_1CE4_E5B9
      h = (h ^ (h >> 27)) &* 0x94D0_49BB_1331_11EB
      h = (h ^ (h >> 31)) &+ 0x9E37_79B9_7F4A_7C15
    }
    return h
  }
}
