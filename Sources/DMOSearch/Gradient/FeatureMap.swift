import DMOCore

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// How the free coordinates enter the surrogate: numbers as they are in the unit cube, periodic ones as the point of a
/// circle (so that the surrogate is continuous across the seam), labels one-hot (so that their order means nothing).
struct FeatureMap {
  private enum Feature { case number, circle, labels(Int) }

  /// Another value of one label or boolean.
  struct Switching {
    var coordinate: Int
    /// In the unit cube.
    var value: Double
    /// What the gradient expects of the merit.
    var change: Double
  }

  private let features: [Feature]
  /// Where each coordinate's features start; shape (dimension).
  private let offsets: [Int]
  /// Numbers of a row of features.
  let count: Int
  /// Free coordinates that take one of a few unordered values, and how many: labels and booleans.
  let switches: [(coordinate: Int, levels: Int)]

  init(_ search: SearchSpace) {
    var features: [Feature] = []
    var offsets: [Int] = []
    var switches: [(coordinate: Int, levels: Int)] = []
    var next = 0
    for (k, i) in search.free.enumerated() {
      let p = search.space.parameter(at: i)
      offsets.append(next)
      switch p.kind {
      case .categorical(let labels) where labels.count > 2:
        features.append(.labels(labels.count))
        switches.append((k, labels.count))
        next += labels.count
        continue
      case .categorical(let labels) where labels.count == 2: switches.append((k, 2))
      case .boolean: switches.append((k, 2))
      default: break
      }
      features.append(p.isPeriodic ? .circle : .number)
      next += p.isPeriodic ? 2 : 1
    }
    self.features = features
    self.offsets = offsets
    self.switches = switches
    count = next
  }

  /// The surrogate's inputs, in [0, 1]; shapes (dimension) → (count).
  func encode(_ z: [Double]) -> [Double] {
    var row: [Double] = []
    row.reserveCapacity(count)
    for (value, feature) in zip(z, features) {
      switch feature {
      case .number: row.append(value)
      case .circle:
        row.append(0.5 + 0.5 * cos(2 * .pi * value))
        row.append(0.5 + 0.5 * sin(2 * .pi * value))
      case .labels(let labels):
        let chosen = Self.level(value, of: labels)
        for k in 0..<labels { row.append(k == chosen ? 1 : 0) }
      }
    }
    return row
  }

  /// The chain rule back to the coordinates, 0 for labels; shapes (count), (dimension) → (dimension).
  func pullback(_ gradient: ArraySlice<Double>, at z: [Double]) -> [Double] {
    let start = gradient.startIndex
    return z.indices.map { k in
      let first = start + offsets[k]
      switch features[k] {
      case .number: return gradient[first]
      case .circle:
        return .pi * (cos(2 * .pi * z[k]) * gradient[first + 1] - sin(2 * .pi * z[k]) * gradient[first])
      case .labels: return 0
      }
    }
  }

  /// The coordinates that a row of features stands for: the inverse of `encode`; shapes (count) → (dimension).
  func decode(_ row: ArraySlice<Double>) -> [Double] {
    features.indices.map { k in
      let first = row.startIndex + offsets[k]
      switch features[k] {
      case .number: return row[first]
      case .circle:
        let turn = atan2(row[first + 1] - 0.5, row[first] - 0.5) / (2 * .pi)
        return turn < 0 ? turn + 1 : turn
      case .labels(let labels):
        let chosen = (0..<labels).max { row[first + $0] < row[first + $1] } ?? 0
        return Double(chosen) / Double(labels - 1)
      }
    }
  }

  /// A gradient of the coordinates as one of the features whose `pullback` it is: along the circle for periodic
  /// coordinates, 0 for labels; shapes (dimension) → (count).
  func pushback(_ gradient: [Double], at z: [Double]) -> [Double] {
    var row = [Double](repeating: 0, count: count)
    for k in z.indices {
      switch features[k] {
      case .number: row[offsets[k]] = gradient[k]
      case .circle:
        row[offsets[k]] = -sin(2 * .pi * z[k]) * gradient[k] / .pi
        row[offsets[k] + 1] = cos(2 * .pi * z[k]) * gradient[k] / .pi
      case .labels: break
      }
    }
    return row
  }

  /// All single changes of a label or boolean with what the gradient expects of each, most promising first.
  func switchings(_ gradient: ArraySlice<Double>, at z: [Double]) -> [Switching] {
    var result: [Switching] = []
    for (k, levels) in switches {
      let now = Self.level(z[k], of: levels)
      let first = gradient.startIndex + offsets[k]
      for other in 0..<levels where other != now {
        let change =
          levels > 2 ? gradient[first + other] - gradient[first + now] : gradient[first] * Double(other - now)
        result.append(Switching(coordinate: k, value: Double(other) / Double(levels - 1), change: change))
      }
    }
    return result.sorted { $0.change < $1.change }
  }

  private static func level(_ z: Double, of levels: Int) -> Int {
    min(max(Int((z * Double(levels - 1)).rounded()), 0), levels - 1)
  }
}
