import Glibc

private let paper = "Huband, Hingston, Barone and While, IEEE Trans. Evol. Comput. 10 (2006)"
private typealias Scratch = UnsafeMutableBufferPointer<Double>

extension TestProblem {
  static let wfg: [TestProblem] = [
    wfg1, wfg4,
  ]

  private static let wfg1 = TestProblem("wfg1", "WFG1 (mixed front, biased)", source: paper, sizes: sizes) { n, m in
    wfgFunction(n, m, shape: convexMixed) { z, k in
      for i in k..<n { z[i] = unit(flat(unit(linearShift(z[i], 0.35)), 0.8, 0.75, 0.85)) }
      for i in 0..<n { z[i] = pow(z[i], 0.02) }
      reduce(z, k, m) { 2 * Double($0 + 1) }
    }
  }

  private static let wfg4 = TestProblem("wfg4", "WFG4 (concave front, multimodal)", source: paper, sizes: sizes) {
    n, m in
    wfgFunction(n, m, shape: concave) { z, k in
      for i in 0..<n { z[i] = unit(multimodalShift(z[i], 30, 10, 0.35)) }
      reduce(z, k, m) { _ in 1 }
    }
  }

  private static let sizes = Sizes.nm(n: 10, m: 3, minimum: { positions($0) + 1 })
}

/// How many of the variables say where on the front a point is: 2 (m - 1), and 4 for two objectives.
private func positions(_ m: Int) -> Int { m == 2 ? 4 : 2 * (m - 1) }

/// f_i = x_m + 2i h_i(x), where x is what `transform` leaves in the first m numbers of its scratch.
private func wfgFunction(
  _ n: Int, _ m: Int, shape: @escaping @Sendable (Int, Int, Scratch) -> Double,
  transform: @escaping @Sendable (Scratch, Int) -> Void
) -> TestFunction {
  let k = positions(m)
  let variables = (1...n).map { TestFunction.Variable.real(0...2 * Double($0)) }
  let front: @Sendable () -> [[Double]] = {
    let each = m == 2 ? 201 : max(3, Int(pow(600, 1 / Double(m - 1))))
    return product(grid(0...1, each), times: m - 1).map { row in
      var x = row + [0]
      return x.withUnsafeMutableBufferPointer { x in (0..<m).map { 2 * Double($0 + 1) * shape($0, m, x) } }
    }
  }
  return TestFunction(variables, objectives: m, front: front) { x, f, _ in
    withUnsafeTemporaryAllocation(of: Double.self, capacity: n) { z in
      for i in 0..<n { z.initializeElement(at: i, to: x[i] / (2 * Double(i + 1))) }
      transform(z, k)
      let last = z[m - 1]
      for i in 0..<m - 1 { z[i] = max(last, 1) * (z[i] - 0.5) + 0.5 }
      for i in 0..<m { f[i] = last + 2 * Double(i + 1) * shape(i, m, z) }
    }
  }
}

/// Weighted means: of each of the m - 1 groups of position numbers, and of the distance numbers. In place: a group's
/// mean is written where it or an earlier group was.
private func reduce(_ z: Scratch, _ k: Int, _ m: Int, weight: (Int) -> Double) {
  let group = k / (m - 1)
  for i in 0..<m {
    let members = i < m - 1 ? i * group..<(i + 1) * group : k..<z.count
    var (sum, weights) = (0.0, 0.0)
    for j in members {
      sum += weight(j) * z[j]
      weights += weight(j)
    }
    z[i] = unit(sum / weights)
  }
}

/// Rounding may leave [0, 1] by a few units in the last place.
private func unit(_ y: Double) -> Double { min(max(y, 0), 1) }

private func linearShift(_ y: Double, _ a: Double) -> Double { abs(y - a) / abs((a - y).rounded(.down) + a) }

private func flat(_ y: Double, _ a: Double, _ b: Double, _ c: Double) -> Double {
  a + min(0, (y - b).rounded(.down)) * a * (b - y) / b - min(0, (c - y).rounded(.down)) * (1 - a) * (y - c) / (1 - c)
}

private func multimodalShift(_ y: Double, _ a: Double, _ b: Double, _ c: Double) -> Double {
  let part = abs(y - c) / (2 * ((c - y).rounded(.down) + c))
  return (1 + cos((4 * a + 2) * .pi * (0.5 - part)) + 4 * b * part * part) / (b + 2)
}

/// h_i of m: a product over the first m - 1 - i numbers, and one more factor for all but the first.
private func concave(_ i: Int, _ m: Int, _ x: Scratch) -> Double {
  var h = 1.0
  for j in 0..<m - 1 - i { h *= sin(x[j] * .pi / 2) }
  return i == 0 ? h : h * cos(x[m - 1 - i] * .pi / 2)
}

private func convexMixed(_ i: Int, _ m: Int, _ x: Scratch) -> Double {
  // Falls all the way (its slope is cos 10πx - 1), so that the whole surface is the front.
  if i == m - 1 { return 1 - x[0] - cos(10 * .pi * x[0] + .pi / 2) / (10 * .pi) }
  var h = 1.0
  for j in 0..<m - 1 - i { h *= 1 - cos(x[j] * .pi / 2) }
  return i == 0 ? h : h * (1 - sin(x[m - 1 - i] * .pi / 2))
}
