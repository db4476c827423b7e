import Glibc

extension TestProblem {
  /// Small constrained problems of two objectives with known fronts.
  static let constrained: [TestProblem] = [
    bnh, srn, tnk, osy, ctp1, kursawe,
  ]

  private static let bnh = TestProblem("bnh", "BNH", source: "Binh and Korn, MENDEL (1997)") { _, _ in
    TestFunction(
      [.real(0...5), .real(0...3)], objectives: 2, constraints: 2,
      front: {
        grid(0...5, 201).map { x1 in
          let x2 = min(x1, 3)
          return [4 * x1 * x1 + 4 * x2 * x2, squared(x1 - 5) + squared(x2 - 5)]
        }
      }
    ) { x, f, g in
      f[0] = 4 * x[0] * x[0] + 4 * x[1] * x[1]
      f[1] = squared(x[0] - 5) + squared(x[1] - 5)
      g[0] = (squared(x[0] - 5) + x[1] * x[1] - 25) / 25
      g[1] = (7.7 - squared(x[0] - 8) - squared(x[1] + 3)) / 7.7
    }
  }

  private static let srn = TestProblem("srn", "SRN", source: "Srinivas and Deb, Evol. Comput. 2 (1994)") { _, _ in
    TestFunction(box(2, -20...20), objectives: 2, constraints: 2, front: srnFront) { x, f, g in
      (f[0], f[1]) = srnObjectives(x[0], x[1])
      g[0] = x[0] * x[0] + x[1] * x[1] - 225
      g[1] = x[0] - 3 * x[1] + 10
    }
  }

  private static let tnk = TestProblem("tnk", "TNK", source: "Tanaka, Watanabe, Furukawa and Tanino, IEEE SMC (1995)") {
    _, _ in
    TestFunction(
      // The lower bound of x2 keeps x1 / x2 a number.
      [.real(0 ... .pi), .real(1e-30 ... .pi)], objectives: 2, constraints: 2,
      front: {
        // The objectives are x: the front is on the wavy circle, within the ball.
        let circle = grid(0 ... .pi / 2, 8001).map { angle in
          let radius = (1 + 0.1 * cos(16 * angle)).squareRoot()
          return [radius * sin(angle), max(1e-30, radius * cos(angle))]
        }
        return thinned(nondominated(circle.filter { squared($0[0] - 0.5) + squared($0[1] - 0.5) <= 0.5 }))
      }
    ) { x, f, g in
      (f[0], f[1]) = (x[0], x[1])
      g[0] = 1 + 0.1 * cos(16 * atan(x[0] / x[1])) - x[0] * x[0] - x[1] * x[1]
      g[1] = 2 * (squared(x[0] - 0.5) + squared(x[1] - 0.5)) - 1
    }
  }

  private static let osy = TestProblem("osy", "OSY", source: "Osyczka and Kundu, Struct. Optim. 10 (1995)") { _, _ in
    TestFunction(
      [.real(0...10), .real(0...10), .real(1...5), .real(0...6), .real(1...5), .real(0...10)], objectives: 2,
      constraints: 6, front: osyFront
    ) { x, f, g in
      (f[0], f[1]) = osyObjectives(x[0], x[1], x[2], x[3], x[4], x[5])
      g[0] = (2 - x[0] - x[1]) / 2
      g[1] = (x[0] + x[1] - 6) / 6
      g[2] = (x[1] - x[0] - 2) / 2
      g[3] = (x[0] - 3 * x[1] - 2) / 2
      g[4] = (squared(x[2] - 3) + x[3] - 4) / 4
      g[5] = (4 - squared(x[4] - 3) - x[5]) / 4
    }
  }

  private static let ctp1 = TestProblem(
    "ctp1", "CTP1", source: "Deb, Pratap and Meyarivan, EMO (2001)", sizes: .n(default: 2, minimum: 2)
  ) {
    n, _ in
    let curves = ctpCurves(2)
    return TestFunction(
      box(n, 0...1), objectives: 2, constraints: 2,
      front: {
        grid(0...1, 201).map { f1 in [f1, curves.reduce(exp(-f1)) { max($0, $1.a * exp(-$1.b * f1)) }] }
      }
    ) { x, f, g in
      var distance = 1.0
      for i in 1..<n { distance += x[i] }
      (f[0], f[1]) = (x[0], distance * exp(-x[0] / distance))
      for i in 0..<2 { g[i] = curves[i].a * exp(-curves[i].b * f[0]) - f[1] }
    }
  }

  private static let kursawe = TestProblem(
    "kursawe", "Kursawe (no constraints)", source: "Kursawe, PPSN (1991)", sizes: .n(default: 3, minimum: 2)
  ) {
    n, _ in
    TestFunction(box(n, -5...5), objectives: 2) { x, f, _ in
      (f[0], f[1]) = (0, 0)
      for i in 0..<n - 1 { f[0] -= 10 * exp(-0.2 * (x[i] * x[i] + x[i + 1] * x[i + 1]).squareRoot()) }
      for i in 0..<n { f[1] += pow(abs(x[i]), 0.8) + 5 * sin(x[i] * x[i] * x[i]) }
    }
  }
}

private func srnObjectives(_ x1: Double, _ x2: Double) -> (Double, Double) {
  (2 + squared(x1 - 2) + squared(x2 - 1), 9 * x1 - squared(x2 - 1))
}

/// Weighted sums of the objectives are least at x1 = -2.5 inside the bounds; before, the front runs along the line
/// x1 = 3 x2 - 10 from the point nearest to (2, 1), and after along the circle to the least f2.
private let srnFront: @Sendable () -> [[Double]] = {
  var points: [[Double]] = grid(2.5...3.7, 100).map { [3 * $0 - 10, $0] }
  let corner = 218.75.squareRoot()
  points += grid(2.5...corner, 100).map { [-2.5, $0] }
  // On the circle f2 = 135 cos a - (15 sin a - 1)^2 is least where its slope is zero.
  var (low, high) = (atan2(corner, -2.5), Double.pi)
  let start = low
  for _ in 0..<60 {
    let a = (low + high) / 2
    if -135 * sin(a) - 30 * (15 * sin(a) - 1) * cos(a) < 0 { low = a } else { high = a }
  }
  points += grid(start...low, 100).map { [15 * cos($0), 15 * sin($0)] }
  return nondominated(
    points.map { x in
      let f = srnObjectives(x[0], x[1])
      return [f.0, f.1]
    })
}

private func osyObjectives(
  _ x1: Double, _ x2: Double, _ x3: Double, _ x4: Double, _ x5: Double, _ x6: Double
) -> (Double, Double) {
  let distances = 25 * squared(x1 - 2) + squared(x2 - 2) + squared(x3 - 1) + squared(x4 - 4) + squared(x5 - 1)
  return (-distances, x1 * x1 + x2 * x2 + x3 * x3 + x4 * x4 + x5 * x5 + x6 * x6)
}

/// The five pieces of the front (Deb, Multi-Objective Optimization, 2001), all with x4 = x6 = 0.
private let osyFront: @Sendable () -> [[Double]] = {
  var points: [(Double, Double, Double, Double)] = []
  for t in grid(0...1, 301) {
    points.append((5, 1, 1 + 4 * t, 5))
    points.append((5, 1, 1 + 4 * t, 1))
    points.append((4 + t, (2 + t) / 3, 1, 1))
    points.append((0, 2, 1 + 4 * t, 1))
    points.append((t, 2 - t, 1, 1))
  }
  return thinned(
    nondominated(
      points.map { x in
        let f = osyObjectives(x.0, x.1, x.2, 0, x.3, 0)
        return [f.0, f.1]
      }))
}

/// The constraints f2 >= a exp(-b f1) of CTP1, by the paper's rule.
private func ctpCurves(_ count: Int) -> [(a: Double, b: Double)] {
  var (a, b) = (1.0, 1.0)
  let step = 1 / Double(count + 1)
  return (1...count).map { j in
    let value = a * exp(-b * step * Double(j))
    a = (a + value) / 2
    b = -log(value / a) / (step * Double(j))
    return (a, b)
  }
}
