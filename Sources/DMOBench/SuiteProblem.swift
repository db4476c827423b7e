/// A problem of the multi-objective suite: which one, where its hypervolume is measured from, and the best that is known.
public struct SuiteProblem: Sendable, Equatable {
  /// Formulas need no worker process.
  public var isCheap: Bool { plugin == "testproblems" }

  /// A value that a search is meant to reach, from a reference of its own.
  public struct Goal: Sendable, Equatable {
    public let evaluations: Int
    public let reference: [Double]
    public let hypervolume: Double
  }

  public let id: String
  /// The plugin's name.
  public let plugin: String
  /// Plugin options that are not the problem's defaults.
  public let options: [String: String]
  /// Shape (objectives), losses.
  public let reference: [Double]
  /// The largest hypervolume known, beyond `reference`.
  public let best: Double
  public let goals: [Goal]

  init(
    _ id: String, _ reference: [Double], best: Double, options: [String: String] = [:], goals: [Goal] = [],
    plugin: String = "testproblems"
  ) {
    (self.id, self.reference, self.best, self.options, self.goals) = (id, reference, best, options, goals)
    self.plugin = plugin
  }

  /// Parameters are the plugin's defaults, but for DTLZ2, which has ten as in dmosopt's recorded runs. References and
  /// `best`: docs/benchmarks.md says where each comes from.
  public static let all = [
    SuiteProblem(
      "zdt1", [1.1, 1.1], best: 0.87667,
      goals: [Goal(evaluations: 100, reference: [1.1, 1.1], hypervolume: 0.84)]),
    SuiteProblem("zdt2", [1.1, 1.1], best: 0.54333),
    SuiteProblem("zdt3", [1.1, 1.1], best: 1.33176),
    SuiteProblem("dtlz2", [1.1, 1.1, 1.1], best: 0.80740, options: ["n": "10"]),
    SuiteProblem("c2dtlz2", [1.1, 1.1, 1.1], best: 0.72672),
    SuiteProblem(
      "tnk", [1.2, 1.2], best: 0.65506,
      goals: [Goal(evaluations: 206, reference: [1.1, 1.1], hypervolume: 0.41)]),
    SuiteProblem("srn", [231.21, -5.958], best: 25287.3),
    SuiteProblem("bnh", [149.6, 54.6], best: 6414.98),
    SuiteProblem("osy", [0, 90], best: 19530.9),
    SuiteProblem("mw1", [1.1, 1.085], best: 0.57128),
    SuiteProblem("mw2", [1.1, 1.1], best: 0.70495),
    SuiteProblem("mw3", [1.1, 1.1], best: 0.66076),
    SuiteProblem("welded_beam", [40, 0.02], best: 0.70005),
    SuiteProblem("carside", [45, 4.2, 13.5], best: 28.1551),
  ]
}
