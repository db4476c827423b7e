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
  /// What is added to the networks' regressions; nil for nothing.
  var kriging: ResidualKriging?
  public var inputCount: Int { architecture.inputs }
  public var outputCount: Int { columns.regressions }
  public var constraintCount: Int { columns.constraints }
  public var memberCount: Int { members.count }

  public func predict(rows: Int, z: [Double]) -> [Double] { joint(rows: rows, z: z, member: nil).values }

  public func vjp(rows: Int, z: [Double], ybar: [Double]) -> [Double] {
    jointGradient(
      rows: rows, z: z,
      bar: JointPrediction(
        values: ybar, feasibility: Array(repeating: 0, count: rows * columns.constraints),
        crash: Array(repeating: 0, count: rows)))
  }

  public func joint(rows: Int, z: [Double], member: Int?) -> JointPrediction {
    precondition(z.count == rows * inputCount)
    let chosen = member.map { [$0] } ?? Array(members.indices)
    let share = 1 / Double(chosen.count)
    let (m, k) = (columns.regressions, columns.constraints)
    var result = JointPrediction(
      values: Array(repeating: 0, count: rows * m), feasibility: Array(repeating: 0, count: rows * k),
      crash: Array(repeating: 0, count: rows))
    inChunks(rows: rows, z: z, members: chosen) { pass, _, _, _, start, n in
      for r in 0..<n {
        let o = pass.output.base + r * columns.count
        for c in 0..<m { result.values[(start + r) * m + c] += share * scaler.restored(o[c], output: c) }
        for c in 0..<k { result.feasibility[(start + r) * k + c] += share * probability(o, class: c) }
        result.crash[start + r] += share * probability(o, class: k)
      }
    }
    // A mean of equals is that value, to the bit.
    for c in 0..<m where scaler.scale[c] == 0 { for r in 0..<rows { result.values[r * m + c] = scaler.centre[c] } }
    return result
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
    inChunks(rows: rows, z: z, members: Array(members.indices)) { pass, correct, p, x, start, count in
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
      backward(pass, correct, p, x, rows: count, into: gradient)
      for i in 0..<count * n { result[start * n + i] += Double(gradient.base[i]) * share * sizes[i / n] }
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
    inChunks(rows: rows, z: z, members: Array(members.indices)) { pass, correct, p, x, start, count in
      for c in 0..<m where scaler.scale[c] > 0 {
        pass.outputGradient.base.update(repeating: 0, count: count * columns.count)
        for r in 0..<count { pass.outputGradient.base[r * columns.count + c] = 1 }
        backward(pass, correct, p, x, rows: count, into: gradient)
        for r in 0..<count {
          let factor = share * scaler.slope(pass.output.base[r * columns.count + c], output: c)
          let at = ((start + r) * m + c) * n
          for j in 0..<n { result[at + j] += factor * Double(gradient.base[r * n + j]) }
        }
      }
    }
    return result
  }

  private typealias Correction = (pass: KrigingPass, member: Int)

  /// The input gradient for the cotangents in the pass, those of the correction's included.
  private func backward(
    _ pass: any NetworkPass, _ correction: Correction?, _ p: UnsafePointer<Float>, _ x: UnsafePointer<Float>, rows: Int,
    into gradient: FloatBuffer
  ) {
    // The network's pass may overwrite the cotangents.
    correction?.pass.take(cotangents: pass.outputGradient.base, rows: rows, stride: columns.count)
    pass.backward(p, rows: rows, x: x, gradient: nil, inputGradient: gradient.base)
    correction?.pass.addGradient(member: correction?.member ?? 0, rows: rows, to: gradient.base)
  }

  /// Runs members forward over the rows, some at a time: body(pass, correction, parameters, inputs, first row, rows). The
  /// pass's regressions are corrected.
  private func inChunks(
    rows: Int, z: [Double], members chosen: [Int],
    _ body: (any NetworkPass, Correction?, UnsafePointer<Float>, UnsafePointer<Float>, Int, Int) -> Void
  ) {
    guard rows > 0 else { return }
    let capacity = min(rows, architecture.chunk)
    let pass = architecture.pass(capacity: capacity)
    let kriging = kriging.map { KrigingPass($0, capacity: capacity) }
    let x = FloatBuffer(count: capacity * inputCount)
    for start in stride(from: 0, to: rows, by: capacity) {
      let n = min(capacity, rows - start)
      for i in 0..<n * inputCount { x.base[i] = MLPSurrogate.standardised(input: z[start * inputCount + i]) }
      kriging?.enter(x.base, rows: n)
      for m in chosen {
        members[m].withUnsafeBufferPointer { p in
          guard let p0 = p.baseAddress else { return }
          pass.forward(p0, rows: n, x: x.base)
          kriging?.correct(member: m, rows: n, outputs: pass.output.base, stride: columns.count)
          body(pass, kriging.map { ($0, m) }, p0, x.base, start, n)
        }
      }
    }
  }
}
