import DMONumerics

/// A trained network between the unit cube and the targets' units.
///
/// Inputs are mapped by 2√3 (z − ½), which gives coordinates spread evenly over the cube variance 1 and does not
/// change as data arrive; targets by a `TargetScaler`.
public struct MLPSurrogate: Surrogate, Equatable {
  public let network: MLP
  public let scaler: TargetScaler
  public var inputCount: Int { network.shape.inputs }
  public var outputCount: Int { network.shape.outputs }

  /// √12: the inverse standard deviation of a uniform number in [0, 1].
  static let inputScale = 12.0.squareRoot()
  /// Rows of one pass; bounds the memory that a large query takes.
  private static let chunk = 1024

  static func standardised(input z: Double) -> Float { Float(inputScale * (z - 0.5)) }

  public init(network: MLP, scaler: TargetScaler) {
    precondition(scaler.mean.count == network.shape.outputs)
    self.network = network
    self.scaler = scaler
  }

  public func predict(rows: Int, z: [Double]) -> [Double] {
    precondition(z.count == rows * inputCount)
    var result: [Double] = []
    result.reserveCapacity(rows * outputCount)
    inChunks(rows: rows, z: z) { pass, _, _, _, n in
      for i in 0..<n * outputCount { result.append(scaler.restored(pass.output.base[i], output: i % outputCount)) }
    }
    return result
  }

  public func vjp(rows: Int, z: [Double], ybar: [Double]) -> [Double] {
    precondition(z.count == rows * inputCount && ybar.count == rows * outputCount)
    var result: [Double] = []
    result.reserveCapacity(rows * inputCount)
    let gradient = FloatBuffer(count: min(rows, Self.chunk) * inputCount)
    inChunks(rows: rows, z: z) { pass, p, x, start, n in
      // Each row's cotangent is brought to size 1 and its gradient back, so no size of ȳ or scale overflows a float.
      var sizes = [Double](repeating: 0, count: n)
      for r in 0..<n {
        let bar = (0..<outputCount).map { c in scaler.scale[c] * ybar[(start + r) * outputCount + c] }
        // NaN is larger than nothing to `max`, so it is looked for: a NaN cotangent gives a NaN gradient.
        sizes[r] = bar.contains(where: \.isNaN) ? .nan : bar.reduce(0) { max($0, abs($1)) }
        for c in 0..<outputCount {
          pass.outputGradient.base[r * outputCount + c] = sizes[r] > 0 ? Float(bar[c] / sizes[r]) : 0
        }
      }
      pass.backward(p, rows: n, x: x, gradient: nil, inputGradient: gradient.base)
      for i in 0..<n * inputCount {
        result.append(Double(gradient.base[i]) * Self.inputScale * sizes[i / inputCount])
      }
    }
    return result
  }

  /// Runs the network forward over the rows, some at a time: body(pass, parameters, inputs, first row, rows).
  private func inChunks(
    rows: Int, z: [Double],
    _ body: (MLPPass, UnsafePointer<Float>, UnsafePointer<Float>, Int, Int) -> Void
  ) {
    let capacity = min(rows, Self.chunk)
    let pass = MLPPass(shape: network.shape, capacity: capacity)
    let x = FloatBuffer(count: capacity * inputCount)
    network.parameters.withUnsafeBufferPointer { p in
      guard let p0 = p.baseAddress else { return }
      for start in stride(from: 0, to: rows, by: Self.chunk) {
        let n = min(Self.chunk, rows - start)
        for i in 0..<n * inputCount { x.base[i] = Self.standardised(input: z[start * inputCount + i]) }
        pass.forward(p0, rows: n, x: x.base)
        body(pass, p0, x.base, start, n)
      }
    }
  }
}
