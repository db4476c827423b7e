// Time of a training step (gather, forward, backward, Adam) of the three networks of the GradPIE paper, with the
// batch and K of the PyTorch counterpart, one thread; and of a full-batch epoch on the residual graph.
// Arguments: networks (cnon, opamp, owms), all when none is given. Each figure is the median of the repeats.

import DMOCore
import DMONumerics
import DMOSurrogates

struct Case {
  let name: String
  let shape: MLPShape
  let batch: Int
  let k: Int
  let rows: Int
}

let cases = [
  Case(name: "cnon", shape: .cnon(inputs: 5, outputs: 5), batch: 64, k: 4, rows: 2000),
  Case(name: "opamp", shape: .opAmp(inputs: 16, outputs: 1), batch: 64, k: 4, rows: 2000),
  Case(name: "owms", shape: .owms(inputs: 3600, outputs: 1), batch: 128, k: 4, rows: 4096),
]

/// Multiply-add pairs count two; no input gradient in the first layer.
func flops(_ shape: MLPShape, rows: Int) -> Double {
  let products = shape.layers.map { Double($0.inputs * $0.outputs) }
  return (6 * products.reduce(0, +) - 2 * products[0]) * Double(rows)
}

func median(_ body: () -> Void) -> Double {
  let clock = ContinuousClock()
  body()
  let once = clock.measure(body)
  let inner = max(1, Int(0.2 / (Double(once.components.attoseconds) * 1e-18 + Double(once.components.seconds))))
  let times = (0..<7).map { _ -> Double in
    let t = clock.measure { for _ in 0..<inner { body() } }
    return (Double(t.components.seconds) + Double(t.components.attoseconds) * 1e-18) / Double(inner)
  }
  return times.sorted()[3]
}

/// One network with all its memory, and a synthetic data set.
final class Bench {
  let c: Case
  let pass: MLPPass
  var parameters: [Float]
  var adam: Adam
  let gradient: FloatBuffer
  let residual: FloatBuffer
  let x: FloatBuffer
  let y: FloatBuffer
  let batchX: FloatBuffer
  let batchY: FloatBuffer
  var neighbours: [Int32]
  var random = Seed(1).generator

  init(_ c: Case, capacity: Int, k: Int) {
    self.c = c
    pass = MLPPass(shape: c.shape, capacity: capacity)
    parameters = (0..<c.shape.parameterCount).map { _ in Float.random(in: -0.03...0.03) }
    adam = Adam(count: parameters.count, learningRate: 1e-3)
    gradient = FloatBuffer(count: parameters.count)
    residual = FloatBuffer(count: capacity * c.shape.outputs)
    x = FloatBuffer(count: c.rows * c.shape.inputs)
    y = FloatBuffer(count: c.rows * c.shape.outputs)
    for i in 0..<x.count { x.base[i] = Float.random(in: -1.7...1.7) }
    for i in 0..<y.count { y.base[i] = Float.random(in: -1.7...1.7) }
    batchX = FloatBuffer(count: capacity * c.shape.inputs)
    batchY = FloatBuffer(count: capacity * c.shape.outputs)
    neighbours = (0..<c.rows * k).map { _ in Int32.random(in: 0..<Int32(c.rows)) }
  }

  func step(
    _ loss: MLPTrainer.Loss, rows: Int, anchors: Int, x: FloatBuffer, y: FloatBuffer, list: [Int32], degree: Int
  ) {
    parameters.withUnsafeMutableBufferPointer { p in
      guard let p0 = p.baseAddress else { return }
      _ = TrainingLoss.gradient(
        loss, pass: pass, parameters: p0, rows: rows, anchors: anchors, x: x.base, y: y.base, neighbours: list,
        degree: degree, residual: residual, gradient: gradient)
      adam.step(p0, gradient: gradient.base)
    }
  }

  /// The batch's anchors, then every anchor's neighbours, as PyTorch's counterpart forwards them.
  func batchStep(_ loss: MLPTrainer.Loss, list: [Int32]) {
    let rows = loss == .mae ? c.batch : c.batch * (1 + c.k)
    let (n, m) = (c.shape.inputs, c.shape.outputs)
    for r in 0..<rows {
      let from = random.index(below: c.rows)
      (batchX.base + r * n).update(from: x.base + from * n, count: n)
      (batchY.base + r * m).update(from: y.base + from * m, count: m)
    }
    step(loss, rows: rows, anchors: c.batch, x: batchX, y: batchY, list: list, degree: c.k)
  }
}

func microseconds(_ seconds: Double) -> String { String(Int((seconds * 1e6).rounded())) + " us" }

let wanted = CommandLine.arguments.dropFirst()
for c in cases where wanted.isEmpty || wanted.contains(c.name) {
  let bench = Bench(c, capacity: c.batch * (1 + c.k), k: c.k)
  let list = (0..<c.batch * c.k).map { Int32(c.batch + $0) }
  for loss in [MLPTrainer.Loss.mae, .gradPIE] {
    let rows = loss == .mae ? c.batch : c.batch * (1 + c.k)
    let t = median { bench.batchStep(loss, list: list) }
    print(
      "\(c.name) \(loss.rawValue): \(microseconds(t)) a step of \(rows) rows,",
      "\(Int(flops(c.shape, rows: rows) / t / 1e9)) GFLOP/s")
  }
  if c.name != "owms" {
    let full = Bench(c, capacity: c.rows, k: 10)
    let t = median {
      full.step(
        .gradPIE, rows: c.rows, anchors: c.rows, x: full.x, y: full.y, list: full.neighbours, degree: 10)
    }
    print(
      "\(c.name) gradpie full batch: \(microseconds(t)) a step of \(c.rows) rows and 10 neighbours each,",
      "\(Int(flops(c.shape, rows: c.rows) / t / 1e9)) GFLOP/s")
  }
}
