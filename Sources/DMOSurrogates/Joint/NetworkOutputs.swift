import DMONumerics

/// What networks just trained say at the newest rows that they learnt from.
struct NetworkOutputs {
  private let set: JointSet
  /// Rows of the set, ascending.
  let rows: [Int]
  /// Regressions of each network; shape (members)(rows, regressions).
  let values: [[Float]]
  let inputs: Int

  /// - Parameters: `learnt` the outputs, one of which must be known of a row; `most` rows.
  init(_ set: JointSet, _ architecture: JointArchitecture, _ members: [[Float]], learnt: [Int], most: Int) {
    let (m, w, d) = (set.columns.regressions, set.columns.count, architecture.inputs)
    let told = (0..<set.rows).filter { r in learnt.contains { !set.y.base[r * w + $0].isNaN } }
    let rows = told.sorted { set.places[$0] < set.places[$1] }.suffix(most).sorted()
    (self.set, self.rows, inputs) = (set, rows, d)
    guard !rows.isEmpty else {
      values = members.map { _ in [] }
      return
    }
    let chunk = min(rows.count, architecture.chunk)
    let (x, pass) = (FloatBuffer(count: chunk * d), architecture.pass(capacity: chunk))
    values = members.map { parameters in
      var result = [Float](repeating: 0, count: rows.count * m)
      parameters.withUnsafeBufferPointer { p in
        guard let p = p.baseAddress else { return }
        for start in stride(from: 0, to: rows.count, by: chunk) {
          let n = min(chunk, rows.count - start)
          for r in 0..<n { (x.base + r * d).update(from: set.x.base + rows[start + r] * d, count: d) }
          pass.forward(p, rows: n, x: x.base)
          for r in 0..<n { for c in 0..<m { result[(start + r) * m + c] = pass.output.base[r * w + c] } }
        }
      }
      return result
    }
  }

  /// The answer to one of the rows, standardised; NaN where unknown.
  func target(_ i: Int, _ column: Int) -> Float { set.y.base[rows[i] * set.columns.count + column] }
  /// Answers to an output among all that was learnt from.
  func count(_ column: Int) -> Int { set.share(Array(0..<set.rows), column: column).count }
  func value(_ member: Int, _ i: Int, _ column: Int) -> Float { values[member][i * set.columns.regressions + column] }
  /// Standardised; shape (inputs).
  func input(_ i: Int) -> [Float] { (0..<inputs).map { set.x.base[rows[i] * inputs + $0] } }
  /// Its place in the data set.
  func place(_ i: Int) -> Int { set.places[rows[i]] }
}
