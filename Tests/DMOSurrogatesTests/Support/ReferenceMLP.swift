import Foundation

@testable import DMOSurrogates

/// The network once more, in double precision and one number at a time: slow, and simple enough to be checked by eye.
struct ReferenceMLP {
  let shape: MLPShape
  /// Laid out as the shape says.
  var parameters: [Double]

  init(_ network: MLP) {
    shape = network.shape
    parameters = network.parameters.map(Double.init)
  }

  init(shape: MLPShape, parameters: [Double]) {
    self.shape = shape
    self.parameters = parameters
  }

  static func normalCDF(_ x: Double) -> Double { 0.5 * erfc(-x / 2.0.squareRoot()) }
  static func normalDensity(_ x: Double) -> Double { exp(-x * x / 2) / (2 * Double.pi).squareRoot() }

  /// The output of one row.
  func output(_ x: [Double]) -> [Double] {
    var below = x
    for layer in shape.layers.dropLast() {
      var u = linear(layer, below)
      if let gain = layer.gain, let shift = layer.shift {
        let zhat = Self.normalised(u).zhat
        u = (0..<u.count).map { parameters[gain + $0] * zhat[$0] + parameters[shift + $0] }
      }
      below = u.map { $0 * Self.normalCDF($0) }
    }
    return linear(shape.layers[shape.layers.count - 1], below)
  }

  private func linear(_ layer: MLPShape.Layer, _ x: [Double]) -> [Double] {
    (0..<layer.outputs).map { o in
      var sum = parameters[layer.bias + o]
      for i in 0..<layer.inputs { sum += parameters[layer.weight + o * layer.inputs + i] * x[i] }
      return sum
    }
  }

  private static func normalised(_ u: [Double]) -> (zhat: [Double], inverse: Double) {
    let mean = u.reduce(0, +) / Double(u.count)
    let variance = u.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(u.count)
    let inverse = 1 / (variance + 1e-5).squareRoot()
    return (u.map { ($0 - mean) * inverse }, inverse)
  }

  /// Mean |r| over all entries that are not NaN. Shapes x (rows)(inputs), y (rows)(outputs).
  func valueLoss(_ x: [[Double]], _ y: [[Double]]) -> Double {
    var sum = 0.0
    var terms = 0
    for (row, target) in zip(x, y) {
      for (o, t) in zip(output(row), target) where !t.isNaN {
        sum += abs(o - t)
        terms += 1
      }
    }
    return sum / Double(terms)
  }

  /// Mean |(g(x_i) − g(x_j)) − (y_i − y_j)| over the pairs and outputs that are not NaN: eq. 10, pair by pair, with two
  /// evaluations of the network for each.
  func pairLoss(_ x: [[Double]], _ y: [[Double]], pairs: [(Int, Int)]) -> Double {
    var sum = 0.0
    var terms = 0
    for (i, j) in pairs {
      let (a, b) = (output(x[i]), output(x[j]))
      for c in 0..<a.count {
        let e = (a[c] - b[c]) - (y[i][c] - y[j][c])
        if !e.isNaN {
          sum += abs(e)
          terms += 1
        }
      }
    }
    return sum / Double(terms)
  }

  /// dL/dp by central differences of a loss of this network.
  func differences(step: Double = 1e-6, _ loss: (ReferenceMLP) -> Double) -> [Double] {
    var copy = self
    return parameters.indices.map { i in
      copy.parameters[i] = parameters[i] + step
      let up = loss(copy)
      copy.parameters[i] = parameters[i] - step
      let down = loss(copy)
      copy.parameters[i] = parameters[i]
      return (up - down) / (2 * step)
    }
  }

  /// Σ ȳ·∂g/∂x for one row, by central differences.
  func inputDifferences(_ x: [Double], ybar: [Double], step: Double = 1e-5) -> [Double] {
    x.indices.map { i in
      var (up, down) = (x, x)
      up[i] += step
      down[i] -= step
      let (a, b) = (output(up), output(down))
      return (0..<ybar.count).reduce(0) { $0 + ybar[$1] * (a[$1] - b[$1]) } / (2 * step)
    }
  }
}

/// max |a − b| / max |b|, NaN when anything is NaN. Where b is 0 but for the rounding noise of double
/// precision (below 1e-12), the error is absolute.
func relativeError(_ a: [Double], _ b: [Double]) -> Double {
  precondition(a.count == b.count)
  let size = b.reduce(0) { max($0, abs($1)) }
  var worst = 0.0
  for (u, v) in zip(a, b) {
    let d = abs(u - v)
    if !(d <= worst) { worst = d }
    if d.isNaN { return .nan }
  }
  return worst / (size > 1e-12 ? size : 1)
}
