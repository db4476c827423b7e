import CKernels

/// The K nearest neighbours of every point, exact, kept up to date as points arrive.
///
/// Distances in the unit cube, Euclidean unless another metric is asked for; a periodic coordinate is measured around
/// its circle. Among equal distances the point that came first is nearer. The graph is directed: j may be a neighbour
/// of i without the reverse.
public struct NeighbourGraph: Sendable, Equatable {
  /// How far two points are from each other.
  public enum Metric: String, Sendable, CaseIterable {
    case euclidean
    /// The sum of the coordinates' distances.
    case manhattan
    /// The largest of them.
    case chebyshev
  }

  /// Coordinates of a point.
  public let dimension: Int
  /// The most neighbours a point has; all others while there are fewer.
  public let k: Int
  /// Points so far.
  public private(set) var count = 0
  /// Row major, shape (count, dimension).
  public private(set) var points: [Double] = []
  public let metric: Metric
  private let wraps: [UInt8]
  /// Shape (count, k), nearest first; entries past `degree` are unused. Euclidean distances are kept squared.
  private var indices: [Int32] = []
  private var distances: [Double] = []
  private var scratch: [Double] = []

  /// Neighbours that every point has now: k, or all others while there are fewer.
  public var degree: Int { min(k, max(count - 1, 0)) }

  /// - Parameters:
  ///   - dimension: coordinates of a point.
  ///   - k: neighbours that each point is given.
  ///   - periodic: numbers of the coordinates that wrap with period 1.
  ///   - metric: what "near" means.
  public init(dimension: Int, k: Int, periodic: Set<Int> = [], metric: Metric = .euclidean) {
    precondition(dimension >= 0 && k >= 0)
    self.metric = metric
    self.dimension = dimension
    self.k = k
    wraps = periodic.isEmpty ? [] : (0..<dimension).map { periodic.contains($0) ? 1 : 0 }
  }

  /// The neighbours of point i, nearest first; shape (degree).
  public func neighbours(of i: Int) -> [Int] {
    precondition(i >= 0 && i < count)
    return indices[i * k..<i * k + degree].map(Int.init)
  }

  /// All neighbours, nearest first; row major, shape (count, degree). - Parameter limit: the nearest so many of each
  /// only.
  public func adjacency(limit: Int = .max) -> [Int32] {
    let degree = min(degree, limit)
    if degree == k { return indices }
    return (0..<count).flatMap { indices[$0 * k..<$0 * k + degree] }
  }

  /// Their distances, laid out as `adjacency`.
  public func arcLengths(limit: Int = .max) -> [Double] {
    let degree = min(degree, limit)
    let stored = degree == k ? distances : (0..<count).flatMap { distances[$0 * k..<$0 * k + degree] }
    return metric == .euclidean ? stored.map { $0.squareRoot() } : stored
  }

  /// A graph of the same kind without points.
  public func emptied() -> NeighbourGraph {
    var graph = self
    graph.count = 0
    (graph.points, graph.indices, graph.distances) = ([], [], [])
    return graph
  }

  /// The points nearest to one that need not be among them, nearest first, the earlier of equally near ones first.
  /// - Complexity: O(points · (dimension + log points))
  public func nearest(to point: ArraySlice<Double>, count wanted: Int) -> [Int] {
    var copy = self
    if copy.scratch.count < count { copy.scratch = [Double](repeating: 0, count: count) }
    copy.measure(point)
    return Array((0..<count).sorted { (copy.scratch[$0], $0) < (copy.scratch[$1], $1) }.prefix(wanted))
  }

  /// Adds a point and updates the lists of those that it is near to.
  /// - Precondition: `point.count == dimension`, finite.
  /// - Complexity: O(count · dimension), plus O(k) for each list that changes.
  public mutating func append(_ point: ArraySlice<Double>) {
    precondition(point.count == dimension)
    let new = count
    if scratch.count < new { scratch = [Double](repeating: 0, count: max(2 * new, 64)) }
    measure(point)
    points += point
    count += 1
    indices += repeatElement(-1, count: k)
    distances += repeatElement(.infinity, count: k)
    indices.withUnsafeMutableBufferPointer { i in
      distances.withUnsafeMutableBufferPointer { d in
        scratch.withUnsafeBufferPointer { squared in
          guard let i0 = i.baseAddress, let d0 = d.baseAddress, let s0 = squared.baseAddress else { return }
          dmo_join_neighbours(new, k, s0, i0, d0)
        }
      }
    }
  }

  /// Distances of all points from this one as they are kept, into `scratch`.
  private mutating func measure(_ point: ArraySlice<Double>) {
    let (rows, n, metric) = (count, dimension, metric)
    let wrapping: [UInt8]? = wraps.isEmpty ? nil : wraps
    scratch.withUnsafeMutableBufferPointer { out in
      points.withUnsafeBufferPointer { x in
        point.withUnsafeBufferPointer { p in
          guard let x0 = x.baseAddress, let p0 = p.baseAddress, let o0 = out.baseAddress else { return }
          func fill(_ wraps: UnsafePointer<UInt8>?) {
            if metric == .euclidean {
              dmo_squared_distances(rows, n, x0, p0, wraps, o0)
            } else {
              dmo_other_distances(rows, n, x0, p0, wraps, metric == .chebyshev ? 1 : 0, o0)
            }
          }
          if let wrapping { wrapping.withUnsafeBufferPointer { fill($0.baseAddress) } } else { fill(nil) }
        }
      }
    }
  }
}
