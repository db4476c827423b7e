import DMOCore
import DMONumerics

/// The usable rows of a data set as the joint network sees them, in an order that depends on what they hold alone.
struct JointSet {
  let rows: Int
  let columns: JointColumns
  /// Standardised inputs, shape (rows, inputs).
  let x: FloatBuffer
  /// Standardised targets, then 1 or 0 for feasible and for no answer; NaN is masked. Shape (rows, columns.count).
  let y: FloatBuffer
  /// Each row's fold number; rows with equal inputs share one, so that none is held out from its own copy.
  let fold: [Int]
  /// Each row's place in the data set.
  let places: [Int]

  /// Rows that teach something: a finite target, or a known outcome.
  static func usable(_ data: Dataset) -> [Int] {
    let m = data.outputCount
    return (0..<data.count).filter { r in
      data.answered[r] != nil || (0..<m).contains { data.targets[r * m + $0].isFinite }
    }
  }

  init(_ data: Dataset, rows given: [Int], scaler: JointScaler, columns: JointColumns, folds: Int) {
    let (n, m, w) = (data.inputCount, data.outputCount, columns.count)
    let keys = given.map { r in
      (
        inputs: Self.hash(data.inputs[r * n..<(r + 1) * n]), targets: Self.hash(data.targets[r * m..<(r + 1) * m]),
        row: r
      )
    }.sorted { ($0.inputs, $0.targets) < ($1.inputs, $1.targets) }
    rows = keys.count
    self.columns = columns
    places = keys.map(\.row)
    fold = keys.map { Int($0.inputs % UInt64(folds)) }
    x = FloatBuffer(count: rows * n)
    y = FloatBuffer(count: rows * w)
    for (i, key) in keys.enumerated() {
      let r = key.row
      for j in 0..<n { x.base[i * n + j] = MLPSurrogate.standardised(input: data.inputs[r * n + j]) }
      for c in 0..<m { y.base[i * w + c] = scaler.standardised(data.targets[r * m + c], output: c) }
      for k in 0..<columns.constraints {
        let margin = data.targets[r * m + columns.objectives + k]
        y.base[i * w + columns.feasibility(k)] = margin.isNaN ? .nan : margin <= 0 ? 1 : 0
      }
      y.base[i * w + columns.crash] = data.answered[r].map { $0 ? 0 : 1 } ?? .nan
    }
  }

  /// SplitMix64's finaliser (Steele, Lea & Flood 2014) over the numbers' bits.
  private static func hash(_ values: ArraySlice<Double>) -> UInt64 {
    values.reduce(0x9E37_79B9_7F4A_7C15) { h, v in
      var z = h ^ v.bitPattern
      z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
      z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
      return (z ^ (z >> 31)) &+ 0x9E37_79B9_7F4A_7C15
    }
  }

  /// The known entries of a column among some rows, and their mean.
  func share(_ rows: [Int], column c: Int) -> (count: Int, mean: Double) {
    var (count, sum) = (0, 0.0)
    for r in rows {
      let v = y.base[r * columns.count + c]
      if !v.isNaN {
        count += 1
        sum += Double(v)
      }
    }
    return (count, count > 0 ? sum / Double(count) : .nan)
  }
}
