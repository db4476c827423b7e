import DMONumerics

/// What a network's training minimises: values, differences between near points, or both.
///
/// Over rows i, outputs c and residuals r = g(x) − y in standardised targets, masked terms left out:
///
///     mean ρ(r_ic)  +  strength · Σ w_ik ρ(r_ic − r_kc) / Σ w_ik     for the neighbours k of i,
///
/// ρ(e) = |e| or e², either term alone or both; strength is 1 where there are no values.
public struct TrainingLoss: Sendable, Equatable {
  public enum Norm: String, Sendable, CaseIterable {
    /// |e|
    case l1
    /// e²
    case l2
  }
  /// ρ of the value term; nil without one.
  public var value: Norm?
  /// ρ of the difference term; nil without one.
  public var difference: Norm?
  /// Of the difference term beside a value term.
  public var strength = 1.0
  /// Weights w = 1 / (distance + 0.01) with mean 1, instead of 1.
  public var isWeighted = false

  public init(value: Norm?, difference: Norm?, strength: Double = 1, isWeighted: Bool = false) {
    self.value = value
    self.difference = difference
    self.strength = strength
    self.isWeighted = isWeighted
  }

  /// Mean absolute error (arXiv 2501.19161, eq. 6).
  public static let mae = TrainingLoss(value: .l1, difference: nil)
  /// Mean squared error.
  public static let mse = TrainingLoss(value: .l2, difference: nil)
  /// Differences between near points (there, eq. 10).
  public static let gradPIE = TrainingLoss(value: nil, difference: .l1)

  /// Added to a distance before its inverse is a weight, so that duplicate points do not outweigh all others.
  static let weightOffset = 0.01

  /// What a batch adds to the loss.
  public struct Sums: Sendable, Equatable {
    /// Σ ρ of the values and their number.
    public var value = 0.0
    public var values = 0
    /// Σ w ρ of the differences and Σ w.
    public var difference = 0.0
    public var weight = 0.0

    static func += (a: inout Sums, b: Sums) {
      a.value += b.value
      a.values += b.values
      a.difference += b.difference
      a.weight += b.weight
    }
  }

  /// The loss that some batches' sums make; 0 where nothing can be learnt.
  public func mean(_ s: Sums) -> Double {
    (s.values > 0 ? s.value / Double(s.values) : 0) + (s.weight > 0 ? factor * s.difference / s.weight : 0)
  }

  private var factor: Double { value == nil ? 1 : strength }

  /// The pairs of a batch.
  public struct Pairs {
    /// The first rows, which have neighbours; the others are only neighbours.
    public var anchors: Int
    /// Neighbours of each anchor.
    public var degree: Int
    /// Row numbers, shape (anchors, degree).
    public var neighbours: UnsafePointer<Int32>?
    /// w, of the same shape; nil: all 1.
    public var weights: UnsafePointer<Float>?

    public init(
      anchors: Int, degree: Int, neighbours: UnsafePointer<Int32>?, weights: UnsafePointer<Float>? = nil
    ) {
      self.anchors = anchors
      self.degree = degree
      self.neighbours = neighbours
      self.weights = weights
    }
  }

  /// Forward and backward over a batch; `gradient` becomes that of the loss of this batch.
  /// - Parameters:
  ///   - pass: with room for `rows`; its output is overwritten.
  ///   - p: the network's parameters, shape (parameterCount).
  ///   - rows: of the batch.
  ///   - x: row major, shape (rows, inputs), standardised.
  ///   - y: row major, shape (rows, outputs), standardised; NaN is masked.
  ///   - pairs: the neighbours whose differences are compared; none for the plain loss.
  ///   - residual: scratch, shape (rows, outputs).
  ///   - gradient: shape (parameterCount); overwritten.
  /// - Returns: the sums; with no terms at all `gradient` is left as it was.
  /// - Complexity: one pass over the rows, plus O(anchors · degree · outputs).
  public func gradient(
    pass: MLPPass, parameters p: UnsafePointer<Float>, rows: Int, x: UnsafePointer<Float>, y: UnsafePointer<Float>,
    pairs: Pairs, residual: FloatBuffer, gradient: FloatBuffer
  ) -> Sums {
    let m = pass.shape.outputs
    let g = pass.outputGradient.base
    pass.forward(p, rows: rows, x: x)
    residual.base.update(from: pass.output.base, count: rows * m)
    Kernels.subtract(count: rows * m, y, from: residual.base)
    var sums = Sums()
    if difference != nil { addPairs(rows: rows, columns: m, pairs, residual, g, &sums) }
    if let value {
      // The output has served; its memory takes the value term's part where g holds the other one.
      let part = sums.weight > 0 ? pass.output.base : g
      // Each anchor's value once an epoch; rows that are only neighbours have their turn in another batch.
      let count = (difference == nil ? rows : pairs.anchors) * m
      (sums.value, sums.values) =
        value == .l1
        ? Kernels.absoluteLoss(count: count, residual.base, gradient: part)
        : Kernels.squaredLoss(count: count, residual.base, gradient: part)
      let share = 1 / Float(max(sums.values, 1))
      if sums.weight > 0 {
        Kernels.add(count: count, share, times: part, to: g)
      } else {
        Kernels.scale(count: count, by: share, g)
      }
    }
    guard sums.values > 0 || sums.weight > 0 else { return sums }
    pass.backward(p, rows: rows, x: x, gradient: gradient.base, inputGradient: nil)
    if value == nil {
      // Differences do not see the output bias: its gradient is exactly 0, but sums to rounding noise, which Adam
      // would blow up to whole steps.
      let last = pass.shape.layers[pass.shape.layers.count - 1]
      (gradient.base + last.bias).update(repeating: 0, count: m)
    }
    return sums
  }

  /// The difference term's sums and, scaled, its gradient in g.
  private func addPairs(
    rows: Int, columns m: Int, _ pairs: Pairs, _ residual: FloatBuffer, _ g: UnsafeMutablePointer<Float>,
    _ sums: inout Sums
  ) {
    guard let list = pairs.neighbours, pairs.degree > 0, pairs.anchors > 0 else {
      g.update(repeating: 0, count: rows * m)
      return
    }
    if difference == .l1 && pairs.weights == nil {
      let (sum, terms) = Kernels.graphLoss(
        rows: rows, anchors: pairs.anchors, columns: m, degree: pairs.degree, neighbours: list, residual.base,
        gradient: g)
      (sums.difference, sums.weight) = (sum, Double(terms))
    } else {
      (sums.difference, sums.weight) = Kernels.weightedGraphLoss(
        rows: rows, anchors: pairs.anchors, columns: m, degree: pairs.degree, neighbours: list,
        weights: pairs.weights, isSquared: difference == .l2, residual.base, gradient: g)
    }
    if sums.weight > 0 { Kernels.scale(count: rows * m, by: Float(factor / sums.weight), g) }
  }
}
