import DMOCore

/// A network's architecture: its parameters, their first values, and the pass that computes it.
enum JointArchitecture: Sendable, Equatable {
  case mlp(ResidualMLPShape)
  case ftt(FTTShape)

  var inputs: Int {
    switch self {
    case .mlp(let shape): return shape.inputs
    case .ftt(let shape): return shape.inputs
    }
  }

  var outputs: Int { head.outputs }

  var parameterCount: Int {
    switch self {
    case .mlp(let shape): return shape.parameterCount
    case .ftt(let shape): return shape.parameterCount
    }
  }

  /// The output layer.
  var head: LinearPlace {
    switch self {
    case .mlp(let shape): return shape.head
    case .ftt(let shape): return shape.head
    }
  }

  /// What is summed to the outputs.
  var outputLayers: [LinearPlace] {
    switch self {
    case .mlp(let shape): return [shape.head, shape.skip]
    case .ftt(let shape): return [shape.head]
    }
  }

  /// All linear layers, the output layer last.
  var layers: [LinearPlace] {
    switch self {
    case .mlp(let shape): return [shape.stem] + shape.blocks.flatMap { [$0.up, $0.down] } + [shape.skip, shape.head]
    case .ftt(let shape): return shape.blocks.flatMap { [$0.query, $0.keyValue, $0.out, $0.up, $0.down] } + [shape.head]
    }
  }

  /// Rows of a pass that keep what it works on in the processor's second-level cache.
  var chunk: Int {
    switch self {
    case .mlp: return 512
    case .ftt(let shape): return max(8, 1024 / (1 + shape.tokens))
    }
  }

  func pass(capacity: Int) -> any NetworkPass {
    switch self {
    case .mlp(let shape): return ResidualMLPPass(shape: shape, capacity: capacity)
    case .ftt(let shape): return FTTPass(shape: shape, capacity: capacity)
    }
  }

  /// Weights, biases and tokens uniform in ±1/√(layer's inputs), the defaults of PyTorch's layers and (with the width
  /// for
  /// the tokens) of the FT-Transformer; LayerNorm at 1 and 0.
  func initialParameters(seed: Seed) -> [Float] {
    var random = seed.generator
    var p = [Float](repeating: 0, count: parameterCount)
    func fill(_ start: Int, _ count: Int, _ bound: Double) {
      for i in start..<start + count { p[i] = Float(bound * (2 * random.uniform() - 1)) }
    }
    for layer in layers {
      let bound = 1 / Double(layer.inputs).squareRoot()
      fill(layer.weight, layer.inputs * layer.outputs, bound)
      fill(layer.bias, layer.outputs, bound)
    }
    switch self {
    // The linear map starts at nothing.
    case .mlp(let shape): fill(shape.skip.weight, shape.inputs * shape.outputs, 0)
    case .ftt(let shape):
      let bound = 1 / Double(shape.width).squareRoot()
      fill(shape.feature, shape.inputs * shape.width, bound)
      fill(shape.bias, shape.tokens * shape.width, bound)
      fill(shape.cls, shape.width, bound)
      let norms = shape.blocks.compactMap(\.attentionNorm) + shape.blocks.map(\.norm) + [shape.norm]
      for norm in norms { for i in 0..<norm.width { p[norm.gain + i] = 1 } }
    }
    return p
  }
}
