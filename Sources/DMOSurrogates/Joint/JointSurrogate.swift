import DMONumerics

/// An ensemble of joint networks between the unit cube and the targets' units. Immutable.
public struct JointSurrogate: FeasibilitySurrogate, Equatable {
  let architecture: JointArchitecture
  let columns: JointColumns
  /// Parameters of each network.
  let members: [[Float]]
  let scaler: JointScaler
  /// Of the classifying columns; where all labels were alike, or none is known, the constant probability in `constant`.
  let calibration: [PlattScaling]
  let constant: [Double?]
  /// What is added to the networks' regressions, one output each.
  var residuals: [ResidualProcess] = []
  /// What was learnt.
  var mode = JointMode.both
  public var tellsMargins: Bool { mode != .objectives }
  public var inputCount: Int { architecture.inputs }
  public var outputCount: Int { columns.regressions }
  public var constraintCount: Int { columns.constraints }
  public var memberCount: Int { members.count }

  public func predict(rows: Int, z: [Double]) -> [Double] { joint(rows: rows, z: z).values }

  public func vjp(rows: Int, z: [Double], ybar: [Double]) -> [Double] {
    jointGradient(
      rows: rows, z: z,
      bar: JointPrediction(
        values: ybar, feasibility: Array(repeating: 0, count: rows * columns.constraints),
        crash: Array(repeating: 0, count: rows)))
  }

  public func joint(rows: Int, z: [Double]) -> JointPrediction {
    var result = blank(rows: rows)
    inChunks(rows: rows, z: z) { pass, _, _, _, start, n in
      add(pass.output.base, rows: n, share: 1 / Double(members.count), to: &result, at: start)
    }
    settle(&result, rows: rows)
    return result
  }

  public func eachMember(rows: Int, z: [Double]) -> [JointPrediction] {
    var results = members.map { _ in blank(rows: rows) }
    inChunks(rows: rows, z: z) { pass, work, _, _, start, n in
      add(pass.output.base, rows: n, share: 1, to: &results[work.member], at: start)
    }
    for m in members.indices { settle(&results[m], rows: rows) }
    return results
  }

  private func blank(rows: Int) -> JointPrediction {
    JointPrediction(
      values: Array(repeating: 0, count: rows * columns.regressions),
      feasibility: Array(repeating: 0, count: rows * columns.constraints), crash: Array(repeating: 0, count: rows))
  }

  /// Adds a share of what the outputs say of some rows to a prediction.
  private func add(
    _ outputs: UnsafePointer<Float>, rows: Int, share: Double, to result: inout JointPrediction, at start: Int
  ) {
    let (m, k) = (columns.regressions, columns.constraints)
    for r in 0..<rows {
      let o = outputs + r * columns.count
      for c in 0..<m { result.values[(start + r) * m + c] += share * scaler.restored(o[c], output: c) }
      for c in 0..<k { result.feasibility[(start + r) * k + c] += share * probability(o, class: c) }
      result.crash[start + r] += share * probability(o, class: k)
    }
  }

  /// A mean of equals is that value, to the bit.
  private func settle(_ result: inout JointPrediction, rows: Int) {
    let m = columns.regressions
    for c in 0..<m where scaler.scale[c] == 0 { for r in 0..<rows { result.values[r * m + c] = scaler.centre[c] } }
  }

  private func probability(_ o: UnsafePointer<Float>, class c: Int) -> Double {
    constant[c] ?? calibration[c].probability(Double(o[columns.regressions + c]))
  }

  public func jointGradient(rows: Int, z: [Double], bar: JointPrediction) -> [Double] {
    let (m, k, n) = (columns.regressions, columns.constraints, inputCount)
    precondition(bar.values.count == rows * m && bar.feasibility.count == rows * k && bar.crash.count == rows)
    var result = [Double](repeating: 0, count: rows * n)
    let share = MLPSurrogate.inputScale / Double(members.count)
    let gradient = FloatBuffer(count: min(rows, architecture.chunk) * n)
    var row = [Double](repeating: 0, count: columns.count)
    var sizes = [Double](repeating: 0, count: min(rows, architecture.chunk))
    // Those of the first network: what is added to the networks is gathered in them.
    var first = sizes
    inChunks(rows: rows, z: z) { pass, work, p, x, start, count in
      for r in 0..<count {
        let o = pass.output.base + r * columns.count
        for c in 0..<m {
          row[c] = scaler.scale[c] > 0 ? scaler.slope(o[c], output: c) * bar.values[(start + r) * m + c] : 0
        }
        for c in 0...k {
          let cotangent = c < k ? bar.feasibility[(start + r) * k + c] : bar.crash[start + r]
          row[m + c] = slope(o, class: c) * cotangent
        }
        // Each row's cotangent is brought to size 1 and its gradient back, so no size of ȳ or scale overflows a float.
        sizes[r] = row.contains(where: \.isNaN) ? .nan : row.reduce(0) { max($0, abs($1)) }
        for c in row.indices {
          pass.outputGradient.base[r * columns.count + c] = sizes[r] > 0 ? Float(row[c] / sizes[r]) : 0
        }
      }
      if work.member == 0 { first = sizes }
      for residual in work.residuals {
        residual.take(member: work.member, rows: count, cotangents: pass.outputGradient.base, stride: columns.count) {
          first[$0] > 0 ? Float(sizes[$0] / first[$0]) : 0
        }
      }
      pass.backward(p, rows: count, x: x, gradient: nil, inputGradient: gradient.base)
      for i in 0..<count * n { result[start * n + i] += Double(gradient.base[i]) * share * sizes[i / n] }
      guard work.member == members.count - 1, !work.residuals.isEmpty else { return }
      gradient.base.update(repeating: 0, count: count * n)
      for residual in work.residuals { residual.addGradient(rows: count, to: gradient.base) }
      for i in 0..<count * n { result[start * n + i] += Double(gradient.base[i]) * share * first[i / n] }
    }
    return result
  }

  private func slope(_ o: UnsafePointer<Float>, class c: Int) -> Double {
    guard constant[c] == nil else { return 0 }
    let p = calibration[c].probability(Double(o[columns.regressions + c]))
    return calibration[c].a * p * (1 - p)
  }

  public func jacobian(rows: Int, z: [Double]) -> [Double] {
    let (m, n) = (columns.regressions, inputCount)
    var result = [Double](repeating: 0, count: rows * m * n)
    let share = MLPSurrogate.inputScale / Double(members.count)
    let gradient = FloatBuffer(count: min(rows, architecture.chunk) * n)
    inChunks(rows: rows, z: z) { pass, work, p, x, start, count in
      for c in 0..<m where scaler.scale[c] > 0 {
        pass.outputGradient.base.update(repeating: 0, count: count * columns.count)
        for r in 0..<count { pass.outputGradient.base[r * columns.count + c] = 1 }
        let residual = work.residuals.first { $0.column == c }
        residual?.take(
          member: work.member, rows: count, cotangents: pass.outputGradient.base, stride: columns.count) { _ in 1 }
        // The network's pass may overwrite the cotangents.
        pass.backward(p, rows: count, x: x, gradient: nil, inputGradient: gradient.base)
        residual?.addGradient(rows: count, to: gradient.base)
        for r in 0..<count {
          let factor = share * scaler.slope(pass.output.base[r * columns.count + c], output: c)
          let at = ((start + r) * m + c) * n
          for j in 0..<n { result[at + j] += factor * Double(gradient.base[r * n + j]) }
        }
      }
    }
    return result
  }

  private typealias Work = (residuals: [ResidualPass], member: Int)

  /// Runs all members forward over the rows, some at a time: body(pass, work, parameters, inputs, first row, rows). The
  /// pass's regressions are corrected.
  private func inChunks(
    rows: Int, z: [Double],
    _ body: (any NetworkPass, Work, UnsafePointer<Float>, UnsafePointer<Float>, Int, Int) -> Void
  ) {
    precondition(z.count == rows * inputCount)
    guard rows > 0 else { return }
    let capacity = min(rows, architecture.chunk)
    let pass = architecture.pass(capacity: capacity)
    let residuals = residuals.map { ResidualPass($0, capacity: capacity) }
    let x = FloatBuffer(count: capacity * inputCount)
    for start in stride(from: 0, to: rows, by: capacity) {
      let n = min(capacity, rows - start)
      for i in 0..<n * inputCount { x.base[i] = MLPSurrogate.standardised(input: z[start * inputCount + i]) }
      for residual in residuals { residual.enter(x.base, rows: n) }
      for (m, parameters) in members.enumerated() {
        parameters.withUnsafeBufferPointer { p in
          guard let p = p.baseAddress else { return }
          pass.forward(p, rows: n, x: x.base)
          for residual in residuals { residual.correct(member: m, rows: n, outputs: pass.output.base, stride: columns.count) }
          body(pass, (residuals, m), p, x.base, start, n)
        }
      }
    }
  }
}
