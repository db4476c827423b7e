import DMONumerics

/// The two losses and their gradients with respect to a network's parameters.
public enum TrainingLoss {
  /// Forward and backward over a batch; `gradient` becomes that of the mean over the terms.
  /// - Parameters:
  ///   - pass: with room for `rows`.
  ///   - parameters: shape (parameterCount).
  ///   - anchors: the first rows, which have neighbours; the others are only neighbours. Not used by `mae`.
  ///   - x: row major, shape (rows, inputs), standardised. y: shape (rows, outputs), standardised; NaN is masked.
  ///   - neighbours: row numbers, shape (anchors, degree). Not used by `mae`.
  ///   - residual: scratch, shape (rows, outputs). gradient: shape (parameterCount).
  /// - Returns: the sum of the terms and their number; with no terms `gradient` is left as it was.
  /// - Complexity: one pass over the rows, plus O(anchors · degree · outputs).
  public static func gradient(
    _ loss: MLPTrainer.Loss, pass: MLPPass, parameters p: UnsafePointer<Float>, rows: Int, anchors: Int,
    x: UnsafePointer<Float>, y: UnsafePointer<Float>, neighbours: [Int32], degree: Int, residual: FloatBuffer,
    gradient: FloatBuffer
  ) -> (sum: Double, terms: Int) {
    let m = pass.shape.outputs
    let g = pass.outputGradient.base
    pass.forward(p, rows: rows, x: x)
    residual.base.update(from: pass.output.base, count: rows * m)
    Kernels.subtract(count: rows * m, y, from: residual.base)
    let part: (sum: Double, terms: Int)
    switch loss {
    case .mae:
      part = Kernels.absoluteLoss(count: rows * m, residual.base, gradient: g)
    case .gradPIE:
      part = neighbours.withUnsafeBufferPointer { list in
        guard let first = list.baseAddress, degree > 0 else { return (0, 0) }
        return Kernels.graphLoss(
          rows: rows, anchors: anchors, columns: m, degree: degree, neighbours: first, residual.base, gradient: g)
      }
    }
    guard part.terms > 0 else { return part }
    Kernels.scale(count: rows * m, by: 1 / Float(part.terms), g)
    pass.backward(p, rows: rows, x: x, gradient: gradient.base, inputGradient: nil)
    if loss == .gradPIE {
      // Differences do not see the output bias: its gradient is exactly 0, but sums to rounding noise, which Adam
      // would blow up to whole steps.
      let last = pass.shape.layers[pass.shape.layers.count - 1]
      (gradient.base + last.bias).update(repeating: 0, count: m)
    }
    return part
  }
}
