import DMONumerics

/// The forward and backward pass of a network with all the memory they need. Used by one thread at a time; a pass
/// allocates nothing.
protocol NetworkPass: AnyObject {
  /// The most rows of one pass.
  var capacity: Int { get }
  /// Row major, shape (rows, outputs): what `forward` computed.
  var output: FloatBuffer { get }
  /// Row major, shape (rows, outputs): dL/d output, for the caller to fill before `backward`.
  var outputGradient: FloatBuffer { get }

  /// Fills `output` and keeps what `backward` needs. - Parameter x: row major, shape (rows, inputs).
  func forward(_ p: UnsafePointer<Float>, rows: Int, x: UnsafePointer<Float>)

  /// The gradients of L for the rows of the last `forward`, from `outputGradient`, which it may overwrite.
  /// - Parameters: `gradient` set to dL/dp, shape (parameterCount); `inputGradient` set to dL/dx, shape (rows, inputs).
  ///   Either may be nil when not wanted.
  func backward(
    _ p: UnsafePointer<Float>, rows: Int, x: UnsafePointer<Float>, gradient: UnsafeMutablePointer<Float>?,
    inputGradient: UnsafeMutablePointer<Float>?
  )
}

extension MLPPass: NetworkPass {}

/// The steps that the passes share: linear layers y = x Wᵀ + b on rows.
extension LinearPlace {
  /// Without the bias.
  func product(
    _ p: UnsafePointer<Float>, rows: Int, _ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>
  ) {
    BLAS.productABt(m: rows, n: outputs, k: inputs, a: x, b: p + weight, c: y)
  }

  func forward(
    _ p: UnsafePointer<Float>, rows: Int, _ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>
  ) {
    product(p, rows: rows, x, into: y)
    Kernels.addBias(rows: rows, columns: outputs, y, p + bias)
  }

  /// dL/dx from dL/dy.
  func inputGradient(
    _ p: UnsafePointer<Float>, rows: Int, _ g: UnsafePointer<Float>, into gx: UnsafeMutablePointer<Float>
  ) {
    BLAS.productAB(m: rows, n: inputs, k: outputs, a: g, b: p + weight, c: gx)
  }

  /// dL/dW, and dL/db unless the caller has it already.
  func weightGradient(
    rows: Int, _ g: UnsafePointer<Float>, _ x: UnsafePointer<Float>, into gradient: UnsafeMutablePointer<Float>?,
    withBias: Bool = true
  ) {
    guard let gradient else { return }
    BLAS.productAtB(m: outputs, n: inputs, k: rows, a: g, b: x, c: gradient + weight)
    if withBias { Kernels.columnSums(rows: rows, columns: outputs, g, into: gradient + bias) }
  }
}

extension NormPlace {
  func forward(
    _ p: UnsafePointer<Float>, rows: Int, _ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>,
    keeping memory: Kernels.NormMemory
  ) {
    Kernels.layerNorm(rows: rows, columns: width, x, gain: p + gain, shift: p + shift, into: y, keeping: memory)
  }

  /// dL/dy to dL/dx in place.
  func backward(
    _ p: UnsafePointer<Float>, rows: Int, _ g: UnsafeMutablePointer<Float>, _ memory: Kernels.NormMemory,
    gradient: UnsafeMutablePointer<Float>?
  ) {
    Kernels.layerNormBackward(
      rows: rows, columns: width, g: g, memory, gain: p + gain, gainGradient: gradient.map { $0 + gain },
      shiftGradient: gradient.map { $0 + shift })
  }
}
