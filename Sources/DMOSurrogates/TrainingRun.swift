import DMOCore
import DMONumerics

/// One fit's epochs, with all memory taken before the first step.
struct TrainingRun {
  private let loss: MLPTrainer.Loss
  private let data: TrainingSet
  private let shape: MLPShape
  private let pass: MLPPass
  private let gradient: FloatBuffer
  private let residual: FloatBuffer
  /// Neighbours of each row, shape (rows, degree); empty for `mae`.
  private let adjacency: [Int32]
  private let degree: Int
  /// A batch's rows, gathered, and the anchors' neighbours by their place in the batch; unused with a full batch.
  private let batchX: FloatBuffer
  private let batchY: FloatBuffer
  private var batchNeighbours: [Int32]
  /// Place of a row in the current batch, −1 where it has none.
  private var place: [Int32]
  private var members: [Int]
  private var order: [Int]
  private var random: RandomStream

  private var isFullBatch: Bool { data.rows <= MLPTrainer.fullBatchLimit }

  /// A batch's rows and their inputs and targets; the first `anchors` rows have neighbours.
  private struct Batch {
    var rows: Int
    var anchors: Int
    var x: UnsafePointer<Float>
    var y: UnsafePointer<Float>
  }

  init(loss: MLPTrainer.Loss, data: TrainingSet, neighbours: NeighbourGraph?, shape: MLPShape, seed: Seed) {
    self.loss = loss
    self.data = data
    self.shape = shape
    adjacency = neighbours?.adjacency() ?? []
    degree = neighbours?.degree ?? 0
    let full = data.rows <= MLPTrainer.fullBatchLimit
    // The last anchor of a batch may bring all its neighbours with it.
    let capacity = full ? data.rows : MLPTrainer.batchRows + degree + 1
    pass = MLPPass(shape: shape, capacity: capacity)
    gradient = FloatBuffer(count: shape.parameterCount)
    residual = FloatBuffer(count: capacity * shape.outputs)
    batchX = FloatBuffer(count: full ? 0 : capacity * shape.inputs)
    batchY = FloatBuffer(count: full ? 0 : capacity * shape.outputs)
    batchNeighbours = full ? adjacency : [Int32](repeating: 0, count: capacity * degree)
    place = [Int32](repeating: -1, count: full ? 0 : data.rows)
    members = []
    members.reserveCapacity(capacity)
    order = Array(0..<data.rows)
    random = seed.generator
  }

  /// Trains for some epochs. - Returns: the last epoch's mean loss, 0 where nothing can be learnt, NaN for 0 epochs.
  mutating func train(_ network: inout MLP, _ adam: inout Adam, epochs: Int) -> Double {
    var result = Double.nan
    network.parameters.withUnsafeMutableBufferPointer { p in
      guard let p0 = p.baseAddress else { return }
      for _ in 0..<epochs {
        let total = isFullBatch ? step(p0, &adam, fullBatch) : epoch(p0, &adam)
        result = total.terms > 0 ? total.sum / Double(total.terms) : 0
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

  /// All rows in batches, in a new random order.
  private mutating func epoch(
    _ p: UnsafeMutablePointer<Float>, _ adam: inout Adam
  ) -> (sum: Double, terms: Int) {
    for i in stride(from: order.count - 1, to: 0, by: -1) { order.swapAt(i, random.index(below: i + 1)) }
    var total = (sum: 0.0, terms: 0)
    var next = 0
    while next < order.count {
      // In a statement of its own: as an argument it would be evaluated after `self` was copied for the call.
      let batch = gather(&next)
      let part = step(p, &adam, batch)
      total.sum += part.sum
      total.terms += part.terms
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
    while next < order.count && distinct < MLPTrainer.batchRows {
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
        batchNeighbours[a * degree + k] = place[Int(adjacency[order[first + a] * degree + k])]
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

  /// One Adam step on a batch. - Returns: the sum of the loss's terms before the step, and their number.
  private func step(
    _ p: UnsafeMutablePointer<Float>, _ adam: inout Adam, _ batch: Batch
  ) -> (sum: Double, terms: Int) {
    let part = TrainingLoss.gradient(
      loss, pass: pass, parameters: p, rows: batch.rows, anchors: batch.anchors, x: batch.x, y: batch.y,
      neighbours: batchNeighbours, degree: degree, residual: residual, gradient: gradient)
    if part.terms > 0 { adam.step(p, gradient: gradient.base) }
    return part
  }
}
