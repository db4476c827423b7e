import DMOCore
import DMONumerics

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// The training of one network of the ensemble, with all memory taken before the first step.
struct JointRun {
  private let set: JointSet
  private let architecture: JointArchitecture
  private let settings: JointSettings
  private let training: [Int]
  let heldOut: [Int]
  private let trainingWeights: Kernels.JointLossWeights
  private let heldOutWeights: Kernels.JointLossWeights
  private let batch: Int
  private let pass: any NetworkPass
  private let gradient: FloatBuffer
  private let batchX: FloatBuffer
  private let batchY: FloatBuffer
  private let rowWeight: FloatBuffer
  private var order: [Int]
  private var random: RandomStream
  /// The best weights so far, by held-out loss.
  private var best: [Float]

  /// Rows of a mini-batch at least, and batches of an epoch at least while they have so many.
  private static let smallestBatch = 8
  private static let fewestBatches = 4
  /// Epochs without a better held-out loss after which training ends, as a part of all, and at least.
  private static let patience = (part: 0.34, least: 25)
  /// The last learning rate in terms of the first.
  private static let lastRate = 0.01
  /// The most that a rare class counts in terms of an average one.
  private static let largestClassWeight = 10.0
  /// What the classifying heads count beside the regressions.
  private static let classShare = 0.5

  init(
    _ set: JointSet, architecture: JointArchitecture, settings: JointSettings, heldOut fold: Int?, seed: Seed
  ) {
    self.set = set
    self.architecture = architecture
    self.settings = settings
    let all = Array(0..<set.rows)
    let out = fold.map { f in all.filter { set.fold[$0] == f } } ?? []
    // A fold that would leave nothing to learn from, or tells nothing of what is learnt, is not held out.
    let told = Self.weights(set, out, classes: all, mode: settings.mode).column.prefix(set.columns.regressions)
    heldOut = told.contains { $0 > 0 } && out.count < set.rows && set.rows >= 2 * Self.smallestBatch ? out : []
    training = heldOut.isEmpty ? all : all.filter { set.fold[$0] != fold }
    trainingWeights = Self.weights(set, training, classes: training, mode: settings.mode)
    heldOutWeights = Self.weights(set, heldOut, classes: training, mode: settings.mode)
    batch = min(training.count, max(Self.smallestBatch, min(settings.batch, training.count / Self.fewestBatches)))
    let capacity = max(batch, min(heldOut.count, architecture.chunk))
    pass = architecture.pass(capacity: capacity)
    gradient = FloatBuffer(count: architecture.parameterCount)
    batchX = FloatBuffer(count: capacity * architecture.inputs)
    batchY = FloatBuffer(count: capacity * architecture.outputs)
    rowWeight = FloatBuffer(count: capacity)
    order = training
    random = seed.generator
    best = [Float](repeating: 0, count: architecture.parameterCount)
  }

  /// Each column's part of the loss divided by its known entries, and the weights that balance its classes.
  static func weights(
    _ set: JointSet, _ rows: [Int], classes: [Int], mode: JointMode
  ) -> Kernels.JointLossWeights {
    let columns = set.columns
    let none = [Float](repeating: 1, count: columns.count)
    var result = Kernels.JointLossWeights(column: none, positive: none, negative: none)
    for c in 0..<columns.count {
      let isObjective = c < columns.objectives
      let group = isObjective ? columns.objectives : c == columns.crash ? 1 : columns.constraints
      var share = (c < columns.regressions ? 1 : classShare) / Double(group)
      if mode == .objectives && !isObjective || mode == .constraints && isObjective { share = 0 }
      let known = set.share(rows, column: c).count
      result.column[c] = known > 0 ? Float(share / Double(known)) : 0
      if c >= columns.regressions {
        let (yes, no) = classWeights(set.share(classes, column: c).mean)
        (result.positive[c], result.negative[c]) = (Float(yes), Float(no))
        // One class alone teaches nothing but how sure to be.
        if yes == 0 { result.column[c] = 0 }
      }
    }
    return result
  }

  /// The weights of yes and no that give both the same sum, within limits; zeros where there is only one class.
  static func classWeights(_ share: Double) -> (yes: Double, no: Double) {
    guard share > 0, share < 1 else { return (0, 0) }
    return (min(0.5 / share, largestClassWeight), min(0.5 / (1 - share), largestClassWeight))
  }

  /// Trains with a cosine schedule until the epochs are spent or held-out loss no longer falls; leaves the best
  /// weights.
  /// - Returns: the mean training loss of the epoch that gave them, and their held-out loss (NaN without held-out
  ///   rows).
  mutating func train(_ parameters: inout [Float], epochs: Int) -> (training: Double, heldOut: Double) {
    var adam = Adam(count: architecture.parameterCount, learningRate: settings.learningRate)
    let patience = max(Self.patience.least, Int(Self.patience.part * Double(epochs)))
    var result = (training: Double.nan, heldOut: Double.infinity)
    var since = 0
    let layers = architecture.layers
    parameters.withUnsafeMutableBufferPointer { p in
      guard let p0 = p.baseAddress else { return }
      for e in 0..<epochs {
        let part = Double(e) / Double(max(epochs - 1, 1))
        let cosine = 0.5 * (1 + cos(.pi * part))
        adam.learningRate = settings.learningRate * (Self.lastRate + (1 - Self.lastRate) * cosine)
        let loss = epoch(p0, &adam, layers)
        if heldOut.isEmpty {
          result.training = loss
          continue
        }
        let error = heldOutLoss(p0)
        since += 1
        if error < result.heldOut {
          result = (loss, error)
          since = 0
          for i in best.indices { best[i] = p0[i] }
        } else if since >= patience {
          break
        }
      }
    }
    if result.heldOut.isFinite { parameters = best } else { result.heldOut = .nan }
    return result
  }

  private mutating func epoch(
    _ p: UnsafeMutablePointer<Float>, _ adam: inout Adam, _ layers: [LinearPlace]
  ) -> Double {
    for i in stride(from: order.count - 1, to: 0, by: -1) { order.swapAt(i, random.index(below: i + 1)) }
    var total = 0.0
    for start in stride(from: 0, to: order.count, by: batch) {
      let rows = min(batch, order.count - start)
      // A lone remainder would be a step along one row's gradient.
      if rows < batch / 2 && order.count > batch { break }
      let factor = Float(order.count) / Float(rows)
      for r in 0..<rows {
        copy(order[start + r], to: r)
        rowWeight.base[r] = factor
      }
      total += loss(p, rows: rows, trainingWeights) * Double(rows) / Double(order.count)
      pass.backward(p, rows: rows, x: batchX.base, gradient: gradient.base, inputGradient: nil)
      let keep = Float(1 - adam.learningRate * settings.decay)
      for layer in layers { Kernels.scale(count: layer.inputs * layer.outputs, by: keep, p + layer.weight) }
      adam.step(p, gradient: gradient.base)
    }
    return total
  }

  /// Forward over the gathered rows; leaves the loss's gradient in the pass.
  private func loss(_ p: UnsafePointer<Float>, rows: Int, _ weights: Kernels.JointLossWeights) -> Double {
    pass.forward(p, rows: rows, x: batchX.base)
    return Kernels.jointLoss(
      rows: rows, columns: set.columns.count, regressions: set.columns.regressions, pass.output.base, batchY.base,
      rowWeight: rowWeight.base, weights: weights, gradient: pass.outputGradient.base)
  }

  private func copy(_ row: Int, to place: Int) {
    let (n, w) = (architecture.inputs, set.columns.count)
    (batchX.base + place * n).update(from: set.x.base + row * n, count: n)
    (batchY.base + place * w).update(from: set.y.base + row * w, count: w)
  }

  private func heldOutLoss(_ p: UnsafePointer<Float>) -> Double {
    var total = 0.0
    forEachHeldOut(p) { rows, _ in
      total += loss(p, rows: rows, heldOutWeights)
    }
    return total
  }

  /// Gathers the held-out rows, some at a time: body(rows, position of the first in `heldOut`).
  private func forEachHeldOut(_ p: UnsafePointer<Float>, _ body: (Int, Int) -> Void) {
    for start in stride(from: 0, to: heldOut.count, by: pass.capacity) {
      let rows = min(pass.capacity, heldOut.count - start)
      for r in 0..<rows {
        copy(heldOut[start + r], to: r)
        rowWeight.base[r] = 1
      }
      body(rows, start)
    }
  }

  /// The network's outputs at the held-out rows; shape (heldOut.count, columns).
  func heldOutOutputs(_ parameters: [Float]) -> [Float] {
    var result: [Float] = []
    parameters.withUnsafeBufferPointer { p in
      guard let p0 = p.baseAddress else { return }
      forEachHeldOut(p0) { rows, _ in
        pass.forward(p0, rows: rows, x: batchX.base)
        result += pass.output.array(rows * set.columns.count)
      }
    }
    return result
  }
}
