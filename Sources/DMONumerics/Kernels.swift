import CKernels

/// The fused loops between two matrix products; see `dmo_kernels.h` for the formulas and shapes. Nothing allocates.
public enum Kernels {
  /// LayerNorm's ε, as in PyTorch's default.
  public static let normEpsilon: Float = 1e-5

  /// a = gelu(z + bias); z becomes gelu′. Shapes z, a (rows, columns), bias (columns).
  public static func biasGELU(
    rows: Int, columns: Int, z: UnsafeMutablePointer<Float>, bias: UnsafePointer<Float>, a: UnsafeMutablePointer<Float>
  ) {
    dmo_bias_gelu(rows, columns, z, bias, a)
  }

  /// a = gelu(gain · ẑ + shift) with ẑ the row-normalised z + bias; z becomes ẑ, `slope` gelu′.
  public static func biasNormGELU(
    rows: Int, columns: Int, z: UnsafeMutablePointer<Float>, bias: UnsafePointer<Float>, gain: UnsafePointer<Float>,
    shift: UnsafePointer<Float>, a: UnsafeMutablePointer<Float>, slope: UnsafeMutablePointer<Float>,
    inverseSD: UnsafeMutablePointer<Float>
  ) {
    dmo_bias_norm_gelu(rows, columns, z, bias, gain, shift, normEpsilon, a, slope, inverseSD)
  }

  /// dL/da to dL/dz in place, and dL/dbias where wanted.
  public static func biasGELUBackward(
    rows: Int, columns: Int, g: UnsafeMutablePointer<Float>, slope: UnsafePointer<Float>,
    biasGradient: UnsafeMutablePointer<Float>?
  ) {
    dmo_bias_gelu_backward(rows, columns, g, slope, biasGradient)
  }

  /// dL/da to dL/dz in place, and the gradients of bias, gain and shift where wanted (all three or none).
  public static func biasNormGELUBackward(
    rows: Int, columns: Int, g: UnsafeMutablePointer<Float>, slope: UnsafePointer<Float>, zhat: UnsafePointer<Float>,
    inverseSD: UnsafePointer<Float>, gain: UnsafePointer<Float>, biasGradient: UnsafeMutablePointer<Float>?,
    gainGradient: UnsafeMutablePointer<Float>?, shiftGradient: UnsafeMutablePointer<Float>?
  ) {
    dmo_bias_norm_gelu_backward(
      rows, columns, g, slope, zhat, inverseSD, gain, biasGradient, gainGradient, shiftGradient)
  }

  /// Adds the bias to each row.
  public static func addBias(
    rows: Int, columns: Int, _ out: UnsafeMutablePointer<Float>, _ bias: UnsafePointer<Float>
  ) {
    dmo_add_bias(rows, columns, out, bias)
  }

  /// The sum of the rows; shape (columns).
  public static func columnSums(
    rows: Int, columns: Int, _ g: UnsafePointer<Float>, into out: UnsafeMutablePointer<Float>
  ) {
    dmo_column_sums(rows, columns, g, out)
  }

  /// out = a bᵀ; shapes a (rows), b (columns), out (rows, columns).
  public static func outer(
    rows: Int, columns: Int, _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>,
    into out: UnsafeMutablePointer<Float>
  ) {
    dmo_outer(rows, columns, a, b, out)
  }

  /// Multiplies in place.
  public static func scale(count: Int, by factor: Float, _ x: UnsafeMutablePointer<Float>) {
    dmo_scale(count, factor, x)
  }

  /// out −= y. NaN in y gives NaN.
  public static func subtract(count: Int, _ y: UnsafePointer<Float>, from out: UnsafeMutablePointer<Float>) {
    dmo_subtract(count, out, y)
  }

  /// Σ |r| over the entries that are not NaN, their number, and its gradient sign(r) in g.
  public static func absoluteLoss(
    count: Int, _ r: UnsafePointer<Float>, gradient g: UnsafeMutablePointer<Float>
  ) -> (sum: Double, terms: Int) {
    var terms: Int64 = 0
    let sum = dmo_absolute_loss(count, r, g, &terms)
    return (sum, Int(terms))
  }

  /// Σ |r_i − r_j| over the arcs i → j of the first `anchors` rows and over columns, without NaN terms; their number;
  /// its gradient (whole numbers) in g. Shapes r, g (rows, columns), neighbours (anchors, degree).
  /// - Complexity: O(anchors · degree · columns)
  public static func graphLoss(
    rows: Int, anchors: Int, columns: Int, degree: Int, neighbours: UnsafePointer<Int32>, _ r: UnsafePointer<Float>,
    gradient g: UnsafeMutablePointer<Float>
  ) -> (sum: Double, terms: Int) {
    var terms: Int64 = 0
    let sum = dmo_graph_loss(rows, anchors, columns, degree, neighbours, r, g, &terms)
    return (sum, Int(terms))
  }

  /// Σ r² over the entries that are not NaN, their number, and its gradient 2r in g.
  public static func squaredLoss(
    count: Int, _ r: UnsafePointer<Float>, gradient g: UnsafeMutablePointer<Float>
  ) -> (sum: Double, terms: Int) {
    var terms: Int64 = 0
    let sum = dmo_squared_loss(count, r, g, &terms)
    return (sum, Int(terms))
  }

  /// As `graphLoss` with a weight for each arc (nil: all 1) and |e| or e² of a difference e; returns Σ w too.
  /// - Complexity: O(anchors · degree · columns)
  public static func weightedGraphLoss(
    rows: Int, anchors: Int, columns: Int, degree: Int, neighbours: UnsafePointer<Int32>,
    weights: UnsafePointer<Float>?, isSquared: Bool, _ r: UnsafePointer<Float>, gradient g: UnsafeMutablePointer<Float>
  ) -> (sum: Double, weight: Double) {
    var weight = 0.0
    let sum = dmo_weighted_graph_loss(
      rows, anchors, columns, degree, neighbours, weights, isSquared ? 1 : 0, r, g, &weight)
    return (sum, weight)
  }

  /// out += factor · x.
  public static func add(
    count: Int, _ factor: Float, times x: UnsafePointer<Float>, to out: UnsafeMutablePointer<Float>
  ) {
    dmo_add_scaled(count, factor, x, out)
  }

  /// Σ x², in double precision.
  public static func sumOfSquares(count: Int, _ x: UnsafePointer<Float>) -> Double { dmo_sum_of_squares(count, x) }
}
