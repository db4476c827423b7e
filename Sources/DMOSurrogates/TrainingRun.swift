import DMOCore
import DMONumerics

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// One fit's epochs, with all memory taken before the first step.
struct TrainingRun {
  private let loss: TrainingLoss
  private let data: TrainingSet
  private let shape: MLPShape
  private let pass: MLPPass
  private let gradient: FloatBuffer
  private let residual: FloatBuffer
  /// Neighbours of each row, shape (rows, degree), and their weights; empty without differences or weights.
  private let adjacency: [Int32]
  private let weights: [Float]
  private let degree: Int
  private let plan: Plan
  private let isFullBatch: Bool
  private var regularisation: Regularisation { plan.regularisation }
  /// The parameters while they are moved for a gradient elsewhere; empty when they never are.
  private let kept: FloatBuffer
  /// Normal numbers for one tensor.
  private let noise: FloatBuffer
  /// A batch's rows, gathered, and the anchors' neighbours by their place in the batch; unused with a full batch.
  private let batchX: FloatBuffer
  private let batchY: FloatBuffer
  private var batchNeighbours: [Int32]
  private var batchWeights: [Float]
  /// Place of a row in the current batch, −1 where it has none.
  private var place: [Int32]
  private var members: [Int]
  private var order: [Int]
  private var clumped: [Int]
  private var isPlaced: [Bool]
  private var random: RandomStream

  /// How steps are made.
  struct Plan: Sendable, Equatable {
    /// Rows of a batch; nil: all up to 2,000, else 512. Up to so many rows an epoch is one step.
    var batch: Int?
    /// Whether the learning rate falls to a hundredth along half a cosine, epoch by epoch, within a fit.
    var decays = false
    var regularisation = Regularisation()

    func isFull(_ rows: Int) -> Bool { rows <= batch ?? MLPTrainer.fullBatchLimit }
    var batchRows: Int { batch ?? MLPTrainer.batchRows }
  }

  /// What makes a network less sensitive to its own weights.
  struct Regularisation: Sendable, Equatable {
    /// ρ: the gradient is taken at θ + ρ g/|g|, the sharpest point nearby (Foret et al. 2021, arXiv 2010.01412, to first
    /// order the penalty on the gradient's norm of IGNITE).
    var sharpness = 0.0
    /// s: the gradient is taken at θ + s · ε, ε normal with each tensor's root mean square as deviation, fresh at each
    /// step (a sample of the sensitivity that BOSS bounds).
    var perturbation = 0.0
  }

  /// A batch's rows and their inputs and targets; the first `anchors` rows have neighbours.
  private struct Batch {
    var rows: Int
    var anchors: Int
    var x: UnsafePointer<Float>
    var y: UnsafePointer<Float>
  }

  /// - Parameters:
  ///   - neighbours: of the rows of `data`; needed for differences.
  ///   - k: the nearest so many of them.
  init(
    loss: TrainingLoss, data: TrainingSet, neighbours: NeighbourGraph?, k: Int = .max, shape: MLPShape,
    plan: Plan = Plan(), seed: Seed
  ) {
    self.loss = loss
    self.data = data
    self.shape = shape
    self.plan = plan
    let regularisation = plan.regularisation
    let graph = loss.difference == nil ? nil : neighbours
    adjacency = graph?.adjacency(limit: k) ?? []
    degree = min(graph?.degree ?? 0, k)
    weights = loss.isWeighted ? Self.weights(graph?.arcLengths(limit: k) ?? []) : []
    let moves = regularisation != Regularisation()
    kept = FloatBuffer(count: moves ? shape.parameterCount : 0)
    noise = FloatBuffer(count: regularisation.perturbation > 0 ? shape.parameterCount : 0)
    let full = plan.isFull(data.rows)
    isFullBatch = full
    // The last anchor of a batch may bring all its neighbours with it.
    let capacity = full ? data.rows : plan.batchRows + degree + 1
    pass = MLPPass(shape: shape, capacity: capacity)
    gradient = FloatBuffer(count: shape.parameterCount)
    residual = FloatBuffer(count: capacity * shape.outputs)
    batchX = FloatBuffer(count: full ? 0 : capacity * shape.inputs)
    batchY = FloatBuffer(count: full ? 0 : capacity * shape.outputs)
    batchNeighbours = full ? adjacency : [Int32](repeating: 0, count: capacity * degree)
    batchWeights = full ? weights : [Float](repeating: 0, count: weights.isEmpty ? 0 : capacity * degree)
    place = [Int32](repeating: -1, count: full ? 0 : data.rows)
    members = []
    members.reserveCapacity(capacity)
    order = Array(0..<data.rows)
    clumped = full ? [] : order
    isPlaced = [Bool](repeating: false, count: full ? 0 : data.rows)
    random = seed.generator
  }

  /// 1 / (distance + offset), their mean 1.
  private static func weights(_ lengths: [Double]) -> [Float] {
    let raw = lengths.map { 1 / ($0 + TrainingLoss.weightOffset) }
    let mean = raw.reduce(0, +) / Double(max(raw.count, 1))
    return raw.map { Float($0 / mean) }
  }

  /// Trains for some epochs. - Returns: the last epoch's mean loss, 0 where nothing can be learnt, NaN for 0 epochs.
  mutating func train(_ network: inout MLP, _ adam: inout Adam, epochs: Int) -> Double {
    var result = Double.nan
    network.parameters.withUnsafeMutableBufferPointer { p in
      guard let p0 = p.baseAddress else { return }
      let rate = adam.learningRate
      defer { adam.learningRate = rate }
      for e in 0..<epochs {
        if plan.decays { adam.learningRate = rate * Self.decay(Double(e) / Double(max(epochs - 1, 1))) }
        result = loss.mean(isFullBatch ? step(p0, &adam, fullBatch) : epoch(p0, &adam))
      }
    }
    return result
  }

  /// Sets the output bias so that each output's mean residual over the training rows is 0.
  func centre(_ network: inout MLP) {
    let m = shape.outputs
    var sums = [Double](repeating: 0, count: m)
    var counts = [Int](repeating: 0, count: m)
    network.parameters.withUnsafeBufferPointer { p in
      guard let p0 = p.baseAddress else { return }
      for start in stride(from: 0, to: data.rows, by: pass.capacity) {
        let n = min(pass.capacity, data.rows - start)
        pass.forward(p0, rows: n, x: data.x.base + start * shape.inputs)
        for i in 0..<n * m {
          let r = Double(pass.output.base[i] - data.y.base[start * m + i])
          if !r.isNaN {
            sums[i % m] += r
            counts[i % m] += 1
          }
        }
      }
    }
    for c in 0..<m where counts[c] > 0 {
      network.transformOutput(c, factor: 1, addend: -sums[c] / Double(counts[c]))
    }
  }

  private var fullBatch: Batch {
    Batch(rows: data.rows, anchors: data.rows, x: UnsafePointer(data.x.base), y: UnsafePointer(data.y.base))
  }

  /// From 1 to a hundredth along half a cosine.
  private static func decay(_ part: Double) -> Double { 0.505 + 0.495 * cos(.pi * part) }

  /// The rows in a new random order, in clumps: behind each row come its neighbours that had no turn yet. Anchors of one
  /// batch then share many of their neighbours, and a batch holds many more pairs for as many rows.
  private mutating func reorder() {
    for i in stride(from: order.count - 1, to: 0, by: -1) { order.swapAt(i, random.index(below: i + 1)) }
    guard degree > 0 else { return }
    var next = 0
    for row in order where !isPlaced[row] {
      clumped[next] = row
      isPlaced[row] = true
      next += 1
      for k in 0..<degree {
        let near = Int(adjacency[row * degree + k])
        if isPlaced[near] { continue }
        clumped[next] = near
        isPlaced[near] = true
        next += 1
      }
    }
    swap(&order, &clumped)
    for i in isPlaced.indices { isPlaced[i] = false }
  }

  /// All rows in batches, in a new random order.
  private mutating func epoch(
    _ p: UnsafeMutablePointer<Float>, _ adam: inout Adam
  ) -> TrainingLoss.Sums {
    reorder()
    var total = TrainingLoss.Sums()
    var next = 0
    while next < order.count {
      // In a statement of its own: as an argument it would be evaluated after `self` was copied for the call.
      let batch = gather(&next)
      total += step(p, &adam, batch)
    }
    return total
  }

  /// The next batch in `order`: anchors first, then their neighbours that are not anchors of this batch.
  private mutating func gather(_ next: inout Int) -> Batch {
    members.removeAll(keepingCapacity: true)
    let first = next
    // Counted before placed: anchors must come first, so how many fit with their neighbours is found out here.
    var distinct = 0
    func count(_ row: Int) {
      if place[row] < 0 {
        place[row] = 0
        members.append(row)
        distinct += 1
      }
    }
    while next < order.count && distinct < plan.batchRows {
      let anchor = order[next]
      count(anchor)
      for k in 0..<degree { count(Int(adjacency[anchor * degree + k])) }
      next += 1
    }
    for row in members { place[row] = -1 }
    let anchors = next - first
    var position = 0
    func put(_ row: Int) {
      guard place[row] < 0 else { return }
      place[row] = Int32(position)
      copyRow(row, to: position)
      position += 1
    }
    for a in first..<next { put(order[a]) }
    for row in members { put(row) }
    for a in 0..<anchors {
      for k in 0..<degree {
        let arc = order[first + a] * degree + k
        batchNeighbours[a * degree + k] = place[Int(adjacency[arc])]
        if !weights.isEmpty { batchWeights[a * degree + k] = weights[arc] }
      }
    }
    for row in members { place[row] = -1 }
    return Batch(
      rows: position, anchors: anchors, x: UnsafePointer(batchX.base), y: UnsafePointer(batchY.base))
  }

  private func copyRow(_ row: Int, to position: Int) {
    let n = shape.inputs
    let m = shape.outputs
    (batchX.base + position * n).update(from: data.x.base + row * n, count: n)
    (batchY.base + position * m).update(from: data.y.base + row * m, count: m)
  }

  /// One Adam step on a batch. - Returns: the sums of the loss before the step.
  private mutating func step(
    _ p: UnsafeMutablePointer<Float>, _ adam: inout Adam, _ batch: Batch
  ) -> TrainingLoss.Sums {
    let count = shape.parameterCount
    let moves = regularisation != Regularisation()
    if moves { kept.base.update(from: p, count: count) }
    if regularisation.perturbation > 0 { perturb(p) }
    var sums = lossGradient(p, batch)
    if regularisation.sharpness > 0 && (sums.values > 0 || sums.weight > 0) {
      let norm = Kernels.sumOfSquares(count: count, gradient.base).squareRoot()
      if norm > 0 {
        Kernels.add(count: count, Float(regularisation.sharpness / norm), times: gradient.base, to: p)
        let before = sums
        _ = lossGradient(p, batch)
        sums = before
      }
    }
    if moves { p.update(from: kept.base, count: count) }
    if sums.values > 0 || sums.weight > 0 { adam.step(p, gradient: gradient.base) }
    return sums
  }

  private func lossGradient(_ p: UnsafePointer<Float>, _ batch: Batch) -> TrainingLoss.Sums {
    batchNeighbours.withUnsafeBufferPointer { list in
      batchWeights.withUnsafeBufferPointer { w in
        loss.gradient(
          pass: pass, parameters: p, rows: batch.rows, x: batch.x, y: batch.y,
          pairs: TrainingLoss.Pairs(
            anchors: batch.anchors, degree: degree, neighbours: list.baseAddress,
            weights: weights.isEmpty ? nil : w.baseAddress),
          residual: residual, gradient: gradient)
      }
    }
  }

  /// Adds noise in proportion to each tensor's root mean square.
  private mutating func perturb(_ p: UnsafeMutablePointer<Float>) {
    for layer in shape.layers {
      var tensors = [(layer.weight, layer.outputs * layer.inputs), (layer.bias, layer.outputs)]
      if let gain = layer.gain, let shift = layer.shift { tensors += [(gain, layer.outputs), (shift, layer.outputs)] }
      for (start, n) in tensors {
        let size = (Kernels.sumOfSquares(count: n, p + start) / Double(n)).squareRoot()
        for i in 0..<n { noise.base[i] = Float(random.normal()) }
        Kernels.add(count: n, Float(regularisation.perturbation * size), times: noise.base, to: p + start)
      }
    }
  }
}
