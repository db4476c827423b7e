import DMONumerics

/// The forward and backward pass of a network over up to `capacity` rows, with all the memory they need.
///
/// Used by one thread at a time; a pass allocates nothing.
public final class MLPPass {
  public let shape: MLPShape
  /// The most rows of one pass.
  public let capacity: Int
  /// Row major, shape (rows, outputs): what `forward` computed.
  public let output: FloatBuffer
  /// Row major, shape (rows, outputs): dL/d output, for the caller to fill before `backward`.
  public let outputGradient: FloatBuffer

  /// What a hidden layer keeps for the way back.
  private struct Kept {
    let activation: FloatBuffer
    let slope: FloatBuffer
    /// Normalised rows and inverse standard deviations; nil without LayerNorm.
    let zhat: FloatBuffer?
    let inverseSD: FloatBuffer?
  }
  private let kept: [Kept]
  /// dL/dz of a layer and of the one before, in turn.
  private let flow: [FloatBuffer]

  public init(shape: MLPShape, capacity: Int) {
    self.shape = shape
    self.capacity = capacity
    output = FloatBuffer(count: capacity * shape.outputs)
    outputGradient = FloatBuffer(count: capacity * shape.outputs)
    kept = shape.hidden.map { width in
      Kept(
        activation: FloatBuffer(count: capacity * width), slope: FloatBuffer(count: capacity * width),
        zhat: shape.layerNorm ? FloatBuffer(count: capacity * width) : nil,
        inverseSD: shape.layerNorm ? FloatBuffer(count: capacity) : nil)
    }
    let widest = shape.hidden.max() ?? 1
    flow = [FloatBuffer(count: capacity * widest), FloatBuffer(count: capacity * widest)]
  }

  /// Fills `output` and keeps what `backward` needs.
  /// - Parameters: `p` of shape (parameterCount); `x` row major, shape (rows, inputs).
  /// - Precondition: rows <= capacity.
  public func forward(_ p: UnsafePointer<Float>, rows: Int, x: UnsafePointer<Float>) {
    precondition(rows <= capacity)
    var below = x
    for (l, keep) in kept.enumerated() {
      let layer = shape.layers[l]
      let z = (keep.zhat ?? keep.slope).base
      BLAS.productABt(m: rows, n: layer.outputs, k: layer.inputs, a: below, b: p + layer.weight, c: z)
      let a = keep.activation.base
      if let gain = layer.gain, let shift = layer.shift, let inverseSD = keep.inverseSD {
        Kernels.biasNormGELU(
          rows: rows, columns: layer.outputs, z: z, bias: p + layer.bias, gain: p + gain, shift: p + shift, a: a,
          slope: keep.slope.base, inverseSD: inverseSD.base)
      } else {
        Kernels.biasGELU(rows: rows, columns: layer.outputs, z: z, bias: p + layer.bias, a: a)
      }
      below = UnsafePointer(a)
    }
    let last = shape.layers[kept.count]
    BLAS.productABt(m: rows, n: last.outputs, k: last.inputs, a: below, b: p + last.weight, c: output.base)
    Kernels.addBias(rows: rows, columns: last.outputs, output.base, p + last.bias)
  }

  /// The gradients of L for the rows of the last `forward`, from `outputGradient`.
  /// - Parameters: `p`, `x` as in that call; `gradient` set to dL/dp, shape (parameterCount); `inputGradient` set to
  ///   dL/dx, shape (rows, inputs). Either may be nil when not wanted.
  public func backward(
    _ p: UnsafePointer<Float>, rows: Int, x: UnsafePointer<Float>, gradient: UnsafeMutablePointer<Float>?,
    inputGradient: UnsafeMutablePointer<Float>?
  ) {
    precondition(rows <= capacity)
    var g = outputGradient.base
    for l in stride(from: shape.layers.count - 1, through: 0, by: -1) {
      let layer = shape.layers[l]
      if l < kept.count {
        activationBackward(p, layer: layer, keep: kept[l], rows: rows, g: g, gradient: gradient)
      } else if let gradient {
        Kernels.columnSums(rows: rows, columns: layer.outputs, g, into: gradient + layer.bias)
      }
      if let gradient {
        let below = l == 0 ? x : UnsafePointer(kept[l - 1].activation.base)
        BLAS.productAtB(
          m: layer.outputs, n: layer.inputs, k: rows, a: g, b: below, c: gradient + layer.weight)
      }
      guard let target = l > 0 ? flow[l % 2].base : inputGradient else { continue }
      BLAS.productAB(m: rows, n: layer.inputs, k: layer.outputs, a: g, b: p + layer.weight, c: target)
      g = target
    }
  }

  private func activationBackward(
    _ p: UnsafePointer<Float>, layer: MLPShape.Layer, keep: Kept, rows: Int, g: UnsafeMutablePointer<Float>,
    gradient: UnsafeMutablePointer<Float>?
  ) {
    if let gain = layer.gain, let shift = layer.shift, let zhat = keep.zhat, let inverseSD = keep.inverseSD {
      Kernels.biasNormGELUBackward(
        rows: rows, columns: layer.outputs, g: g, slope: keep.slope.base, zhat: zhat.base,
        inverseSD: inverseSD.base, gain: p + gain, biasGradient: gradient.map { $0 + layer.bias },
        gainGradient: gradient.map { $0 + gain }, shiftGradient: gradient.map { $0 + shift })
    } else {
      Kernels.biasGELUBackward(
        rows: rows, columns: layer.outputs, g: g, slope: keep.slope.base,
        biasGradient: gradient.map { $0 + layer.bias })
    }
  }
}
