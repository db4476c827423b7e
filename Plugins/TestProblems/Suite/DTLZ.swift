import Glibc

private let paper = "Deb, Thiele, Laumanns and Zitzler, Evolutionary Multiobjective Optimization (2005)"
private let constrainedPaper = "Jain and Deb, IEEE Trans. Evol. Comput. 18 (2014)"
private typealias Numbers = UnsafeBufferPointer<Double>
private typealias Outputs = UnsafeMutableBufferPointer<Double>

extension TestProblem {
  static let dtlz: [TestProblem] = [
    dtlz1, dtlz2, dtlz3, dtlz4, dtlz5, dtlz7,
  ]

  private static let dtlz1 = TestProblem("dtlz1", "DTLZ1 (flat front, many local ones)", source: paper, sizes: sizes(7))
  { n, m in
    TestFunction(box(n, 0...1), objectives: m, front: { flatFront(m) }) { x, f, _ in linearShape(x, f) }
  }

  private static let dtlz2 = TestProblem("dtlz2", "DTLZ2 (spherical front)", source: paper, sizes: sizes(12)) { n, m in
    TestFunction(box(n, 0...1), objectives: m, front: { sphereLattice(m) }) { x, f, _ in
      spherical(x, f, distance(x, m)) { x[$0] }
    }
  }

  private static let dtlz3 = TestProblem(
    "dtlz3", "DTLZ3 (spherical front, many local ones)", source: paper, sizes: sizes(12)
  ) { n, m in
    TestFunction(box(n, 0...1), objectives: m, front: { sphereLattice(m) }) { x, f, _ in
      spherical(x, f, ruggedDistance(x, m)) { x[$0] }
    }
  }

  private static let dtlz4 = TestProblem("dtlz4", "DTLZ4 (spherical front, biased)", source: paper, sizes: sizes(12)) {
    n, m in
    TestFunction(box(n, 0...1), objectives: m, front: { sphereLattice(m) }) { x, f, _ in
      spherical(x, f, distance(x, m)) { pow(x[$0], 100) }
    }
  }

  private static let dtlz5 = TestProblem("dtlz5", "DTLZ5 (front on a curve)", source: paper, sizes: sizes(12)) { n, m in
    var function = TestFunction(box(n, 0...1), objectives: m) { x, f, _ in
      let g = distance(x, m)
      spherical(x, f, g) { $0 == 0 ? x[0] : (1 + 2 * g * x[$0]) / (2 * (1 + g)) }
    }
    // For four objectives and more the front is larger than the curve that the paper names: none is given.
    if m <= 3 { function.front = { curveFront(m) } }
    return function
  }

  private static let dtlz7 = TestProblem("dtlz7", "DTLZ7 (front in 2^(m-1) pieces)", source: paper, sizes: sizes(22)) {
    n, m in
    TestFunction(box(n, 0...1), objectives: m, front: { brokenFront(m) }) { x, f, _ in
      var sum = 0.0
      for i in m - 1..<n { sum += x[i] }
      let g = 1 + 9 * sum / Double(n - m + 1)
      var h = Double(m)
      for i in 0..<m - 1 {
        f[i] = x[i]
        h -= x[i] / (1 + g) * (1 + sin(3 * .pi * x[i]))
      }
      f[m - 1] = (1 + g) * h
    }
  }

  static let constrainedDTLZ: [TestProblem] = [
    c1dtlz1, c2dtlz2, c3dtlz4,
  ]

  private static let c1dtlz1 = TestProblem(
    "c1dtlz1", "C1-DTLZ1 (feasible near the front)", source: constrainedPaper, sizes: sizes(12)
  ) { n, m in
    // On the front c = f_m (1/0.5 - 1/0.6) >= 0, so it is DTLZ1's.
    TestFunction(box(n, 0...1), objectives: m, constraints: 1, front: { flatFront(m) }) { x, f, g in
      linearShape(x, f)
      var c = 1 - f[m - 1] / 0.6
      for i in 0..<m - 1 { c -= f[i] / 0.5 }
      g[0] = -c
    }
  }

  private static let c2dtlz2 = TestProblem(
    "c2dtlz2", "C2-DTLZ2 (pieces of the sphere)", source: constrainedPaper, sizes: sizes(12)
  ) { n, m in
    TestFunction(
      box(n, 0...1), objectives: m, constraints: 1,
      front: { sphereLattice(m, limit: 1500).filter { row in row.withUnsafeBufferPointer(ballDistance) <= 0 } }
    ) { x, f, g in
      spherical(x, f, distance(x, m)) { x[$0] }
      g[0] = ballDistance(UnsafeBufferPointer(f))
    }
  }

  private static let c3dtlz4 = TestProblem(
    "c3dtlz4", "C3-DTLZ4 (the front is the constraints)", source: constrainedPaper, sizes: sizes(12)
  ) {
    n, m in
    TestFunction(
      box(n, 0...1), objectives: m, constraints: m,
      front: {
        // Along a direction d all constraints hold from the radius 1 / sqrt(1 - 3/4 max d²) on.
        sphereLattice(m).map { d in
          let largest = d.max() ?? 1
          return d.map { $0 / (1 - 0.75 * largest * largest).squareRoot() }
        }
      }
    ) { x, f, g in
      spherical(x, f, distance(x, m)) { pow(x[$0], 100) }
      var sum = 0.0
      for i in 0..<m { sum += f[i] * f[i] }
      for i in 0..<m { g[i] = 1 - sum + 0.75 * f[i] * f[i] }
    }
  }

  private static func sizes(_ n: Int) -> Sizes { .nm(n: n, m: 3, minimum: { $0 }) }
}

/// Σ (x - 1/2)² over the distance variables.
private func distance(_ x: Numbers, _ m: Int) -> Double {
  var sum = 0.0
  for i in m - 1..<x.count { sum += squared(x[i] - 0.5) }
  return sum
}

/// 100 (k + Σ (x - 1/2)² - cos 20π(x - 1/2)) over the k distance variables.
private func ruggedDistance(_ x: Numbers, _ m: Int) -> Double {
  var sum = Double(x.count - m + 1)
  for i in m - 1..<x.count { sum += squared(x[i] - 0.5) - cos(20 * .pi * (x[i] - 0.5)) }
  return 100 * sum
}

private func linearShape(_ x: Numbers, _ f: Outputs) {
  let m = f.count
  let g = ruggedDistance(x, m)
  var product = 0.5 * (1 + g)
  for i in 0..<m - 1 {
    f[m - 1 - i] = product * (1 - x[i])
    product *= x[i]
  }
  f[0] = product
}

/// A point on the sphere of radius 1 + g; angle(i) in units of π/2.
private func spherical(_ x: Numbers, _ f: Outputs, _ g: Double, angle: (Int) -> Double) {
  let m = f.count
  var product = 1 + g
  for i in 0..<m - 1 {
    let radians = angle(i) * .pi / 2
    f[m - 1 - i] = product * sin(radians)
    product *= cos(radians)
  }
  f[0] = product
}

/// The constraint of C2-DTLZ2: how far outside the nearest of the balls around the axes' ends and the centre.
private func ballDistance(_ f: Numbers) -> Double {
  let m = f.count
  let radius = m == 2 ? 0.2 : m == 3 ? 0.4 : 0.5
  var (sum, centre) = (0.0, 0.0)
  for value in f {
    sum += value * value
    centre += squared(value - 1 / Double(m).squareRoot())
  }
  var nearest = centre
  for value in f { nearest = min(nearest, sum - value * value + squared(value - 1)) }
  return nearest - radius * radius
}

private func flatFront(_ m: Int) -> [[Double]] { simplexLattice(m).map { row in row.map { $0 / 2 } } }

private func curveFront(_ m: Int) -> [[Double]] {
  grid(0...1, 201).map { t in
    let (c, s) = (cos(t * .pi / 2), sin(t * .pi / 2))
    return m == 2 ? [c, s] : [c * 0.5.squareRoot(), c * 0.5.squareRoot(), s]
  }
}

/// f_m falls with each φ(f_i) = f_i (1 + sin 3π f_i), so a point is on the front if each φ is above all that smaller
/// f_i give.
private func brokenFront(_ m: Int) -> [[Double]] {
  let phi = { (t: Double) in t * (1 + sin(3 * .pi * t)) }
  let numbers = runningMinima(0...1) { -phi($0) }
  let each = max(3, Int(pow(600, 1 / Double(m - 1))))
  return product(thinned(numbers, limit: each), times: m - 1).map { row in
    row + [row.reduce(2 * Double(m)) { $0 - phi($1) }]
  }
}
