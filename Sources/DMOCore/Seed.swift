/// A seed from which independent random streams are derived by name and number, so that no decision depends on how many
/// numbers another one drew.
///
/// Mixing: SplitMix64's finaliser (Steele, Lea & Flood, OOPSLA 2014) over the words in turn.
public struct Seed: Hashable, Sendable, Codable {
  public let value: UInt64
  public init(_ value: UInt64) { self.value = value }

  private static func mix(_ x: UInt64) -> UInt64 {
    var z = x &+ 0x9E37_79B9_7F4A_7C15
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// The seed of a named purpose, such as `initial-design`, and a counter, such as an evaluation's number.
  public func derived(_ purpose: String, _ number: UInt64 = 0) -> Seed {
    var h = Self.mix(value)
    for byte in purpose.utf8 { h = Self.mix(h ^ UInt64(byte)) }
    return Seed(Self.mix(h ^ number))
  }

  /// A generator that starts at this seed.
  public var generator: RandomStream { RandomStream(seed: self) }
}

/// Seeded uniform and normal numbers: xoshiro256++ (Blackman & Vigna 2019), the same on every machine.
public struct RandomStream: RandomNumberGenerator, Sendable, Equatable, Codable {
  private var s0, s1, s2, s3: UInt64

  public init(seed: Seed) {
    s0 = seed.derived("xoshiro", 0).value
    s1 = seed.derived("xoshiro", 1).value
    s2 = seed.derived("xoshiro", 2).value
    s3 = seed.derived("xoshiro", 3).value
  }

  /// Where the stream stands, for `init(words:)`.
  public var words: [UInt64] { [s0, s1, s2, s3] }

  /// A stream that goes on where another one's `words` were taken; nil unless there are four, not all of them 0.
  public init?(words: [UInt64]) {
    guard words.count == 4, words.contains(where: { $0 != 0 }) else { return nil }
    (s0, s1, s2, s3) = (words[0], words[1], words[2], words[3])
  }

  public mutating func next() -> UInt64 {
    func rotl(_ x: UInt64, _ k: UInt64) -> UInt64 { (x << k) | (x >> (64 - k)) }
    let result = rotl(s0 &+ s3, 23) &+ s0
    let t = s1 << 17
    s2 ^= s0
    s3 ^= s1
    s1 ^= s2
    s0 ^= s3
    s2 ^= t
    s3 = rotl(s3, 45)
    return result
  }

  /// Uniform in [0, 1), 53 random bits.
  public mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }

  /// Standard normal, by Marsaglia's polar method.
  public mutating func normal() -> Double {
    while true {
      let u = 2 * uniform() - 1
      let v = 2 * uniform() - 1
      let s = u * u + v * v
      if s > 0 && s < 1 { return u * (-2 * log(s) / s).squareRoot() }
    }
  }

  /// Uniform in 0 ..< n, without bias. - Precondition: n > 0.
  public mutating func index(below n: Int) -> Int {
    Int(UInt64.random(in: 0..<UInt64(n), using: &self))
  }

  /// 0 ..< n in random order (Fisher–Yates). - Complexity: O(n)
  public mutating func permutation(_ n: Int) -> [Int] {
    var p = Array(0..<n)
    if n > 1 { for i in stride(from: n - 1, to: 0, by: -1) { p.swapAt(i, index(below: i + 1)) } }
    return p
  }
}

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif
