import DMOCore
import DMONumerics
import DMOSurrogates
import Glibc

struct Case {
  let name: String
  let shape: MLPShape
  let batch: Int
  let k: Int
  let rows: Int

  static let all = [
    Case(name: "cnon", shape: .cnon(inputs: 5, outputs: 5), batch: 64, k: 4, rows: 2000),
    Case(name: "opamp", shape: .opAmp(inputs: 16, outputs: 1), batch: 64, k: 4, rows: 2000),
    Case(name: "owms", shape: .owms(inputs: 3600, outputs: 1), batch: 128, k: 4, rows: 4096),
  ]
}

/// This thread's processor time and the wall clock, in seconds.
struct Stopwatch {
  private static func seconds(_ clock: clockid_t) -> Double {
    var t = timespec()
    clock_gettime(clock, &t)
    return Double(t.tv_sec) + 1e-9 * Double(t.tv_nsec)
  }
  static var cpu: Double { seconds(CLOCK_THREAD_CPUTIME_ID) }
  static var wall: Double { seconds(CLOCK_MONOTONIC) }

  /// The medians of seven repeats that take so many seconds together.
  static func median(_ total: Double, _ body: () -> Void) -> (cpu: Double, wall: Double) {
    func time(_ count: Int) -> (cpu: Double, wall: Double) {
      let (c, w) = (cpu, wall)
      for _ in 0..<count { body() }
      return ((cpu - c) / Double(count), (wall - w) / Double(count))
    }
    _ = time(1)
    let inner = max(1, Int(total / 7 / time(1).cpu))
    let repeats = (0..<7).map { _ in time(inner) }
    return (repeats.map(\.cpu).sorted()[3], repeats.map(\.wall).sorted()[3])
  }
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
  let neighbours: [Int32]
  let degree: Int
  let batchNeighbours: [Int32]
  var random = Seed(1).generator

  init(_ c: Case, capacity: Int, k: Int) {
    self.c = c
    pass = MLPPass(shape: c.shape, capacity: capacity)
    parameters = MLP(shape: c.shape, seed: Seed(2)).parameters
    adam = Adam(count: parameters.count, learningRate: 1e-3)
    gradient = FloatBuffer(count: parameters.count)
    residual = FloatBuffer(count: capacity * c.shape.outputs)
    x = FloatBuffer(count: c.rows * c.shape.inputs)
    y = FloatBuffer(count: c.rows * c.shape.outputs)
    var random = Seed(3).generator
    for i in 0..<x.count { x.base[i] = Float(2 * 3.0.squareRoot() * (random.uniform() - 0.5)) }
    for i in 0..<y.count { y.base[i] = Float(random.normal()) }
    batchX = FloatBuffer(count: capacity * c.shape.inputs)
    batchY = FloatBuffer(count: capacity * c.shape.outputs)
    degree = k
    neighbours = (0..<c.rows * k).map { _ in Int32(random.index(below: c.rows)) }
    batchNeighbours = (0..<c.batch * c.k).map { Int32(c.batch + $0) }
  }

  private func step(_ loss: TrainingLoss, rows: Int, anchors: Int, x: FloatBuffer, y: FloatBuffer, list: [Int32], k: Int) {
    list.withUnsafeBufferPointer { list in
      parameters.withUnsafeMutableBufferPointer { p in
        guard let p0 = p.baseAddress else { return }
        _ = loss.gradient(
          pass: pass, parameters: p0, rows: rows, x: x.base, y: y.base,
          pairs: TrainingLoss.Pairs(anchors: anchors, degree: k, neighbours: list.baseAddress), residual: residual,
          gradient: gradient)
        adam.step(p0, gradient: gradient.base)
      }
    }
  }

  /// The batch's anchors, then every anchor's neighbours, as PyTorch's counterpart forwards them.
  func batchStep(_ loss: TrainingLoss) {
    let rows = loss == .mae ? c.batch : c.batch * (1 + c.k)
    let (n, m) = (c.shape.inputs, c.shape.outputs)
    for r in 0..<rows {
      let from = random.index(below: c.rows)
      (batchX.base + r * n).update(from: x.base + from * n, count: n)
      (batchY.base + r * m).update(from: y.base + from * m, count: m)
    }
    step(loss, rows: rows, anchors: c.batch, x: batchX, y: batchY, list: batchNeighbours, k: c.k)
  }

  func fullStep() {
    step(.gradPIE, rows: c.rows, anchors: c.rows, x: x, y: y, list: neighbours, k: degree)
  }
}
