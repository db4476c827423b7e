import DMOCore

/// The settings of the `bayes` strategy.
struct BayesOptions: Equatable {
  /// Points of the space-filling design before the first fit.
  var initial: Int
  var design: SpaceFillingDesign.Kind = .lhs
  /// Points at which the acquisition is looked at before the best are improved.
  var raw = 512
  /// Points from which it is climbed.
  var restarts = 10

  static let info = StrategyInfo(
    id: "bayes",
    summary: "Bayesian optimisation: the point of the largest log expected (feasible) improvement",
    trainers: ["gp", "ensemble"],
    options: [
      ProblemOption(
        key: "initial", kind: .int,
        help: "points of the initial design; default 2(n + 1) for n parameters, at most 64 and half the budget",
        limits: 1...1_000_000),
      ProblemOption(
        key: "design", kind: .choice, help: "the initial design", defaultText: "lhs",
        choices: SpaceFillingDesign.Kind.allCases.map(\.rawValue)),
      ProblemOption(
        key: "raw", kind: .int, help: "points at which the acquisition is looked at first", defaultText: "512",
        limits: 1...1_000_000),
      ProblemOption(
        key: "restarts", kind: .int, help: "points from which it is then climbed by L-BFGS", defaultText: "10",
        limits: 1...10_000),
    ])

  /// The strategy of several objectives; it climbs nothing.
  static let front = StrategyInfo(
    id: "bayes-mo",
    summary: "Bayesian optimisation of several objectives: expected (feasible) hypervolume improvement",
    trainers: ["gp", "ensemble"], options: info.options.filter { $0.key != "restarts" })

  init(_ values: OptionValues, _ setup: SearchSetup) {
    let wanted = min(2 * (setup.space.dimension + 1), 64)
    initial = values.int("initial") ?? max(1, min(wanted, setup.budget / 2))
    design = values.text("design").flatMap { SpaceFillingDesign.Kind(rawValue: $0) } ?? design
    raw = values.int("raw") ?? raw
    restarts = values.int("restarts") ?? restarts
  }
}
