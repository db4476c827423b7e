import CKernels

/// Adam (Kingma & Ba 2015, algorithm 1) over all parameters of a network in one sweep; moments are kept between calls.
public struct Adam: Sendable, Equatable {
  public var learningRate: Double
  public let beta1: Double
  public let beta2: Double
  public let epsilon: Double
  /// Steps taken.
  public private(set) var steps = 0
  /// First and second moments; shape (parameter count).
  public private(set) var first: [Float]
  public private(set) var second: [Float]
  private var power1 = 1.0
  private var power2 = 1.0

  public init(
    count: Int, learningRate: Double, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8
  ) {
    self.learningRate = learningRate
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    first = [Float](repeating: 0, count: count)
    second = first
  }

  /// Goes on after some steps with these moments. - Precondition: shapes (count).
  public mutating func resume(steps: Int, first: [Float], second: [Float]) {
    precondition(first.count == self.first.count && second.count == self.second.count && steps >= 0)
    self.steps = steps
    (self.first, self.second) = (first, second)
    (power1, power2) = (1, 1)
    // As `step` computes them, so that the same bits follow.
    for _ in 0..<steps {
      power1 *= beta1
      power2 *= beta2
    }
  }

  /// One step down the gradient. - Parameters: both of shape (parameter count). - Complexity: O(parameters)
  public mutating func step(_ parameters: UnsafeMutablePointer<Float>, gradient: UnsafePointer<Float>) {
    steps += 1
    power1 *= beta1
    power2 *= beta2
    let rate = Float(learningRate / (1 - power1))
    let root = Float(1 / (1 - power2).squareRoot())
    first.withUnsafeMutableBufferPointer { m in
      second.withUnsafeMutableBufferPointer { v in
        guard let m0 = m.baseAddress, let v0 = v.baseAddress else { return }
        dmo_adam(
          m.count, parameters, gradient, m0, v0, rate, root, Float(beta1), Float(1 - beta1), Float(beta2),
          Float(1 - beta2), Float(epsilon))
      }
    }
  }
}
