/// One Gaussian process for each output, independent of the others.
public struct GPSurrogate: ProbabilisticSurrogate, Equatable {
  /// An output's model: a process, or the one value that all its answers had.
  public enum Output: Sendable, Equatable {
    case process(GaussianProcess)
    case constant(Double)
  }
  public let inputCount: Int
  public let outputs: [Output]
  public var outputCount: Int { outputs.count }

  public init(inputCount: Int, outputs: [Output]) {
    self.inputCount = inputCount
    self.outputs = outputs
  }

  public func predict(rows: Int, z: [Double]) -> [Double] { posterior(rows: rows, z: z).mean }

  public func posterior(rows: Int, z: [Double]) -> (mean: [Double], variance: [Double]) {
    precondition(z.count == rows * inputCount)
    let m = outputCount
    var mean = [Double](repeating: 0, count: rows * m)
    var variance = mean
    for (c, output) in outputs.enumerated() {
      switch output {
      case .constant(let value): for r in 0..<rows { mean[r * m + c] = value }
      case .process(let process):
        let answer = process.posterior(rows: rows, z: z)
        for r in 0..<rows { (mean[r * m + c], variance[r * m + c]) = (answer.mean[r], answer.variance[r]) }
      }
    }
    return (mean, variance)
  }

  public func vjp(rows: Int, z: [Double], ybar: [Double]) -> [Double] {
    precondition(z.count == rows * inputCount && ybar.count == rows * outputCount)
    return (0..<rows).flatMap { r -> [Double] in
      let bar = Array(ybar[r * outputCount..<(r + 1) * outputCount])
      return gradient(z: Array(z[r * inputCount..<(r + 1) * inputCount]), mean: bar, variance: bar.map { _ in 0 })
    }
  }

  public func posteriorGradient(
    z: [Double], _ cotangents: (_ mean: [Double], _ variance: [Double]) -> (mean: [Double], variance: [Double])
  ) -> [Double] {
    if outputs.count == 1, case .process(let only) = outputs[0] {
      // The common case in one pass over the rows.
      return only.gradient(at: z) { mean, variance in
        let bar = cotangents([mean], [variance])
        return (bar.mean[0], bar.variance[0])
      }
    }
    let (mean, variance) = posterior(rows: 1, z: z)
    let bar = cotangents(mean, variance)
    return gradient(z: z, mean: bar.mean, variance: bar.variance)
  }

  private func gradient(z: [Double], mean: [Double], variance: [Double]) -> [Double] {
    var total = [Double](repeating: 0, count: inputCount)
    for (c, output) in outputs.enumerated() where mean[c] != 0 || variance[c] != 0 {
      guard case .process(let process) = output else { continue }
      for (k, g) in process.gradient(at: z, { _, _ in (mean[c], variance[c]) }).enumerated() { total[k] += g }
    }
    return total
  }

  public func believing(rows: Int, z: [Double]) -> any ProbabilisticSurrogate {
    let told = outputs.map { output -> Output in
      guard case .process(let process) = output else { return output }
      return .process(process.believing(rows: rows, z: z))
    }
    return GPSurrogate(inputCount: inputCount, outputs: told)
  }
}
