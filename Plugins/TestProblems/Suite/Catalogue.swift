import DMOPluginKit

/// All test problems.
public enum Catalogue {
  /// Every function, once.
  public static let functions: [TestProblem] =
    TestProblem.singleObjective + TestProblem.zdt + TestProblem.dtlz + TestProblem.wfg + TestProblem.constrainedDTLZ
    + TestProblem.mw + TestProblem.constrained + TestProblem.engineering + [TestProblem.mixed]

  /// The ids that also have the variants for trying an engine.
  static let varied = ["branin", "zdt1"]

  /// The plugin with every problem and variant.
  public static let plugin = Plugin(
    id: "org.dmo.testproblems", name: "Test problems", version: "1.0.0", vendor: "dmo", license: "Apache-2.0",
    problems: functions.map { problem($0, .plain) }
      + functions.filter { varied.contains($0.id) }.flatMap { function in
        [Variant.hidden, .flaky, .noisy].map { problem(function, $0) }
      })

  private static func problem(_ problem: TestProblem, _ variant: Variant) -> Problem {
    // A point without an answer exists in two of the engineering problems too.
    let undefined = ["truss2d", "disc_brake"].contains(problem.id) ? About.Traits.hiddenConstraints : []
    let about = About(
      id: problem.id + variant.suffix, name: problem.name + variant.remark, summary: problem.source,
      traits: variant.traits.union(undefined), options: problem.options + variant.options + [work])
    return Problem(about) { declare, options, _ in
      try TestSimulation(problem, variant, &declare, options: options)
    }
  }

  private static let work = Option.real(
    "work_ms", help: "every evaluation takes at least this long", unit: "ms", default: 0, in: 0...3_600_000)
}
