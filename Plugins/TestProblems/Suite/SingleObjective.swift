import Glibc

extension TestProblem {
  static let singleObjective: [TestProblem] = [
    braninProblem, hartmann6Problem, ackley, rosenbrock, levy,
  ]

  private static let braninProblem = TestProblem("branin", "Branin", source: "Branin, IBM J. Res. Dev. 16 (1972)") {
    _, _ in branin
  }

  private static let hartmann6Problem = TestProblem(
    "hartmann6", "Hartmann 6", source: "Hartman, Princeton report (1972)"
  ) { _, _ in hartmann6 }

  private static let ackley = TestProblem(
    "ackley", "Ackley", source: "Ackley (1987)", sizes: .n(default: 10, minimum: 1)
  ) { n, _ in
    TestFunction(box(n, -32.768...32.768), objectives: 1, best: [.init(x: zeros(n), f: 0)]) { x, f, _ in
      f[0] = ackleyValue(n) { x[$0] }
    }
  }

  private static let rosenbrock = TestProblem(
    "rosenbrock", "Rosenbrock", source: "Rosenbrock, Computer J. 3 (1960)", sizes: .n(default: 10, minimum: 2)
  ) { n, _ in
    TestFunction(box(n, -2.048...2.048), objectives: 1, best: [.init(x: ones(n), f: 0)]) { x, f, _ in
      var sum = 0.0
      for i in 0..<n - 1 {
        let (curve, offset) = (x[i + 1] - x[i] * x[i], 1 - x[i])
        sum += 100 * curve * curve + offset * offset
      }
      f[0] = sum
    }
  }

  private static let levy = TestProblem(
    "levy", "Levy", source: "Levy and Montalvo, SIAM J. Sci. Stat. Comput. 6 (1985)",
    sizes: .n(default: 10, minimum: 1)
  ) { n, _ in
    TestFunction(box(n, -10...10), objectives: 1, best: [.init(x: ones(n), f: 0)]) { x, f, _ in
      func w(_ i: Int) -> Double { 1 + (x[i] - 1) / 4 }
      var sum = squared(sin(.pi * w(0)))
      for i in 0..<n - 1 { sum += squared(w(i) - 1) * (1 + 10 * squared(sin(.pi * w(i) + 1))) }
      f[0] = sum + squared(w(n - 1) - 1) * (1 + squared(sin(2 * .pi * w(n - 1))))
    }
  }

  static let branin = TestFunction(
    [.real(-5...10), .real(0...15)], objectives: 1,
    // The bracket vanishes and the cosine is -1 there.
    best: [-Double.pi, .pi, 3 * .pi].map { x1 in .init(x: [x1, braninValley(x1)], f: 1.25 / Double.pi) }
  ) { x, f, _ in
    f[0] = squared(x[1] - braninValley(x[0])) + 10 * (1 - 0.125 / .pi) * cos(x[0]) + 10
  }

  static let hartmann6 = TestFunction(
    box(6, 0...1), objectives: 1,
    best: [
      .init(
        x: [0.20168952, 0.15001069, 0.47687398, 0.27533243, 0.31165162, 0.65730054], f: -3.322368011391339,
        isProven: false)
    ]
  ) { x, f, _ in
    var sum = 0.0
    for i in 0..<4 {
      var exponent = 0.0
      for j in 0..<6 { exponent += hartmannA[6 * i + j] * squared(x[j] - hartmannP[6 * i + j]) }
      sum += hartmannAlpha[i] * exp(-exponent)
    }
    f[0] = -sum
  }
}

private func braninValley(_ x1: Double) -> Double {
  let curvature = 5.1 / (4 * Double.pi * Double.pi)
  return curvature * x1 * x1 - 5 / Double.pi * x1 + 6
}

private let hartmannAlpha = [1.0, 1.2, 3.0, 3.2]
private let hartmannA: [Double] = [
  10, 3, 17, 3.5, 1.7, 8, 0.05, 10, 17, 0.1, 8, 14, 3, 3.5, 1.7, 10, 17, 8, 17, 8, 0.05, 10, 0.1, 14,
]
private let hartmannP: [Double] = [
  0.1312, 0.1696, 0.5569, 0.0124, 0.8283, 0.5886, 0.2329, 0.4135, 0.8307, 0.3736, 0.1004, 0.9991,
  0.2348, 0.1451, 0.3522, 0.2883, 0.3047, 0.6650, 0.4047, 0.8828, 0.8732, 0.5743, 0.1091, 0.0381,
]

/// Ackley's function of n numbers, with a = 20, b = 0.2, c = 2π.
func ackleyValue(_ n: Int, _ x: (Int) -> Double) -> Double {
  var (squares, cosines) = (0.0, 0.0)
  for i in 0..<n {
    let value = x(i)
    squares += value * value
    cosines += cos(2 * .pi * value)
  }
  // In this order the optimum is 0 to the last bit.
  return 20 * (1 - exp(-0.2 * (squares / Double(n)).squareRoot())) + (M_E - exp(cosines / Double(n)))
}

func squared(_ value: Double) -> Double { value * value }
func zeros(_ n: Int) -> [Double] { Array(repeating: 0, count: n) }
func ones(_ n: Int) -> [Double] { Array(repeating: 1, count: n) }
