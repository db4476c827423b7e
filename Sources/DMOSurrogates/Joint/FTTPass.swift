import DMONumerics

/// The forward and backward pass of an FT-Transformer.
final class FTTPass: NetworkPass {
  let shape: FTTShape
  let capacity: Int
  let output: FloatBuffer
  let outputGradient: FloatBuffer

  /// What a block keeps for the way back; M = rows · all tokens, Q = rows · tokens that ask.
  struct Kept {
    /// What attention sees of every token, shape (M, width), and of those that ask, shape (Q, width).
    let tokens: FloatBuffer
    let asking: FloatBuffer
    let attentionNorm: Kernels.NormMemory?
    let query: FloatBuffer
    let keyValue: FloatBuffer
    let softmax: FloatBuffer
    let mixed: FloatBuffer
    let normed: FloatBuffer
    let norm: Kernels.NormMemory
    let activation: FloatBuffer
    let slope: FloatBuffer
  }
  let kept: [Kept]
  /// The residual stream of all tokens, and of the class token alone after the last block's attention.
  private let stream: FloatBuffer
  private let classStream: FloatBuffer
  private let headInput: FloatBuffer
  private let headNorm: Kernels.NormMemory
  private let product: FloatBuffer
  let flow: FloatBuffer
  let scratch: FloatBuffer
  let wide: FloatBuffer
  let keyValueFlow: FloatBuffer

  init(shape: FTTShape, capacity: Int) {
    self.shape = shape
    self.capacity = capacity
    let (t, d, f) = (1 + shape.tokens, shape.width, shape.hidden)
    let all = capacity * t
    func buffer(_ rows: Int, _ columns: Int) -> FloatBuffer { FloatBuffer(count: rows * columns) }
    kept = shape.blocks.enumerated().map { b, block in
      let isLast = b == shape.blocks.count - 1
      let asking = isLast ? capacity : all
      let tokens = buffer(all, d)
      return Kept(
        tokens: tokens, asking: isLast ? buffer(asking, d) : tokens,
        attentionNorm: block.attentionNorm.map { _ in Kernels.NormMemory(rows: all, columns: d) },
        query: buffer(asking, d), keyValue: buffer(all, 2 * d), softmax: buffer(asking, shape.heads * t),
        mixed: buffer(asking, d), normed: buffer(asking, d), norm: Kernels.NormMemory(rows: asking, columns: d),
        activation: buffer(asking, f), slope: buffer(asking, f))
    }
    stream = buffer(all, d)
    classStream = buffer(capacity, d)
    headInput = buffer(capacity, d)
    headNorm = Kernels.NormMemory(rows: capacity, columns: d)
    product = buffer(all, d)
    flow = buffer(all, d)
    scratch = buffer(all, d)
    wide = buffer(all, f)
    keyValueFlow = buffer(all, 2 * d)
    output = buffer(capacity, shape.outputs)
    outputGradient = buffer(capacity, shape.outputs)
  }

  private func isLast(_ b: Int) -> Bool { b == shape.blocks.count - 1 }

  func attentionShape(_ b: Int, rows: Int) -> Kernels.AttentionShape {
    Kernels.AttentionShape(
      rows: rows, queries: isLast(b) ? 1 : 1 + shape.tokens, tokens: 1 + shape.tokens, heads: shape.heads,
      size: shape.width / shape.heads)
  }

  func forward(_ p: UnsafePointer<Float>, rows: Int, x: UnsafePointer<Float>) {
    precondition(rows <= capacity)
    Kernels.tokens(
      rows: rows, tokens: shape.tokens, width: shape.width, x: x, owner: shape.owner, weight: p + shape.feature,
      bias: p + shape.bias, cls: p + shape.cls, into: stream.base)
    for b in shape.blocks.indices { blockForward(b, p, rows: rows) }
    shape.norm.forward(p, rows: rows, classStream.base, into: headInput.base, keeping: headNorm)
    shape.head.forward(p, rows: rows, headInput.base, into: output.base)
  }

  private func blockForward(_ b: Int, _ p: UnsafePointer<Float>, rows: Int) {
    let (block, keep, d) = (shape.blocks[b], kept[b], shape.width)
    let all = rows * (1 + shape.tokens)
    if let norm = block.attentionNorm, let memory = keep.attentionNorm {
      norm.forward(p, rows: all, stream.base, into: keep.tokens.base, keeping: memory)
    } else {
      keep.tokens.base.update(from: stream.base, count: all * d)
    }
    let target: FloatBuffer
    let asking: Int
    if isLast(b) {
      (target, asking) = (classStream, rows)
      let row = (1 + shape.tokens) * d
      Kernels.moveRows(rows: rows, columns: d, from: keep.tokens.base, stride: row, to: keep.asking.base, toStride: d)
      Kernels.moveRows(rows: rows, columns: d, from: stream.base, stride: row, to: classStream.base, toStride: d)
    } else {
      (target, asking) = (stream, all)
    }
    block.query.forward(p, rows: asking, keep.asking.base, into: keep.query.base)
    block.keyValue.forward(p, rows: all, keep.tokens.base, into: keep.keyValue.base)
    Kernels.attention(
      attentionShape(b, rows: rows), q: keep.query.base, kv: keep.keyValue.base, p: keep.softmax.base,
      out: keep.mixed.base)
    block.out.product(p, rows: asking, keep.mixed.base, into: product.base)
    Kernels.addResidual(rows: asking, columns: d, product.base, bias: p + block.out.bias, to: target.base)

    block.norm.forward(p, rows: asking, target.base, into: keep.normed.base, keeping: keep.norm)
    block.up.product(p, rows: asking, keep.normed.base, into: keep.slope.base)
    Kernels.biasGELU(
      rows: asking, columns: shape.hidden, z: keep.slope.base, bias: p + block.up.bias, a: keep.activation.base)
    block.down.product(p, rows: asking, keep.activation.base, into: product.base)
    Kernels.addResidual(rows: asking, columns: d, product.base, bias: p + block.down.bias, to: target.base)
  }

  func backward(
    _ p: UnsafePointer<Float>, rows: Int, x: UnsafePointer<Float>, gradient: UnsafeMutablePointer<Float>?,
    inputGradient: UnsafeMutablePointer<Float>?
  ) {
    precondition(rows <= capacity)
    shape.head.weightGradient(rows: rows, outputGradient.base, headInput.base, into: gradient)
    shape.head.inputGradient(p, rows: rows, outputGradient.base, into: flow.base)
    shape.norm.backward(p, rows: rows, flow.base, headNorm, gradient: gradient)
    for b in stride(from: shape.blocks.count - 1, through: 0, by: -1) {
      feedForwardBackward(b, p, rows: rows, gradient)
      attentionBackward(b, p, rows: rows, gradient)
    }
    Kernels.tokensBackward(
      rows: rows, tokens: shape.tokens, width: shape.width, x: x, owner: shape.owner, weight: p + shape.feature,
      g: flow.base, weightGradient: gradient.map { $0 + shape.feature },
      biasGradient: gradient.map { $0 + shape.bias }, clsGradient: gradient.map { $0 + shape.cls },
      inputGradient: inputGradient)
  }

  /// `flow`: dL/d stream after the block to that after its attention.
  private func feedForwardBackward(
    _ b: Int, _ p: UnsafePointer<Float>, rows: Int, _ gradient: UnsafeMutablePointer<Float>?
  ) {
    let (block, keep) = (shape.blocks[b], kept[b])
    let asking = isLast(b) ? rows : rows * (1 + shape.tokens)
    block.down.weightGradient(rows: asking, flow.base, keep.activation.base, into: gradient)
    block.down.inputGradient(p, rows: asking, flow.base, into: wide.base)
    Kernels.biasGELUBackward(
      rows: asking, columns: shape.hidden, g: wide.base, slope: keep.slope.base,
      biasGradient: gradient.map { $0 + block.up.bias })
    block.up.weightGradient(rows: asking, wide.base, keep.normed.base, into: gradient, withBias: false)
    block.up.inputGradient(p, rows: asking, wide.base, into: scratch.base)
    block.norm.backward(p, rows: asking, scratch.base, keep.norm, gradient: gradient)
    Kernels.add(count: asking * shape.width, scratch.base, to: flow.base)
  }

  /// `flow`: dL/d stream after the attention to that before the block.
  private func attentionBackward(
    _ b: Int, _ p: UnsafePointer<Float>, rows: Int, _ gradient: UnsafeMutablePointer<Float>?
  ) {
    let (block, keep, d) = (shape.blocks[b], kept[b], shape.width)
    let all = rows * (1 + shape.tokens)
    let asking = isLast(b) ? rows : all
    block.out.weightGradient(rows: asking, flow.base, keep.mixed.base, into: gradient)
    block.out.inputGradient(p, rows: asking, flow.base, into: scratch.base)
    // What asks is no longer needed past its weight gradient: `product` holds dL/dq.
    Kernels.attentionBackward(
      attentionShape(b, rows: rows), q: keep.query.base, kv: keep.keyValue.base, p: keep.softmax.base,
      g: scratch.base, queryGradient: product.base, kvGradient: keyValueFlow.base)
    block.query.weightGradient(rows: asking, product.base, keep.asking.base, into: gradient)
    block.keyValue.weightGradient(rows: all, keyValueFlow.base, keep.tokens.base, into: gradient)
    block.keyValue.inputGradient(p, rows: all, keyValueFlow.base, into: scratch.base)
    let queryFlow = keyValueFlow
    block.query.inputGradient(p, rows: asking, product.base, into: queryFlow.base)
    let row = (1 + shape.tokens) * d
    if isLast(b) {
      Kernels.moveRows(
        rows: rows, columns: d, from: queryFlow.base, stride: d, to: scratch.base, toStride: row, adding: true)
    } else {
      Kernels.add(count: all * d, queryFlow.base, to: scratch.base)
    }
    if let norm = block.attentionNorm, let memory = keep.attentionNorm {
      norm.backward(p, rows: all, scratch.base, memory, gradient: gradient)
    }
    if isLast(b) {
      Kernels.moveRows(
        rows: rows, columns: d, from: flow.base, stride: d, to: scratch.base, toStride: row, adding: true)
      flow.base.update(from: scratch.base, count: all * d)
    } else {
      Kernels.add(count: all * d, scratch.base, to: flow.base)
    }
  }
}
