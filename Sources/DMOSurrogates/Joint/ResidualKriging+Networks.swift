import DMONumerics

extension ResidualKriging {
  /// Rows at which the networks' slopes are looked at, at most.
  private static let slopeRows = 64

  /// Of networks just trained, over the newest rows of their set. - Returns: nil where there is nothing to interpolate.
  init?(_ set: JointSet, _ architecture: JointArchitecture, _ members: [[Float]], mode: JointMode, most: Int) {
    let (m, w, d) = (set.columns.regressions, set.columns.count, architecture.inputs)
    let learnt = (0..<m).filter { c in
      switch mode {
      case .both: return true
      case .objectives: return c < set.columns.objectives
      case .constraints: return c >= set.columns.objectives
      }
    }
    let told = (0..<set.rows).filter { r in learnt.contains { !set.y.base[r * w + $0].isNaN } }
    let rows = told.sorted { set.places[$0] < set.places[$1] }.suffix(most).sorted()
    guard rows.count >= Self.fewest else { return nil }
    let x = rows.flatMap { r in (0..<d).map { set.x.base[r * d + $0] } }
    let inputs = FloatBuffer(x)
    let chunk = min(rows.count, architecture.chunk)
    let pass = architecture.pass(capacity: chunk)
    let gradient = FloatBuffer(count: chunk * d)
    var squares = [Double](repeating: 0, count: d)
    let residuals = members.map { parameters -> [Float] in
      var result = [Float](repeating: 0, count: rows.count * m)
      parameters.withUnsafeBufferPointer { p in
        guard let p = p.baseAddress else { return }
        for start in stride(from: 0, to: rows.count, by: chunk) {
          let n = min(chunk, rows.count - start)
          pass.forward(p, rows: n, x: inputs.base + start * d)
          for r in 0..<n {
            for c in learnt {
              let y = set.y.base[rows[start + r] * w + c]
              if !y.isNaN { result[(start + r) * m + c] = y - pass.output.base[r * w + c] }
            }
          }
        }
        // In the order of hashes any rows are as good as others.
        let n = min(chunk, rows.count, Self.slopeRows)
        for c in learnt {
          pass.forward(p, rows: n, x: inputs.base)
          pass.outputGradient.base.update(repeating: 0, count: n * w)
          for r in 0..<n { pass.outputGradient.base[r * w + c] = 1 }
          pass.backward(p, rows: n, x: inputs.base, gradient: nil, inputGradient: gradient.base)
          for i in 0..<n * d { squares[i % d] += Double(gradient.base[i] * gradient.base[i]) }
        }
      }
      return result
    }
    self.init(x: x, residuals: residuals, slopes: squares.map { $0.squareRoot() }, outputs: m)
  }
}
