import Glibc

private let paper = "Ma and Wang, IEEE Trans. Evol. Comput. 23 (2019)"

extension TestProblem {
  static let mw: [TestProblem] = [
    mw1, mw2, mw3, mw4, mw5, mw6, mw7, mw8, mw9, mw10, mw11, mw12, mw13, mw14,
  ]

  private static let mw1 = twoObjectives("mw1", "MW1 (front in pieces)", g1, objectives: { t, g in (t, g - 0.85 * t) })
  { f1, f2, c in
    let l = 2.0.squareRoot() * (f2 - f1)
    c[0] = f1 + f2 - 1 - 0.5 * pow(sin(2 * .pi * l), 8)
  }

  private static let mw2 = twoObjectives(
    "mw2", "MW2 (front in pieces, multimodal)", g2, objectives: { t, g in (t, g - t) }
  ) { f1, f2, c in
    let l = 2.0.squareRoot() * (f2 - f1)
    c[0] = f1 + f2 - 1 - 0.5 * pow(sin(3 * .pi * l), 8)
  }

  private static let mw3 = twoObjectives(
    "mw3", "MW3 (front partly on the constraints)", g3, constraints: 2, objectives: { t, g in (t, g - t) }
  ) { f1, f2, c in
    let l = 2.0.squareRoot() * (f2 - f1)
    c[0] = f1 + f2 - 1.05 - 0.45 * pow(sin(0.75 * .pi * l), 6)
    c[1] = 0.85 - f1 - f2 + 0.3 * pow(sin(0.75 * .pi * l), 2)
  }

  private static let mw5 = twoObjectives(
    "mw5", "MW5 (front of points and pieces)", g1, constraints: 3,
    // The unit arc is feasible where the constraints' sine vanishes, and nowhere else.
    isolated: (0...7).flatMap { k in
      let t = pow(Double(k) * .pi / 6, 1.0 / 3)
      return [t / 2, (.pi - t) / 2].map { cos($0) }
    },
    objectives: { t, g in arc(t, g, 1) }
  ) { f1, f2, c in
    let (r2, angle) = (f1 * f1 + f2 * f2, atan(f2 / f1))
    let t = 0.5 * .pi - 2 * abs(angle - 0.25 * .pi)
    c[0] = r2 - squared(1.7 - 0.2 * sin(2 * angle))
    c[1] = squared(1 + 0.5 * sin(6 * t * t * t)) - r2
    c[2] = squared(1 - 0.45 * sin(6 * t * t * t)) - r2
  }

  private static let mw6 = twoObjectives(
    "mw6", "MW6 (narrow feasible strips)", g2, upper: 1.1, objectives: { t, g in arc(t, g, 1.1) }
  ) { f1, f2, c in
    let l = pow(cos(6 * pow(atan(f2 / f1), 4)), 10)
    c[0] = squared(f1 / (1 + 0.15 * l)) + squared(f2 / (1 + 0.75 * l)) - 1
  }

  private static let mw7 = twoObjectives(
    "mw7", "MW7 (front partly on the constraints)", g3, constraints: 2, objectives: { t, g in arc(t, g, 1) }
  ) { f1, f2, c in
    let (r2, angle) = (f1 * f1 + f2 * f2, atan(f2 / f1))
    c[0] = r2 - squared(1.2 + 0.4 * pow(sin(4 * angle), 16))
    c[1] = squared(1.15 - 0.2 * pow(sin(4 * angle), 8)) - r2
  }

  private static let mw9 = twoObjectives(
    "mw9", "MW9 (front on a constraint)", g1, objectives: { t, g in (g * t, g * (1 - pow(t, 0.6))) }
  ) { f1, f2, c in
    let squares = f1 * f1
    let t1 = (1 - 0.64 * squares - f2) * (1 - 0.36 * squares - f2)
    let t2 = (squared(1.35) - squared(f1 + 0.35) - f2) * (squared(1.15) - squared(f1 + 0.15) - f2)
    c[0] = min(t1, t2)
  }

  private static let mw10 = twoObjectives(
    "mw10", "MW10 (front in pieces on constraints)", g2, constraints: 3, bias: true,
    objectives: { t, g in (g * t, g * (1 - t * t)) }
  ) { f1, f2, c in
    let squares = f1 * f1
    c[0] = -(2 - 4 * squares - f2) * (2 - 8 * squares - f2)
    c[1] = (2 - 2 * squares - f2) * (2 - 16 * squares - f2)
    c[2] = (1 - squares - f2) * (1.2 - 1.2 * squares - f2)
  }

  private static let mw11 = twoObjectives(
    "mw11", "MW11 (front in pieces on constraints)", g3, constraints: 4, upper: 2.0.squareRoot(),
    objectives: { t, g in arc(t, g, 2.0.squareRoot()) }
  ) { f1, f2, c in
    let squares = f1 * f1
    c[0] = -(3 - squares - f2) * (3 - 2 * squares - f2)
    c[1] = (3 - 0.625 * squares - f2) * (3 - 7 * squares - f2)
    c[2] = -(1.62 - 0.18 * squares - f2) * (1.125 - 0.125 * squares - f2)
    c[3] = (2.07 - 0.23 * squares - f2) * (0.63 - 0.07 * squares - f2)
  }

  private static let mw12 = twoObjectives(
    "mw12", "MW12 (front in pieces on constraints)", g1, constraints: 2,
    objectives: { t, g in (g * t, g * (0.85 - 0.8 * t - 0.08 * abs(sin(3.2 * .pi * t)))) }
  ) { f1, f2, c in
    c[0] =
      -(1 - 0.625 * f1 - f2 + 0.08 * sin(2 * .pi * (f2 - f1 / 1.6)))
      * (1.4 - 0.875 * f1 - f2 + 0.08 * sin(2 * .pi * (f2 / 1.4 - f1 / 1.6)))
    c[1] =
      (1 - 0.8 * f1 - f2 + 0.08 * sin(2 * .pi * (f2 - f1 / 1.5)))
      * (1.8 - 1.125 * f1 - f2 + 0.08 * sin(2 * .pi * (f2 / 1.8 - f1 / 1.6)))
  }

  private static let mw13 = twoObjectives(
    "mw13", "MW13 (front partly on constraints)", g2, constraints: 2, upper: 1.5,
    objectives: { t, g in (g * t, g * (5 - exp(t) - abs(0.5 * sin(3 * .pi * t)))) }
  ) { f1, f2, c in
    let wave = 0.5 * sin(3 * .pi * f1)
    c[0] = -(5 - (1 + f1 + 0.5 * f1 * f1) - wave - f2) * (5 - (1 + 0.7 * f1) - wave - f2)
    c[1] = (5 - exp(f1) - wave - f2) * (5 - (1 + 0.4 * f1) - wave - f2)
  }

  /// A problem of two objectives that depend on one position number t and the distance g ≥ 1, and constraints on them
  /// alone.
  private static func twoObjectives(
    _ id: String, _ name: String, _ distance: @escaping MWDistance, constraints: Int = 1, upper: Double = 1,
    bias: Bool = false, isolated: [Double] = [],
    objectives: @escaping @Sendable (_ t: Double, _ g: Double) -> (Double, Double),
    constraint: @escaping MWConstraint
  ) -> TestProblem {
    TestProblem(id, name, source: paper, sizes: .n(default: 15, minimum: 3)) { n, _ in
      TestFunction(
        box(n, 0...upper), objectives: 2, constraints: constraints,
        front: { mwFront(0...upper, constraints, isolated: isolated, objectives, constraint) }
      ) { x, f, c in
        (f[0], f[1]) = objectives(bias ? pow(x[0], Double(n)) : x[0], distance(x, 2))
        constraint(f[0], f[1], c)
      }
    }
  }

  private static let sizes = Sizes.nm(n: 15, m: 3, minimum: { $0 + 1 })

  private static let mw4 = TestProblem("mw4", "MW4 (flat front)", source: paper, sizes: sizes) { n, m in
    // At g = 1 the constraint always holds, so that the whole simplex is the front.
    TestFunction(box(n, 0...1), objectives: m, constraints: 1, front: { simplexLattice(m) }) { x, f, c in
      var product = g1(x, m)
      for i in 0..<m - 1 {
        f[m - 1 - i] = product * x[i]
        product *= 1 - x[i]
      }
      f[0] = product
      var (sum, l) = (f[m - 1], f[m - 1])
      for i in 0..<m - 1 {
        sum += f[i]
        l -= f[i]
      }
      c[0] = sum - 1 - 0.4 * pow(sin(2.5 * .pi * l), 8)
    }
  }

  private static let mw8 = TestProblem("mw8", "MW8 (rings of a sphere)", source: paper, sizes: sizes) { n, m in
    // The constraint only gets worse with the distance, so that the front is what is feasible of the sphere.
    TestFunction(
      box(n, 0...1), objectives: m, constraints: 1,
      front: { sphereLattice(m, limit: 1200).filter { 1 - squared(ringRadius(asin(min(1, $0[m - 1])))) <= 0 } }
    ) { x, f, c in
      let g = g2(x, m)
      var product = g
      for i in 0..<m - 1 {
        f[m - 1 - i] = product * sin(x[i] * .pi / 2)
        product *= cos(x[i] * .pi / 2)
      }
      f[0] = product
      var r2 = 0.0
      for i in 0..<m { r2 += f[i] * f[i] }
      c[0] = r2 - squared(ringRadius(asin(min(1, f[m - 1] / r2.squareRoot()))))
    }
  }

  private static let mw14 = TestProblem("mw14", "MW14 (front in pieces)", source: paper, sizes: sizes) { n, m in
    let term = { @Sendable (t: Double) in 6 - exp(t) - 1.5 * sin(1.1 * .pi * t * t) }
    return TestFunction(
      box(n, 0...1.5), objectives: m, constraints: 1,
      front: {
        // At g = 1 the constraint always holds; f_m is a sum, so that each number must be one that lowers it.
        let each = max(3, Int(pow(600, 1 / Double(m - 1))))
        return product(thinned(runningMinima(0...1.5, of: term), limit: each), times: m - 1).map { row in
          row + [row.reduce(0) { $0 + term($1) } / Double(m - 1)]
        }
      }
    ) { x, f, c in
      let g = g3(x, m)
      var (sum, bound) = (0.0, 0.0)
      for i in 0..<m - 1 {
        f[i] = x[i]
        sum += term(x[i])
        bound += 6.1 - (1 + x[i] + 0.5 * x[i] * x[i] + 1.5 * sin(1.1 * .pi * x[i] * x[i]))
      }
      f[m - 1] = g * sum / Double(m - 1)
      c[0] = f[m - 1] - bound / Double(m - 1)
    }
  }
}

private func ringRadius(_ angle: Double) -> Double { 1.25 - 0.5 * squared(sin(6 * angle)) }

/// The point at t on an arc of a radius, times g. Rounding may put t a little outside the arc.
private func arc(_ t: Double, _ g: Double, _ radius: Double) -> (Double, Double) {
  (g * t, g * max(0, radius * radius - t * t).squareRoot())
}
