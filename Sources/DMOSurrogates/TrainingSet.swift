import DMONumerics

/// The usable rows of a data set as a network sees them.
struct TrainingSet {
  let rows: Int
  let inputCount: Int
  let outputCount: Int
  /// Standardised inputs, shape (rows, inputCount).
  let x: FloatBuffer
  /// Standardised targets, shape (rows, outputCount); NaN is masked.
  let y: FloatBuffer

  init(_ data: Dataset, rows: [Int], scaler: TargetScaler) {
    let n = data.inputCount
    let m = data.outputCount
    self.rows = rows.count
    inputCount = n
    outputCount = m
    x = FloatBuffer(count: rows.count * n)
    y = FloatBuffer(count: rows.count * m)
    for (i, r) in rows.enumerated() {
      for j in 0..<n { x.base[i * n + j] = MLPSurrogate.standardised(input: data.inputs[r * n + j]) }
      for c in 0..<m { y.base[i * m + c] = scaler.standardised(data.targets[r * m + c], output: c) }
    }
  }

  /// Some of the rows, in the order given.
  func subset(_ chosen: [Int]) -> TrainingSet {
    TrainingSet(self, rows: chosen)
  }

  private init(_ all: TrainingSet, rows chosen: [Int]) {
    (rows, inputCount, outputCount) = (chosen.count, all.inputCount, all.outputCount)
    x = FloatBuffer(count: rows * inputCount)
    y = FloatBuffer(count: rows * outputCount)
    for (i, r) in chosen.enumerated() {
      (x.base + i * inputCount).update(from: all.x.base + r * inputCount, count: inputCount)
      (y.base + i * outputCount).update(from: all.y.base + r * outputCount, count: outputCount)
    }
  }
}
