import DMONumerics

/// The forward and backward pass of a residual multilayer perceptron.
final class ResidualMLPPass: NetworkPass {
  let shape: ResidualMLPShape
  let capacity: Int
  let output: FloatBuffer
  let outputGradient: FloatBuffer

  /// A hidden layer's activation and gelu′, shape (capacity, width) each.
  private struct Kept {
    let activation: FloatBuffer
    let slope: FloatBuffer
  }
  private let stem: Kept
  private let blocks: [Kept]
  /// The residual stream before each block and before the head.
  private let stream: [FloatBuffer]
  private let scratch: FloatBuffer
  private let flow: FloatBuffer
  /// What the linear map adds to the outputs, and its part of the input gradient.
  private let skipped: FloatBuffer
  private let skipFlow: FloatBuffer

  init(shape: ResidualMLPShape, capacity: Int) {
    self.shape = shape
    self.capacity = capacity
    let size = capacity * shape.width
    func kept() -> Kept { Kept(activation: FloatBuffer(count: size), slope: FloatBuffer(count: size)) }
    stem = kept()
    blocks = shape.blocks.map { _ in kept() }
    stream = [stem.activation] + shape.blocks.map { _ in FloatBuffer(count: size) }
    scratch = FloatBuffer(count: size)
    flow = FloatBuffer(count: size)
    skipped = FloatBuffer(count: capacity * shape.outputs)
    skipFlow = FloatBuffer(count: capacity * shape.inputs)
    output = FloatBuffer(count: capacity * shape.outputs)
    outputGradient = FloatBuffer(count: capacity * shape.outputs)
  }

  func forward(_ p: UnsafePointer<Float>, rows: Int, x: UnsafePointer<Float>) {
    precondition(rows <= capacity)
    activate(shape.stem, p, rows: rows, x, stem)
    for (i, block) in shape.blocks.enumerated() {
      activate(block.up, p, rows: rows, stream[i].base, blocks[i])
      block.down.forward(p, rows: rows, blocks[i].activation.base, into: stream[i + 1].base)
      Kernels.add(count: rows * shape.width, stream[i].base, to: stream[i + 1].base)
    }
    shape.head.forward(p, rows: rows, stream[shape.blocks.count].base, into: output.base)
    shape.skip.product(p, rows: rows, x, into: skipped.base)
    Kernels.add(count: rows * shape.outputs, skipped.base, to: output.base)
  }

  private func activate(
    _ layer: LinearPlace, _ p: UnsafePointer<Float>, rows: Int, _ x: UnsafePointer<Float>, _ keep: Kept
  ) {
    layer.product(p, rows: rows, x, into: keep.slope.base)
    Kernels.biasGELU(
      rows: rows, columns: layer.outputs, z: keep.slope.base, bias: p + layer.bias, a: keep.activation.base)
  }

  func backward(
    _ p: UnsafePointer<Float>, rows: Int, x: UnsafePointer<Float>, gradient: UnsafeMutablePointer<Float>?,
    inputGradient: UnsafeMutablePointer<Float>?
  ) {
    precondition(rows <= capacity)
    let g = outputGradient.base
    shape.head.weightGradient(rows: rows, g, stream[shape.blocks.count].base, into: gradient)
    shape.head.inputGradient(p, rows: rows, g, into: flow.base)
    for i in stride(from: shape.blocks.count - 1, through: 0, by: -1) {
      let (up, down) = shape.blocks[i]
      down.weightGradient(rows: rows, flow.base, blocks[i].activation.base, into: gradient)
      down.inputGradient(p, rows: rows, flow.base, into: scratch.base)
      deactivate(up, rows: rows, scratch.base, blocks[i], gradient)
      up.weightGradient(rows: rows, scratch.base, stream[i].base, into: gradient, withBias: false)
      // The activation has served its purpose; its memory takes the gradient.
      up.inputGradient(p, rows: rows, scratch.base, into: blocks[i].activation.base)
      Kernels.add(count: rows * shape.width, blocks[i].activation.base, to: flow.base)
    }
    deactivate(shape.stem, rows: rows, flow.base, stem, gradient)
    shape.stem.weightGradient(rows: rows, flow.base, x, into: gradient, withBias: false)
    shape.skip.weightGradient(rows: rows, g, x, into: gradient, withBias: false)
    if let inputGradient {
      shape.stem.inputGradient(p, rows: rows, flow.base, into: inputGradient)
      shape.skip.inputGradient(p, rows: rows, g, into: skipFlow.base)
      Kernels.add(count: rows * shape.inputs, skipFlow.base, to: inputGradient)
    }
  }

  /// dL/da to dL/dz in place, with the bias's gradient.
  private func deactivate(
    _ layer: LinearPlace, rows: Int, _ g: UnsafeMutablePointer<Float>, _ keep: Kept,
    _ gradient: UnsafeMutablePointer<Float>?
  ) {
    Kernels.biasGELUBackward(
      rows: rows, columns: layer.outputs, g: g, slope: keep.slope.base,
      biasGradient: gradient.map { $0 + layer.bias })
  }
}
