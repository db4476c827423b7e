import CKernels
import DMOCore

/// The volume that a set of points dominates below a reference point, all objectives minimised (Zitzler & Thiele 1998).
///
/// Points that are not better than the reference in every objective add nothing; nor do rows with NaN. Monotone: a set
/// that covers another one has at least its volume.
public enum Hypervolume {
  /// Up to so many objectives `of` is exact; above, it samples.
  public static let exactLimit = 10
  /// Points of each scrambled sequence, and how many sequences, that `of` samples with.
  public static let defaultSamples = 1 << 13
  static let sequences = 8

  /// The exact volume. - Parameter points: row major, shape (n, objectives).
  /// - Complexity: see `dmo_hypervolume.h`; exponential in the objectives at worst.
  public static func exact(_ points: [Double], objectives: Int, reference: [Double]) -> Double {
    precondition(objectives > 0 && reference.count == objectives && points.count % objectives == 0)
    let volume = dmo_hypervolume(points.count / objectives, objectives, points, reference)
    precondition(volume >= 0, "no memory for a hypervolume of \(points.count / objectives) points")
    return volume
  }

  /// An estimate from scrambled Sobol points (Owen 1995) in the box between the points' ideal and the reference.
  ///
  /// - Parameters:
  ///   - points: row major, shape (n, objectives); smaller is better.
  ///   - m: how many objectives.
  ///   - reference: the corner up to which volume counts; shape (objectives).
  ///   - samples: points of each of eight sequences; the more, the smaller the error: about samples^(−2/3).
  ///   - seed: of the scramblings; the same seed gives the same estimate.
  /// - Returns: the mean over the sequences and its standard error.
  /// - Complexity: O(samples · n · objectives)
  public static func sampled(
    _ points: [Double], objectives m: Int, reference: [Double], samples: Int = defaultSamples, seed: Seed = Seed(1)
  ) -> (value: Double, standardError: Double) {
    precondition(m > 0 && m <= Sobol.maximumDimension && reference.count == m && points.count % m == 0 && samples > 0)
    let inside = stride(from: 0, to: points.count, by: m).map { Array(points[$0..<$0 + m]) }
      .filter { row in zip(row, reference).allSatisfy { $0 < $1 } }
    guard !inside.isEmpty else { return (0, 0) }
    let ideal = (0..<m).map { j in inside.reduce(Double.infinity) { min($0, $1[j]) } }
    let box = zip(ideal, reference).reduce(1) { $0 * ($1.1 - $1.0) }
    // The largest boxes first: most samples are then decided by the first few points.
    let rows = inside.map { row in (row, zip(row, reference).reduce(1) { $0 * ($1.1 - $1.0) }) }
      .sorted { $0.1 > $1.1 }.flatMap(\.0)
    var fractions: [Double] = []
    for k in 0..<sequences {
      guard let sobol = Sobol(dimension: m, scrambling: seed.derived("hypervolume", UInt64(k))) else { break }
      var hits = 0
      for i in 0..<samples {
        let u = sobol.point(i)
        let target = (0..<m).map { ideal[$0] + u[$0] * (reference[$0] - ideal[$0]) }
        if isCovered(target, rows, m) { hits += 1 }
      }
      fractions.append(Double(hits) / Double(samples))
    }
    let mean = fractions.reduce(0, +) / Double(sequences)
    let variance = fractions.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(sequences - 1)
    return (mean * box, (variance / Double(sequences)).squareRoot() * box)
  }

  /// Exact up to `exactLimit` objectives, else the sampled estimate.
  /// - Parameters:
  ///   - points: shape (n, objectives); smaller is better.
  ///   - reference: the corner up to which volume counts; shape (objectives).
  /// - Returns: 0 for no objectives.
  public static func of(_ points: [[Double]], reference: [Double]) -> Double {
    if reference.isEmpty { return 0 }
    let flat = points.flatMap(\.self)
    return reference.count <= exactLimit
      ? exact(flat, objectives: reference.count, reference: reference)
      : sampled(flat, objectives: reference.count, reference: reference).value
  }

  private static func isCovered(_ target: [Double], _ rows: [Double], _ m: Int) -> Bool {
    var start = 0
    while start < rows.count {
      var j = 0
      while j < m && rows[start + j] <= target[j] { j += 1 }
      if j == m { return true }
      start += m
    }
    return false
  }
}
