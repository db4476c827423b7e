import Glibc

/// Reproducible random numbers from a call's seed: SplitMix64 (Steele, Lea and Flood, OOPSLA 2014). Not for
/// cryptography.
public struct SeededRandom: RandomNumberGenerator, Sendable {
  private var state: UInt64

  /// Equal seeds give equal streams, on every machine.
  public init(seed: UInt64) { state = seed }

  /// The next 64 bits. O(1).
  public mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// Uniform in [0, 1), a multiple of 2⁻⁵³.
  public mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }

  /// Standard normal, by Box and Muller (Annals of Mathematical Statistics 29, 1958).
  public mutating func gaussian() -> Double {
    let radius = (-2 * log(1 - uniform())).squareRoot()
    return radius * cos(2 * Double.pi * uniform())
  }
}
