import Glibc

/// `count` ≥ 2 numbers from the lower to the upper bound, both included.
func grid(_ range: ClosedRange<Double>, _ count: Int) -> [Double] {
  (0..<count).map { i in
    i == count - 1
      ? range.upperBound : range.lowerBound + (range.upperBound - range.lowerBound) * Double(i) / Double(count - 1)
  }
}

/// All vectors of m non-negative multiples of 1/H that add up to 1 (Das and Dennis, SIAM J. Optim. 8, 1998), with the
/// largest H for which there are at most `limit` of them.
func simplexLattice(_ m: Int, limit: Int = 500) -> [[Double]] {
  func count(_ h: Int) -> Int { (1..<m).reduce(1) { $0 * (h + $1) / $1 } }
  var divisions = 1
  while count(divisions + 1) <= limit { divisions += 1 }
  var rows: [[Double]] = []
  func fill(_ row: [Double], _ left: Int) {
    if row.count == m - 1 {
      rows.append(row + [Double(left) / Double(divisions)])
      return
    }
    for k in 0...left { fill(row + [Double(k) / Double(divisions)], left - k) }
  }
  fill([], divisions)
  return rows
}

/// The lattice's directions on the unit sphere.
func sphereLattice(_ m: Int, limit: Int = 500) -> [[Double]] {
  simplexLattice(m, limit: limit).map { row in
    let norm = row.reduce(0) { $0 + $1 * $1 }.squareRoot()
    return row.map { $0 / norm }
  }
}

/// The points that no other dominates, of two objectives, by the first one. O(n log n).
func nondominated(_ points: [[Double]]) -> [[Double]] {
  var lowest = Double.infinity
  return points.sorted { $0[0] < $1[0] || ($0[0] == $1[0] && $0[1] < $1[1]) }.filter { point in
    defer { lowest = min(lowest, point[1]) }
    return point[1] < lowest
  }
}

/// At most `limit` of the points, evenly by their position, the first and the last among them.
func thinned<Element>(_ points: [Element], limit: Int = 300) -> [Element] {
  guard points.count > limit else { return points }
  return (0..<limit).map { points[$0 * (points.count - 1) / (limit - 1)] }
}

/// The arguments in the range at which a function is lower than at all smaller ones: the front of (t, value(t)).
///
/// Local minima are refined to double precision, the beginnings of the other pieces to the step of the grid.
func runningMinima(_ range: ClosedRange<Double>, steps: Int = 4000, of value: (Double) -> Double) -> [Double] {
  var arguments = grid(range, steps + 1)
  for i in 1..<steps
  where value(arguments[i]) <= value(arguments[i - 1]) && value(arguments[i]) <= value(arguments[i + 1]) {
    var (low, high) = (arguments[i - 1], arguments[i + 1])
    for _ in 0..<80 {
      let (left, right) = (low + (high - low) / 3, high - (high - low) / 3)
      if value(left) < value(right) { high = right } else { low = left }
    }
    arguments[i] = (low + high) / 2
  }
  var lowest = Double.infinity
  return arguments.filter { t in
    let here = value(t)
    defer { lowest = min(lowest, here) }
    return here < lowest
  }
}

/// All combinations of one number of each row.
func product(_ numbers: [Double], times: Int) -> [[Double]] {
  (0..<times).reduce([[]]) { rows, _ in rows.flatMap { row in numbers.map { row + [$0] } } }
}
