import Glibc

private let paper = "Zitzler, Deb and Thiele, Evol. Comput. 8 (2000)"

extension TestProblem {
  static let zdt: [TestProblem] = [
    zdt1, zdt2, zdt3, zdt4, zdt6,
  ]

  private static let zdt1 = TestProblem(
    "zdt1", "ZDT1 (convex front)", source: paper, sizes: .n(default: 30, minimum: 2)
  ) { n, _ in
    zdtLinear(n) { 1 - $0.squareRoot() }
  }

  private static let zdt2 = TestProblem(
    "zdt2", "ZDT2 (concave front)", source: paper, sizes: .n(default: 30, minimum: 2)
  ) { n, _ in
    zdtLinear(n) { 1 - $0 * $0 }
  }

  private static let zdt3 = TestProblem(
    "zdt3", "ZDT3 (front in five pieces)", source: paper, sizes: .n(default: 30, minimum: 2)
  ) { n, _ in
    var function = zdtLinear(n) { _ in 0 }
    function.formula = { x, f, _ in
      let g = linearDistance(x, n)
      (f[0], f[1]) = (x[0], g * (1 - (x[0] / g).squareRoot() - x[0] / g * sin(10 * .pi * x[0])))
    }
    function.front = {
      func f2(_ f1: Double) -> Double { 1 - f1.squareRoot() - f1 * sin(10 * .pi * f1) }
      return thinned(runningMinima(0...1, of: f2)).map { [$0, f2($0)] }
    }
    return function
  }

  private static let zdt4 = TestProblem(
    "zdt4", "ZDT4 (21⁹ local fronts)", source: paper, sizes: .n(default: 10, minimum: 2)
  ) { n, _ in
    TestFunction(
      [.real(0...1)] + box(n - 1, -5...5), objectives: 2,
      front: { grid(0...1, 201).map { [$0, 1 - $0.squareRoot()] } }
    ) { x, f, _ in
      var g = 1 + 10 * Double(n - 1)
      for i in 1..<n { g += x[i] * x[i] - 10 * cos(4 * .pi * x[i]) }
      (f[0], f[1]) = (x[0], g * (1 - (x[0] / g).squareRoot()))
    }
  }

  private static let zdt6 = TestProblem(
    "zdt6", "ZDT6 (points crowd at one end)", source: paper, sizes: .n(default: 10, minimum: 2)
  ) { n, _ in
    @Sendable func first(_ x1: Double) -> Double { 1 - exp(-4 * x1) * pow(sin(6 * .pi * x1), 6) }
    return TestFunction(
      box(n, 0...1), objectives: 2,
      front: {
        let lowest = runningMinima(0...1, of: first).map(first).min() ?? 0
        return grid(lowest...1, 201).map { [$0, 1 - $0 * $0] }
      }
    ) { x, f, _ in
      var sum = 0.0
      for i in 1..<n { sum += x[i] }
      let g = 1 + 9 * pow(sum / Double(n - 1), 0.25)
      f[0] = first(x[0])
      f[1] = g * (1 - squared(f[0] / g))
    }
  }

  /// f2 = g h(f1 / g), with the g of ZDT1 to 3.
  static func zdtLinear(_ n: Int, _ h: @escaping @Sendable (Double) -> Double) -> TestFunction {
    TestFunction(box(n, 0...1), objectives: 2, front: { grid(0...1, 201).map { [$0, h($0)] } }) { x, f, _ in
      let g = linearDistance(x, n)
      (f[0], f[1]) = (x[0], g * h(x[0] / g))
    }
  }
}

/// 1 + 9 times the mean of x2 … xn.
private func linearDistance(_ x: UnsafeBufferPointer<Double>, _ n: Int) -> Double {
  var sum = 0.0
  for i in 1..<n { sum += x[i] }
  return 1 + 9 * sum / Double(n - 1)
}
