import DMOPluginKit
import Glibc

/// What is done to a test function to try an engine with.
public enum Variant: Sendable {
  case plain
  /// No answer within a disc of the first two numbers: centre (0.5, 0.25), radius 0.25, in units of their ranges.
  case hidden
  /// A share of the evaluations fails at random, by seed and point.
  case flaky
  /// Normal noise on every objective, by seed and point.
  case noisy

  var suffix: String {
    switch self {
    case .plain: ""
    case .hidden: "-hidden"
    case .flaky: "-flaky"
    case .noisy: "-noisy"
    }
  }

  var remark: String {
    switch self {
    case .plain: ""
    case .hidden: ", no answer within a disc"
    case .flaky: ", fails at random"
    case .noisy: ", with noise"
    }
  }

  var traits: About.Traits {
    switch self {
    case .plain, .flaky: []
    case .hidden: .hiddenConstraints
    case .noisy: .stochastic
    }
  }

  var options: [Option] {
    switch self {
    case .plain, .hidden: []
    case .flaky: [.real("rate", help: "share of evaluations that fail", unit: "1", default: 0.1, in: 0...1)]
    case .noisy:
      [.real("noise", help: "standard deviation of the noise on each objective", unit: "1", default: 0.1, in: 0...1e6)]
    }
  }
}

extension Variant {
  static let discCentre = (0.5, 0.25), discRadius = 0.25

  /// Whether a point, in units of its ranges, is where the hidden variant has no answer.
  static func isHidden(_ u1: Double, _ u2: Double) -> Bool {
    squared(u1 - discCentre.0) + squared(u2 - discCentre.1) < discRadius * discRadius
  }

  /// Random numbers of a seed and a point: a host that gives every call the same seed still sees different ones.
  static func random(_ seed: UInt64, _ x: UnsafeBufferPointer<Double>) -> SeededRandom {
    var state = seed
    for value in x {
      var mixer = SeededRandom(seed: state ^ value.bitPattern)
      state = mixer.next()
    }
    return SeededRandom(seed: state)
  }
}
