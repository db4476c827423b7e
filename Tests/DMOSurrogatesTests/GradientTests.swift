import DMOCore
import DMONumerics
import Testing

@testable import DMOSurrogates

/// Single precision against central differences in double precision (error about 1e-9): the rounding of the former.
private let singlePrecision = 1e-5

@Suite("Gradients")
struct GradientTests {
  /// A batch with masked targets and a graph on it.
  private struct Batch {
    let rows = 14
    let x: [[Double]]
    let y: [[Double]]
    var graph: NeighbourGraph

    init(inputs: Int, outputs: Int, k: Int) {
      var random = Seed(21).generator
      var (x, y): ([[Double]], [[Double]]) = ([], [])
      graph = NeighbourGraph(dimension: inputs, k: k)
      for r in 0..<rows {
        // Rounded to single precision, so that both sides see the same numbers.
        x.append((0..<inputs).map { _ in Double(Float(random.normal())) })
        y.append((0..<outputs).map { c in r == 5 && c == 0 ? .nan : Double(Float(random.normal())) })
        graph.append(x[r][...])
      }
      (self.x, self.y) = (x, y)
    }

    var pairs: [(Int, Int)] { (0..<rows).flatMap { i in graph.neighbours(of: i).map { (i, $0) } } }
  }

  private static let shapes = [
    MLPShape(inputs: 3, hidden: [7, 5], outputs: 2, layerNorm: false),
    MLPShape(inputs: 3, hidden: [7, 18], outputs: 2, layerNorm: true),
    MLPShape(inputs: 2, hidden: [20], outputs: 1, layerNorm: true),
  ]

  private func single(
    _ loss: TrainingLoss, _ net: MLP, _ batch: Batch, weights: [Float] = []
  ) -> (value: Double, gradient: [Double]) {
    let pass = MLPPass(shape: net.shape, capacity: batch.rows)
    let gradient = FloatBuffer(count: net.shape.parameterCount)
    let list = batch.graph.adjacency()
    let sums = list.withUnsafeBufferPointer { neighbours in
      weights.withUnsafeBufferPointer { w in
        loss.gradient(
          pass: pass, parameters: net.parameters, rows: batch.rows,
          x: batch.x.flatMap { $0.map(Float.init) }, y: batch.y.flatMap { $0.map(Float.init) },
          pairs: TrainingLoss.Pairs(
            anchors: batch.rows, degree: batch.graph.degree, neighbours: neighbours.baseAddress,
            weights: weights.isEmpty ? nil : w.baseAddress),
          residual: FloatBuffer(count: batch.rows * net.shape.outputs), gradient: gradient)
      }
    }
    return (loss.mean(sums), gradient.array().map(Double.init))
  }

  @Test("of the weights agree with central differences of the double-precision loss", arguments: shapes)
  func values(_ shape: MLPShape) {
    let net = MLP(shape: shape, seed: Seed(8))
    let batch = Batch(inputs: shape.inputs, outputs: shape.outputs, k: 3)
    let reference = ReferenceMLP(net)
    let (value, gradient) = single(.mae, net, batch)
    #expect(abs(value - reference.valueLoss(batch.x, batch.y)) < singlePrecision)
    let expected = reference.differences { $0.valueLoss(batch.x, batch.y) }
    #expect(relativeError(gradient, expected) < singlePrecision)
  }

  @Test("on the residual graph are those of the pairs, one by one", arguments: shapes, [1, 3, 13])
  func pairs(_ shape: MLPShape, k: Int) {
    let net = MLP(shape: shape, seed: Seed(9))
    let batch = Batch(inputs: shape.inputs, outputs: shape.outputs, k: k)
    let reference = ReferenceMLP(net)
    let (value, gradient) = single(.gradPIE, net, batch)
    #expect(abs(value - reference.pairLoss(batch.x, batch.y, pairs: batch.pairs)) < singlePrecision)
    let expected = reference.differences { $0.pairLoss(batch.x, batch.y, pairs: batch.pairs) }
    #expect(relativeError(gradient, expected) < singlePrecision)
  }

  /// The formula of `TrainingLoss`, term by term.
  private func combined(_ loss: TrainingLoss, _ net: ReferenceMLP, _ batch: Batch, weights: [Float]) -> Double {
    let r = zip(batch.x, batch.y).map { x, y in zip(net.output(x), y).map { $0 - $1 } }
    func rho(_ e: Double, _ norm: TrainingLoss.Norm) -> Double { norm == .l1 ? abs(e) : e * e }
    var total = 0.0
    if let norm = loss.value {
      let terms = r.flatMap { $0 }.filter { !$0.isNaN }.map { rho($0, norm) }
      total += terms.reduce(0, +) / Double(terms.count)
    }
    if let norm = loss.difference {
      var (sum, weight) = (0.0, 0.0)
      for (arc, (i, k)) in batch.pairs.enumerated() {
        let w = weights.isEmpty ? 1 : Double(weights[arc])
        for c in r[i].indices where !(r[i][c] - r[k][c]).isNaN {
          sum += w * rho(r[i][c] - r[k][c], norm)
          weight += w
        }
      }
      total += (loss.value == nil ? 1 : loss.strength) * sum / weight
    }
    return total
  }

  @Test(
    "of squares, and of values with weighted differences, agree with differences too", arguments: shapes,
    [
      TrainingLoss.mse, TrainingLoss(value: nil, difference: .l2),
      TrainingLoss(value: .l1, difference: .l1, strength: 0.3, isWeighted: true),
      TrainingLoss(value: .l2, difference: .l2, strength: 3, isWeighted: true),
    ])
  func others(_ shape: MLPShape, _ loss: TrainingLoss) {
    let net = MLP(shape: shape, seed: Seed(9))
    let batch = Batch(inputs: shape.inputs, outputs: shape.outputs, k: 3)
    let weights: [Float] = loss.isWeighted ? batch.pairs.indices.map { 0.25 * Float($0 % 7) } : []
    let reference = ReferenceMLP(net)
    let (value, gradient) = single(loss, net, batch, weights: weights)
    #expect(abs(value - combined(loss, reference, batch, weights: weights)) < singlePrecision)
    let expected = reference.differences { combined(loss, $0, batch, weights: weights) }
    #expect(relativeError(gradient, expected) < 2 * singlePrecision)
  }

  @Test("of a surrogate's inputs agree with differences in double precision, in the targets' units", arguments: shapes)
  func inputs(_ shape: MLPShape) {
    var random = Seed(10).generator
    var data = Dataset(inputCount: shape.inputs, outputCount: shape.outputs)
    for _ in 0..<30 {
      data.append(
        z: (0..<shape.inputs).map { _ in random.uniform() },
        y: (0..<shape.outputs).map { c in 1e6 * Double(c + 1) * random.normal() })
    }
    let net = MLP(shape: shape, seed: Seed(12))
    let scaler = TargetScaler(data, rows: Array(0..<30))
    let surrogate = MLPSurrogate(network: net, scaler: scaler)
    let reference = ReferenceMLP(net)
    let rows = 1030  // more than one chunk
    let z = (0..<rows * shape.inputs).map { _ in random.uniform() }
    let bar = (0..<rows * shape.outputs).map { _ in random.normal() }
    let g = surrogate.vjp(rows: rows, z: z, ybar: bar)
    let y = surrogate.predict(rows: rows, z: z)
    for r in [0, 1, 500, 1023, 1024, 1029] {
      let (n, m) = (shape.inputs, shape.outputs)
      let x = z[r * n..<(r + 1) * n].map { 12.0.squareRoot() * ($0 - 0.5) }
      let o = reference.output(x)
      let scaled = (0..<m).map { bar[r * m + $0] * scaler.scale[$0] }
      let expected = reference.inputDifferences(x, ybar: scaled).map { $0 * 12.0.squareRoot() }
      #expect(relativeError(Array(g[r * n..<(r + 1) * n]), expected) < 2 * singlePrecision, "row \(r)")
      let outputs = (0..<m).map { scaler.mean[$0] + scaler.scale[$0] * o[$0] }
      #expect(relativeError(Array(y[r * m..<(r + 1) * m]), outputs) < singlePrecision, "row \(r)")
    }
  }
}
