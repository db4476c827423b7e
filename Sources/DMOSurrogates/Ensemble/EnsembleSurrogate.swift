#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Several surrogates that learnt the same: their mean, and how far they are from each other.
///
/// The variance is that of the members' predictions (divisor members − 1), and the mean of their own variances where they
/// have some (Lakshminarayanan, Pritzel & Blundell 2017, arXiv 1612.01474).
public struct EnsembleSurrogate: ProbabilisticSurrogate {
  public let members: [any Surrogate]
  /// Points that it was told its own mean at.
  private var believed: [[Double]] = []
  public var inputCount: Int { members[0].inputCount }
  public var outputCount: Int { members[0].outputCount }

  /// A believed point takes doubt away within about this distance, in units of the square root of the dimension.
  private static let reach = 0.05

  /// - Precondition: at least two members of one shape.
  public init(_ members: [any Surrogate]) {
    precondition(members.count > 1)
    self.members = members
  }

  public func predict(rows: Int, z: [Double]) -> [Double] {
    var sum = [Double](repeating: 0, count: rows * outputCount)
    for member in members {
      for (i, y) in member.predict(rows: rows, z: z).enumerated() { sum[i] += y / Double(members.count) }
    }
    return sum
  }

  public func vjp(rows: Int, z: [Double], ybar: [Double]) -> [Double] {
    var sum = [Double](repeating: 0, count: rows * inputCount)
    for member in members {
      for (i, g) in member.vjp(rows: rows, z: z, ybar: ybar).enumerated() { sum[i] += g / Double(members.count) }
    }
    return sum
  }

  public func posterior(rows: Int, z: [Double]) -> (mean: [Double], variance: [Double]) {
    let (mean, spread, own, _) = moments(rows: rows, z: z)
    let m = outputCount
    let doubts = (0..<rows).map { doubt(Array(z[$0 * inputCount..<($0 + 1) * inputCount])).value }
    return (mean, mean.indices.map { (spread[$0] + own[$0]) * doubts[$0 / m] })
  }

  /// Mean, variance between the members, mean of the members' own variances, and their predictions.
  private func moments(
    rows: Int, z: [Double]
  ) -> (mean: [Double], spread: [Double], own: [Double], all: [[Double]]) {
    let count = Double(members.count)
    var own = [Double](repeating: 0, count: rows * outputCount)
    let all = members.map { member -> [Double] in
      guard let sure = member as? any ProbabilisticSurrogate else { return member.predict(rows: rows, z: z) }
      let (mean, variance) = sure.posterior(rows: rows, z: z)
      for i in own.indices { own[i] += variance[i] / count }
      return mean
    }
    let mean = own.indices.map { i in all.reduce(0) { $0 + $1[i] / count } }
    let spread = own.indices.map { i in
      all.reduce(0) { $0 + ($1[i] - mean[i]) * ($1[i] - mean[i]) } / (count - 1)
    }
    return (mean, spread, own, all)
  }

  public func posteriorGradient(
    z: [Double], _ cotangents: (_ mean: [Double], _ variance: [Double]) -> (mean: [Double], variance: [Double])
  ) -> [Double] {
    let count = Double(members.count)
    let (mean, spread, own, all) = moments(rows: 1, z: z)
    let doubt = doubt(z)
    let bar = cotangents(mean, mean.indices.map { (spread[$0] + own[$0]) * doubt.value })
    var total = [Double](repeating: 0, count: inputCount)
    for (member, y) in zip(members, all) {
      let meanBar = mean.indices.map { c in
        bar.mean[c] / count + 2 * bar.variance[c] * doubt.value * (y[c] - mean[c]) / (count - 1)
      }
      let part: [Double]
      if let sure = member as? any ProbabilisticSurrogate {
        let varianceBar = bar.variance.map { $0 * doubt.value / count }
        part = sure.posteriorGradient(z: z) { _, _ in (meanBar, varianceBar) }
      } else {
        part = member.vjp(rows: 1, z: z, ybar: meanBar)
      }
      for i in total.indices { total[i] += part[i] }
    }
    let doubtBar = mean.indices.reduce(0) { $0 + bar.variance[$1] * (spread[$1] + own[$1]) }
    for i in total.indices { total[i] += doubtBar * doubt.gradient[i] }
    return total
  }

  /// Members cannot be told points without training, so the variance is multiplied by 1 − exp(−|z − p|²/2ρ²) for each.
  public func believing(rows: Int, z: [Double]) -> any ProbabilisticSurrogate {
    var next = self
    for r in 0..<rows { next.believed.append(Array(z[r * inputCount..<(r + 1) * inputCount])) }
    return next
  }

  /// That product and its gradient.
  private func doubt(_ z: [Double]) -> (value: Double, gradient: [Double]) {
    var value = 1.0
    var gradient = [Double](repeating: 0, count: z.count)
    let square = Self.reach * Self.reach * Double(max(z.count, 1))
    for p in believed {
      let distance = zip(z, p).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
      let near = exp(-distance / (2 * square))
      let factor = 1 - near
      for i in z.indices { gradient[i] = gradient[i] * factor + value * near * (z[i] - p[i]) / square }
      value *= factor
    }
    return (value, gradient)
  }
}
