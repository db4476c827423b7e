import DMOCore
import DMONumerics

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// How a set of losses should move so that it dominates more: cotangents for a surrogate's outputs, point by point.
enum SetGradient {
  /// Objectives up to which the hypervolume's own gradient is taken.
  static let hypervolumeLimit = 3
  /// Temperature of the smoothed maximum.
  private static let temperature = 0.05

  /// d HV / d losses of each point of a set, exact (Emmerich & Deutz 2014): minus the (m − 1)-dimensional volume of the
  /// face that the point alone covers, as seen along the objective. Zero for dominated points and those beyond the
  /// reference. - Parameter fixed: points that take part and do not move.
  /// - Complexity: 2 n m hypervolumes of m − 1 objectives.
  static func hypervolume(_ losses: [[Double]], fixed: [[Double]] = [], reference: [Double]) -> [[Double]] {
    let (m, all) = (reference.count, losses + fixed)
    return losses.indices.map { i in
      let p = losses[i]
      func isCovered(by q: [Double]) -> Bool { zip(q, p).allSatisfy { $0 <= $1 } }
      let beyond = zip(p, reference).contains { $0.0 >= $0.1 }
      // Of equal points the first counts.
      let dominated = all.indices.contains { $0 != i && isCovered(by: all[$0]) && (all[$0] != p || $0 < i) }
      if beyond || dominated { return [Double](repeating: 0, count: m) }
      if m == 1 { return [-1] }
      return (0..<m).map { j in
        func projected(_ q: [Double]) -> [Double] { (0..<m).filter { $0 != j }.map { q[$0] } }
        let face = all.indices.filter { $0 != i && all[$0][j] <= p[j] }.map { projected(all[$0]) }
        let r = projected(reference)
        return Hypervolume.of(face, reference: r) - Hypervolume.of(face + [projected(p)], reference: r)
      }
    }
  }

  /// The gradient of the smoothed Chebyshev scalar τ log Σ exp(w_j f_j / τ); non-negative, sums to at most max w.
  static func chebyshev(_ losses: [Double], weights: [Double]) -> [Double] {
    let terms = zip(losses, weights).map { $0 * $1 / temperature }
    let top = terms.max() ?? 0
    let shares = terms.map { exp($0 - top) }
    let total = shares.reduce(0, +)
    return shares.indices.map { weights[$0] * shares[$0] / total }
  }

  /// Downhill cotangents of a population's losses, normalised to ideal 0 and nadir 1. Points that carry hypervolume
  /// follow
  /// its gradient, which keeps them apart; dominated ones, and all in four objectives or more, descend the Chebyshev
  /// scalar of their own preference.
  /// - Parameter preferences: weights of each point; shape (points, objectives).
  static func cotangents(
    _ losses: [[Double]], fixed: [[Double]], reference: [Double], preferences: [[Double]]
  ) -> [[Double]] {
    let useVolume = reference.count <= hypervolumeLimit
    let volume = useVolume ? hypervolume(losses, fixed: fixed, reference: reference) : []
    return losses.indices.map { i in
      if useVolume, volume[i].contains(where: { $0 != 0 }) { return volume[i].map { -$0 } }
      return chebyshev(losses[i], weights: preferences[i])
    }
  }
}
