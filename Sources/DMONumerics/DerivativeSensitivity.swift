/// Derivative-based global sensitivities (Sobol & Kucherenko 2009): the mean square of each partial derivative.
///
/// Where inputs are uniform, ν_i width_i² / (π² V) bounds the total Sobol index ST_i from above.
public struct DerivativeSensitivity: Sendable, Equatable {
  /// ν_i = E[(∂f/∂x_i)²] in the response's unit squared per input's unit squared, and its standard deviation over
  /// points; shape (dimension).
  public let squares: [Double]
  public let deviations: [Double]
  /// The bound on ST_i; NaN where the response is constant. Shape (dimension).
  public let bounds: [Double]

  /// - Parameters:
  ///   - gradients: row major, shape (points, widths.count).
  ///   - responses: at the same points.
  ///   - widths: the inputs' ranges.
  /// - Complexity: O(points · dimension)
  public init(gradients: [Double], responses: [Double], widths: [Double]) {
    let (n, d) = (responses.count, widths.count)
    precondition(gradients.count == n * d && n > 0)
    var (sum, quartic) = ([Double](repeating: 0, count: d), [Double](repeating: 0, count: d))
    for i in gradients.indices {
      let square = gradients[i] * gradients[i]
      sum[i % d] += square
      quartic[i % d] += square * square
    }
    let mean = responses.reduce(0, +) / Double(n)
    let variance = responses.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(n)
    let squares = sum.map { $0 / Double(n) }
    self.squares = squares
    deviations = (0..<d).map { max(quartic[$0] / Double(n) - squares[$0] * squares[$0], 0).squareRoot() }
    bounds = (0..<d).map {
      variance > 0 ? squares[$0] * widths[$0] * widths[$0] / (Double.pi * Double.pi * variance) : .nan
    }
  }
}
