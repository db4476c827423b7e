import Glibc

extension TestProblem {
  /// Ackley's function of eight numbers of every kind: three reals, two integers, two booleans, and a word that stands
  /// for 0, 1 or 2. The optimum is where all are 0.
  static let mixed = TestProblem(
    "ackley-mixed", "Ackley with every kind of parameter", source: "Ackley (1987), over mixed parameters"
  ) { _, _ in
    TestFunction(
      box(3, -32.768...32.768)
        + [.integer(-32...32), .integer(-32...32), .boolean, .boolean, .categorical(["low", "middle", "high"])],
      objectives: 1, best: [.init(x: zeros(8), f: 0)]
    ) { x, f, _ in
      f[0] = ackleyValue(8) { x[$0] }
    }
  }
}
