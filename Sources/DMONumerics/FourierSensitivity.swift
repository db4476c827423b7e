import DMOCore

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// The extended Fourier amplitude sensitivity test (Saltelli, Tarantola & Chan, Technometrics 41 (1999) 39–56): along a
/// space-filling curve each input in turn oscillates fast and the others slowly; what the response does at the fast
/// frequency's harmonics is that input's own share (S1), what it does at slow frequencies is the others' (1 − ST).
/// Frequencies, curve and estimators are SALib's.
public struct FourierSensitivity: Sendable, Equatable {
  /// Harmonics that count.
  public static let harmonics = 4
  /// Fewer points of a curve cannot tell the frequencies apart.
  public static let fewestPoints = 4 * harmonics * harmonics + 1

  /// First-order and total index; shape (dimension). NaN where the response is constant.
  public let first: [Double]
  public let total: [Double]

  /// The fast frequency of curves of `count` points, and the slow ones in the order of the other inputs.
  static func frequencies(count: Int, dimension d: Int) -> (fast: Int, slow: [Int]) {
    let fast = (count - 1) / (2 * harmonics)
    let largest = fast / (2 * harmonics)
    let others = d - 1
    let slow = (0..<others).map { k -> Int in
      if largest < others { return k % largest + 1 }
      return others == 1 ? 1 : Int(1 + Double(k) * Double(largest - 1) / Double(others - 1))
    }
    return (fast, slow)
  }

  /// Points of the unit cube: one curve an input.
  /// - Parameters:
  ///   - count: points on each curve.
  ///   - phases: where each curve begins, in radians; shape (dimension).
  /// - Returns: row major, shape (dimension · count, dimension). - Precondition: count ≥ `fewestPoints`.
  public static func design(count: Int, phases: [Double]) -> [Double] {
    precondition(count >= fewestPoints)
    let d = phases.count
    let (fast, slow) = frequencies(count: count, dimension: d)
    var result: [Double] = []
    result.reserveCapacity(d * count * d)
    for i in 0..<d {
      for k in 0..<count {
        let s = 2 * Double.pi * Double(k) / Double(count)
        for j in 0..<d {
          let omega = j == i ? fast : slow[j < i ? j : j - 1]
          result.append(0.5 + asin(sin(Double(omega) * s + phases[i])) / .pi)
        }
      }
    }
    return result
  }

  /// Phases that a seed draws.
  public static func phases(dimension: Int, seed: Seed) -> [Double] {
    var random = seed.generator
    return (0..<dimension).map { _ in 2 * .pi * random.uniform() }
  }

  /// - Parameters:
  ///   - responses: in the design's order of rows.
  ///   - d: how many inputs, and so curves, the design has.
  /// - Complexity: O(responses · count / 16)
  public init(responses: [Double], dimension d: Int) {
    let count = responses.count / max(d, 1)
    precondition(d > 0 && responses.count % d == 0 && count >= Self.fewestPoints)
    let fast = Self.frequencies(count: count, dimension: d).fast
    var (first, total) = ([Double](), [Double]())
    for i in 0..<d {
      let y = responses[i * count..<(i + 1) * count]
      let mean = y.reduce(0, +) / Double(count)
      /// The power at a frequency, of both signs.
      func power(_ frequency: Int) -> Double {
        var (re, im) = (0.0, 0.0)
        for (k, value) in y.enumerated() {
          // The phase modulo a turn, so that it stays exact.
          let angle = 2 * Double.pi * Double(frequency * k % count) / Double(count)
          re += (value - mean) * cos(angle)
          im -= (value - mean) * sin(angle)
        }
        return 2 * (re * re + im * im) / (Double(count) * Double(count))
      }
      let nyquist = count % 2 == 0 ? power(count / 2) / 2 : 0
      let variance = y.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(count) - nyquist
      let own = (1...Self.harmonics).reduce(0) { $0 + power($1 * fast) }
      let others = (1...max(fast / 2, 1)).reduce(0) { $0 + power($1) }
      let isConstant = variance <= 1e-24 * mean * mean || variance == 0
      first.append(isConstant ? .nan : own / variance)
      total.append(isConstant ? .nan : 1 - others / variance)
    }
    (self.first, self.total) = (first, total)
  }
}
