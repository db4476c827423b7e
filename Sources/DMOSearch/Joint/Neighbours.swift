/// Some points, to be asked for the one nearest to another.
struct Neighbours {
  /// Shape (points, dimension).
  private let flat: [Double]
  private let dimension: Int

  init(_ points: [[Double]]) {
    dimension = points.first?.count ?? 0
    flat = points.flatMap(\.self)
  }

  /// The root mean square difference of the coordinates from the nearest point, as `JointSelection.distance`; infinite
  /// without any. - Complexity: O(points · dimension)
  func distance(to z: [Double]) -> Double {
    guard !flat.isEmpty else { return .infinity }
    var least = Double.infinity
    flat.withUnsafeBufferPointer { p in
      for start in stride(from: 0, to: p.count, by: dimension) {
        var sum = 0.0
        var k = 0
        while k < dimension && sum < least {
          let d = p[start + k] - z[k]
          sum += d * d
          k += 1
        }
        if sum < least { least = sum }
      }
    }
    return (least / Double(dimension)).squareRoot()
  }
}
