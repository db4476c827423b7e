import DMOPluginKit
import Glibc

extension TestProblem {
  static let engineering: [TestProblem] = [
    weldedBeamProblem, carsideProblem, truss2dProblem, discBrakeProblem, pressureVesselProblem,
  ]

  private static let weldedBeamProblem = TestProblem(
    "welded_beam", "Welded beam", source: "Deb, Pratap and Moitra, PPSN (2000)"
  ) { _, _ in weldedBeam }

  private static let carsideProblem = TestProblem(
    "carside", "Car side impact", source: "Jain and Deb, IEEE Trans. Evol. Comput. 18 (2014)"
  ) { _, _ in
    carSide
  }

  private static let truss2dProblem = TestProblem(
    "truss2d", "Two-bar truss", source: "Deb, Multi-Objective Optimization (2001)"
  ) { _, _ in truss }

  private static let discBrakeProblem = TestProblem(
    "disc_brake", "Disc brake", source: "Ray and Liew, Eng. Optim. 34 (2002)"
  ) { _, _ in discBrake }

  private static let pressureVesselProblem = TestProblem(
    "pressure_vessel", "Pressure vessel", source: "Kannan and Kramer, J. Mech. Des. 116 (1994)"
  ) { _, _ in
    pressureVessel
  }

  /// x: weld thickness h, weld length l, beam height t, beam width b. f: cost, deflection.
  private static let weldedBeam = TestFunction(
    [
      .real(0.125...5, unit: "in"), .real(0.1...10, unit: "in"), .real(0.1...10, unit: "in"),
      .real(0.125...5, unit: "in"),
    ], objectives: 2, constraints: 4, units: ["1", "in"]
  ) { x, f, g in
    let (h, l, t, b) = (x[0], x[1], x[2], x[3])
    let (load, length) = (6000.0, 14.0)
    f[0] = 1.10471 * h * h * l + 0.04811 * t * b * (length + l)
    f[1] = 2.1952 / (t * t * t * b)
    let arm2 = 0.25 * (l * l + squared(h + t))
    let direct = load / (2.0.squareRoot() * h * l)
    let twist =
      load * (length + 0.5 * l) * arm2.squareRoot() / (2.0.squareRoot() * h * l * (l * l / 12 + 0.25 * squared(h + t)))
    let shear = (direct * direct + twist * twist + l * direct * twist / arm2.squareRoot()).squareRoot()
    let buckling = 64746.022 * (1 - 0.0282346 * t) * t * b * b * b
    g[0] = (shear - 13600) / 13600
    g[1] = (504000 / (t * t * b) - 30000) / 30000
    g[2] = (h - b) / (5 - 0.125)
    g[3] = (load - buckling) / load
  }

  /// x: seven thicknesses. f: weight, pubic force, mean velocity of the V-pillar.
  private static let carSide = TestFunction(
    [
      .real(0.5...1.5, unit: "mm"), .real(0.45...1.35, unit: "mm"), .real(0.5...1.5, unit: "mm"),
      .real(0.5...1.5, unit: "mm"), .real(0.875...2.625, unit: "mm"), .real(0.4...1.2, unit: "mm"),
      .real(0.4...1.2, unit: "mm"),
    ], objectives: 3, constraints: 10, units: ["kg", "kN", "mm/ms"]
  ) { x, f, g in
    let (x1, x2, x3, x4, x5, x6, x7) = (x[0], x[1], x[2], x[3], x[4], x[5], x[6])
    f[0] = 1.98 + 4.9 * x1 + 6.67 * x2 + 6.98 * x3 + 4.01 * x4 + 1.78 * x5 + 0.00001 * x6 + 2.73 * x7
    f[1] = 4.72 - 0.5 * x4 - 0.19 * x2 * x3
    let pillar = 10.58 - 0.674 * x1 * x2 - 0.67275 * x2
    let door = 16.45 - 0.489 * x3 * x7 - 0.843 * x5 * x6
    f[2] = 0.5 * (pillar + door)
    g[0] = 1.16 - 0.3717 * x2 * x4 - 0.0092928 * x3 - 1
    let upper1 = 0.261 - 0.0159 * x1 * x2 - 0.06486 * x1 - 0.019 * x2 * x7
    g[1] = (upper1 + 0.0144 * x3 * x5 + 0.0154464 * x6) / 0.32 - 1
    let upper2 = 0.214 + 0.00817 * x5 - 0.045195 * x1 - 0.0135168 * x1 + 0.03099 * x2 * x6
    g[2] = (upper2 - 0.018 * x2 * x7 + 0.007176 * x3 + 0.023232 * x3 - 0.00364 * x5 * x6 - 0.018 * x2 * x2) / 0.32 - 1
    g[3] = (0.74 - 0.61 * x2 - 0.031296 * x3 - 0.031872 * x7 + 0.227 * x2 * x2) / 0.32 - 1
    g[4] = (28.98 + 3.818 * x3 - 4.2 * x1 * x2 + 1.27296 * x6 - 2.68065 * x7) / 32 - 1
    g[5] = (33.86 + 2.95 * x3 - 5.057 * x1 * x2 - 3.795 * x2 - 3.4431 * x7 + 1.45728) / 32 - 1
    g[6] = (46.36 - 9.9 * x2 - 4.4505 * x1) / 32 - 1
    g[7] = f[1] / 4 - 1
    g[8] = pillar / 9.9 - 1
    g[9] = door / 15.7 - 1
  }

  /// x: two bar areas and the height of the joint. f: volume, the larger stress.
  private static let truss = TestFunction(
    [.real(0...0.01, unit: "m2"), .real(0...0.01, unit: "m2"), .real(1...3, unit: "m")], objectives: 2, constraints: 1,
    units: ["m3", "kPa"], front: trussFront
  ) { x, f, g in
    guard x[0] > 0, x[1] > 0 else { throw Infeasible("a bar without area carries no load") }
    let (y2, y) = (x[2] * x[2], x[2])
    f[0] = x[0] * (16 + y2).squareRoot() + x[1] * (1 + y2).squareRoot()
    f[1] = max(20 * (16 + y2).squareRoot() / (y * x[0]), 80 * (1 + y2).squareRoot() / (y * x[1]))
    g[0] = f[1] - 1e5
  }

  /// With both bars at the stress s the volume is (400 + 100 y²) / (y s), least at y = 2; where x2 would pass its bound
  /// it stays there and y grows to 3.
  private static let trussFront: @Sendable () -> [[Double]] = {
    let corner = 4000 * 5.0.squareRoot()
    let inner = grid(0...1, 151).map { t in corner * pow(1e5 / corner, t) }.map { [400 / $0, $0] }
    let outer = grid(2...3, 51).dropFirst().map { y in
      let stress = 8000 * (1 + y * y).squareRoot() / y
      return [20 * (16 + y * y) / (y * stress) + 0.01 * (1 + y * y).squareRoot(), stress]
    }
    return inner.reversed().map { $0 } + outer
  }

  /// x: inner and outer radius, force, number of surfaces (taken as real). f: mass, stopping time.
  private static let discBrake = TestFunction(
    [.real(55...80, unit: "mm"), .real(75...110, unit: "mm"), .real(1000...3000, unit: "N"), .real(11...20)],
    objectives: 2, constraints: 4, units: ["kg", "s"]
  ) { x, f, g in
    let (inner, outer, force, surfaces) = (x[0], x[1], x[2], x[3])
    let area = outer * outer - inner * inner
    guard area != 0 else { throw Infeasible("the disc has no area") }
    let cubes = outer * outer * outer - inner * inner * inner
    f[0] = 4.9e-5 * area * (surfaces - 1)
    f[1] = 9.82e6 * area / (force * surfaces * cubes)
    g[0] = 20 - (outer - inner)
    g[1] = force / (3.14 * area) - 0.4
    g[2] = 2.22e-3 * force * cubes / (area * area) - 1
    g[3] = 900 - 2.66e-2 * force * surfaces * cubes / area
  }

  /// x: shell and head thickness in 16ths of an inch, radius, length. f: cost.
  private static let pressureVessel: TestFunction = {
    let radius = 0.8125 / 0.0193
    // The shell's bound and the volume are both met with equality.
    let length = (1_296_000 - 4.0 / 3 * .pi * radius * radius * radius) / (.pi * radius * radius)
    return TestFunction(
      [
        .real(0.0625...6.1875, unit: "in", step: 0.0625), .real(0.0625...6.1875, unit: "in", step: 0.0625),
        .real(10...200, unit: "in"), .real(10...200, unit: "in"),
      ], objectives: 1, constraints: 4,
      best: [.init(x: [0.8125, 0.4375, radius, length], f: 6059.714335048436, isProven: false)]
    ) { x, f, g in
      let (shell, head, radius, length) = (x[0], x[1], x[2], x[3])
      let hull = 0.6224 * shell * radius * length + 1.7781 * head * radius * radius
      f[0] = hull + 3.1661 * shell * shell * length + 19.84 * shell * shell * radius
      g[0] = 0.0193 * radius - shell
      g[1] = 0.00954 * radius - head
      g[2] = 1_296_000 - .pi * radius * radius * length - 4.0 / 3 * .pi * radius * radius * radius
      g[3] = length - 240
    }
  }()
}
