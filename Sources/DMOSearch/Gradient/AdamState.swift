#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Adam's memory (Kingma & Ba 2015, Algorithm 1) for one line of descent in the unit cube.
struct AdamState: Stored {
  private static let decay1 = 0.9
  private static let decay2 = 0.999
  /// Gradients are of losses divided by their spread, hence of order one.
  private static let epsilon = 1e-12

  private var mean: [Double] = []
  private var square: [Double] = []
  private var meanCount = 0
  private var squareCount = 0

  static var blank: AdamState { AdamState() }
  mutating func code(_ coder: inout StateCoder) throws {
    try coder.code(&mean)
    try coder.code(&square)
    try coder.code(&meanCount)
    try coder.code(&squareCount)
  }

  /// Takes in a gradient; returns the step of unit rate, to be added to z. Shape (n) both.
  mutating func step(_ gradient: [Double]) -> [Double] {
    if mean.isEmpty { mean = Array(repeating: 0, count: gradient.count) }
    if square.isEmpty { square = mean }
    meanCount += 1
    squareCount += 1
    let correction1 = 1 - pow(Self.decay1, Double(meanCount))
    let correction2 = 1 - pow(Self.decay2, Double(squareCount))
    return gradient.indices.map { i in
      mean[i] = Self.decay1 * mean[i] + (1 - Self.decay1) * gradient[i]
      square[i] = Self.decay2 * square[i] + (1 - Self.decay2) * gradient[i] * gradient[i]
      return -(mean[i] / correction1) / ((square[i] / correction2).squareRoot() + Self.epsilon)
    }
  }

  /// Forgets the direction but not the coordinates' scales: after a step that led to a worse point.
  mutating func forgetDirection() {
    mean = []
    meanCount = 0
  }
}
