import DMOCore

/// A multilayer perceptron: its shape and all its parameters in one array.
public struct MLP: Sendable, Equatable {
  public let shape: MLPShape
  /// Shape (`shape.parameterCount`), laid out as `shape.layers` says.
  public internal(set) var parameters: [Float]

  /// - Precondition: `parameters.count == shape.parameterCount`.
  public init(shape: MLPShape, parameters: [Float]) {
    precondition(parameters.count == shape.parameterCount)
    self.shape = shape
    self.parameters = parameters
  }

  /// Weights and biases uniform in ±1/√(layer's inputs), LayerNorm at 1 and 0: the defaults of PyTorch's layers.
  public init(shape: MLPShape, seed: Seed) {
    var random = seed.generator
    var p = [Float](repeating: 0, count: shape.parameterCount)
    for layer in shape.layers {
      let bound = 1 / Double(layer.inputs).squareRoot()
      for i in 0..<layer.outputs * layer.inputs {
        p[layer.weight + i] = Float(bound * (2 * random.uniform() - 1))
      }
      for i in 0..<layer.outputs { p[layer.bias + i] = Float(bound * (2 * random.uniform() - 1)) }
      if let gain = layer.gain { for i in 0..<layer.outputs { p[gain + i] = 1 } }
    }
    self.init(shape: shape, parameters: p)
  }

  /// Replaces output c's value o by factor · o + addend, by its weights and bias alone.
  mutating func transformOutput(_ c: Int, factor: Double, addend: Double) {
    let last = shape.layers[shape.layers.count - 1]
    for i in 0..<last.inputs {
      let at = last.weight + c * last.inputs + i
      parameters[at] = Float(Double(parameters[at]) * factor)
    }
    parameters[last.bias + c] = Float(Double(parameters[last.bias + c]) * factor + addend)
  }
}
