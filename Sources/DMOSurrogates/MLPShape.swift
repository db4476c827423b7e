/// The architecture of a multilayer perceptron: hidden layers Linear → (LayerNorm) → GELU, then a linear output layer.
public struct MLPShape: Sendable, Equatable {
  public let inputs: Int
  /// Widths of the hidden layers, from the input on; at least one.
  public let hidden: [Int]
  public let outputs: Int
  /// Whether every hidden layer normalises its rows before the activation.
  public let layerNorm: Bool
  /// Where each layer's parameters lie, hidden layers first, the output layer last.
  public let layers: [Layer]
  /// Numbers in the flat parameter array, padding included.
  public let parameterCount: Int

  /// Offsets of one layer's tensors in the flat parameter array.
  public struct Layer: Sendable, Equatable {
    public let inputs: Int
    public let outputs: Int
    /// Row major, shape (outputs, inputs).
    public let weight: Int
    /// Shape (outputs).
    public let bias: Int
    /// LayerNorm's factor and addend, shape (outputs) each; nil where there is none.
    public let gain: Int?
    public let shift: Int?
  }

  /// - Precondition: all counts positive, `hidden` not empty.
  public init(inputs: Int, hidden: [Int], outputs: Int, layerNorm: Bool) {
    precondition(inputs > 0 && outputs > 0 && !hidden.isEmpty && hidden.allSatisfy { $0 > 0 })
    self.inputs = inputs
    self.hidden = hidden
    self.outputs = outputs
    self.layerNorm = layerNorm
    var end = 0
    // Every tensor starts on a cache line of 16 floats; the padding stays 0 through Adam, as its gradient is 0.
    func place(_ count: Int) -> Int {
      let start = end
      end += (count + 15) / 16 * 16
      return start
    }
    let widths = [inputs] + hidden + [outputs]
    layers = (1..<widths.count).map { l in
      let normed = layerNorm && l < widths.count - 1
      return Layer(
        inputs: widths[l - 1], outputs: widths[l], weight: place(widths[l] * widths[l - 1]), bias: place(widths[l]),
        gain: normed ? place(widths[l]) : nil, shift: normed ? place(widths[l]) : nil)
    }
    parameterCount = end
  }

  /// The network of the coupled nonlinear oscillators in the GradPIE paper's Table 3 (arXiv 2501.19161).
  public static func cnon(inputs: Int, outputs: Int) -> MLPShape {
    MLPShape(inputs: inputs, hidden: [256, 256], outputs: outputs, layerNorm: false)
  }

  /// The operational amplifier's network in that table.
  public static func opAmp(inputs: Int, outputs: Int) -> MLPShape {
    MLPShape(inputs: inputs, hidden: [100, 100, 100, 20], outputs: outputs, layerNorm: true)
  }

  /// The optical wavefront shaper's network in that table.
  public static func owms(inputs: Int, outputs: Int) -> MLPShape {
    MLPShape(inputs: inputs, hidden: [1000, 1000, 1000, 1000, 500], outputs: outputs, layerNorm: true)
  }

  /// The network that is used when none is named: `owms` from 1,000 inputs on, else `cnon`. On the amplifier itself `cnon`
  /// needs half the evaluations of the paper's `opAmp` (docs/benchmarks.md).
  public static func standard(inputs: Int, outputs: Int) -> MLPShape {
    if inputs >= 1000 { return owms(inputs: inputs, outputs: outputs) }
    return cnon(inputs: inputs, outputs: outputs)
  }
}
