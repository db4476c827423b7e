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

/// The front of a problem whose constraints depend on the objectives alone: for each position t the first distance g
/// from 1 to 3 at which all constraints hold, without what is dominated.
///
/// g is walked in steps of 1/200; where a constraint changes its sign within a step its root is found to double
/// precision, so that strips of no width are found too. Ends of pieces are known to the step of t, a 1200th of its
/// range.
///
/// - Parameter isolated: further positions, for parts of the front that are single points.
func mwFront(
  _ range: ClosedRange<Double>, _ constraints: Int, isolated: [Double],
  _ objectives: (_ t: Double, _ g: Double) -> (Double, Double), _ constraint: MWConstraint
) -> [[Double]] {
  let steps = grid(1...3, 401)
  let points = (grid(range, 1201) + isolated).compactMap { t in
    firstFeasible(steps, constraints) { g, c in
      let (f1, f2) = objectives(t, g)
      constraint(f1, f2, c)
    }.map { g in
      let (f1, f2) = objectives(t, g)
      return [f1, f2]
    }
  }
  return thinned(nondominated(points))
}

/// The first g in a range of steps at which no constraint is above the rounding of a root.
private func firstFeasible(
  _ steps: [Double], _ count: Int, _ constraint: (Double, UnsafeMutableBufferPointer<Double>) -> Void
) -> Double? {
  func values(_ g: Double) -> [Double] {
    Array(unsafeUninitializedCapacity: count) { buffer, initialized in
      buffer.initialize(repeating: 0)
      constraint(g, UnsafeMutableBufferPointer(rebasing: buffer[..<count]))
      initialized = count
    }
  }
  let rounding = 1e-12
  var before = values(steps[0])
  if before.allSatisfy({ $0 <= rounding }) { return steps[0] }
  for (low, high) in zip(steps, steps.dropFirst()) {
    let after = values(high)
    let roots = (0..<count).filter { before[$0] * after[$0] < 0 }.map { i in
      var (low, high) = (low, high)
      for _ in 0..<60 {
        let middle = (low + high) / 2
        if values(middle)[i] * before[i] > 0 { low = middle } else { high = middle }
      }
      return high
    }
    if let root = roots.sorted().first(where: { values($0).allSatisfy { $0 <= rounding } }) { return root }
    if after.allSatisfy({ $0 <= 0 }) { return high }
    before = after
  }
  return nil
}
