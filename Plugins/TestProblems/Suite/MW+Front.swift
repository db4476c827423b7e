import Glibc

/// How far a point is from the front, at least 1; `m` objectives.
typealias MWDistance = @Sendable (_ x: UnsafeBufferPointer<Double>, _ m: Int) -> Double
/// Writes the constraints of two objectives.
typealias MWConstraint = @Sendable (_ f1: Double, _ f2: Double, _ c: UnsafeMutableBufferPointer<Double>) -> Void

/// Ma and Wang's g1, g2 and g3.
let g1: MWDistance = { x, m in
  let n = x.count
  var sum = 1.0
  for i in m - 1..<n {
    let z = pow(x[i], Double(n - m)) - 0.5 - Double(i) / Double(2 * n)
    sum += 1 - exp(-10 * z * z)
  }
  return sum
}
let g2: MWDistance = { x, m in
  let n = x.count
  var sum = 1.0
  for i in m - 1..<n {
    let z = 1 - exp(-10 * squared(x[i] - Double(i) / Double(n)))
    sum += 1.5 + 0.1 / Double(n) * z * z - 1.5 * cos(2 * .pi * z)
  }
  return sum
}
let g3: MWDistance = { x, m in
  var sum = 1.0
  for i in m - 1..<x.count { sum += 2 * squared(x[i] + squared(x[i - 1] - 0.5) - 1) }
  return sum
}

/// The front of a problem whose constraints depend on the objectives alone: along each position t the first distance g at which
/// all constraints hold (walked in steps of 1/500 from 1 to 3, then bisected to double precision), without what is dominated.
///
/// On the constraints' boundary the points are exact; ends of pieces are known to the step of t, a 1200th of its range.
func mwFront(
  _ range: ClosedRange<Double>, _ constraints: Int,
  _ objectives: (_ t: Double, _ g: Double) -> (Double, Double), _ constraint: MWConstraint
) -> [[Double]] {
  withUnsafeTemporaryAllocation(of: Double.self, capacity: constraints) { c in
    c.initialize(repeating: 0)
    func isFeasible(_ t: Double, _ g: Double) -> Bool {
      let (f1, f2) = objectives(t, g)
      constraint(f1, f2, c)
      return c.allSatisfy { $0 <= 0 }
    }
    let steps = grid(1...3, 1001)
    var points: [[Double]] = []
    for t in grid(range, 1201) {
      guard let first = steps.firstIndex(where: { isFeasible(t, $0) }) else { continue }
      var (low, high) = (steps[max(0, first - 1)], steps[first])
      for _ in 0..<60 where first > 0 {
        let middle = (low + high) / 2
        if isFeasible(t, middle) { high = middle } else { low = middle }
      }
      let (f1, f2) = objectives(t, high)
      points.append([f1, f2])
    }
    return thinned(nondominated(points))
  }
}
