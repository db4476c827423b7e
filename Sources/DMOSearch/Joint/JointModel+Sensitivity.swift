import DMOCore
import DMONumerics
import DMOSurrogates

extension JointModel {
  /// Points of a curve.
  private static let curve = 257

  /// Largest first-order index of each coordinate over the outputs, by FAST on the surrogate; largest 1.
  func fourierSensitivities(dimension n: Int, seed: Seed) -> [Double] {
    let design = FourierSensitivity.design(
      count: Self.curve, phases: FourierSensitivity.phases(dimension: n, seed: seed))
    let rows = design.count / n
    let y = surrogate.predict(rows: rows, z: (0..<rows).flatMap { features.encode(Array(design[$0 * n..<($0 + 1) * n])) })
    let m = surrogate.outputCount
    let indices = (0..<m).map { j in
      FourierSensitivity(responses: (0..<rows).map { y[$0 * m + j] }, dimension: n).first
    }
    return Self.relative((0..<n).map { i in indices.map { $0[i] } })
  }

  /// Largest derivative-based measure of each coordinate over the outputs, on the surrogate; largest 1.
  func derivativeSensitivities(dimension n: Int, count: Int, seed: Seed) -> [Double] {
    let sobol = Sobol(dimension: n, scrambling: seed)
    var random = seed.generator
    let points = (0..<count).map { i in sobol?.point(i) ?? (0..<n).map { _ in random.uniform() } }
    let rows = points.flatMap { features.encode($0) }
    let (m, f) = (surrogate.outputCount, features.count)
    let y = surrogate.predict(rows: count, z: rows)
    let jacobian = surrogate.jacobian(rows: count, z: rows)
    let bounds = (0..<m).map { j -> [Double] in
      let gradients = (0..<count).flatMap { r -> [Double] in
        let at = (r * m + j) * f
        return features.pullback(jacobian[at..<at + f], at: points[r])
      }
      return DerivativeSensitivity(
        gradients: gradients, responses: (0..<count).map { y[$0 * m + j] }, widths: Array(repeating: 1, count: n)
      ).bounds
    }
    return Self.relative((0..<n).map { i in bounds.map { $0[i] } })
  }

  /// - Parameter values: shape (dimension, outputs); NaN where an output says nothing.
  private static func relative(_ values: [[Double]]) -> [Double] {
    let largest = values.map { row in row.reduce(0) { $1.isFinite ? max($0, $1) : $0 } }
    let top = largest.max() ?? 0
    return largest.map { top > 0 ? $0 / top : 1 }
  }
}
