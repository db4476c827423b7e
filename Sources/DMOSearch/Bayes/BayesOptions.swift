import DMOCore

/// The settings of the `bayes` strategy.
struct BayesOptions: Equatable {
  /// Points of the space-filling design before the first fit.
  var initial: Int
  var design: SpaceFillingDesign.Kind = .lhs
  /// Points at which the acquisition is looked at before the best are improved.
  var raw: Int
  /// Points from which it is climbed.
  var restarts: Int

  /// Up to so many dimensions scattered points find hills of the acquisition. Far beyond, all of them are equally far
  /// from everything known, those around the best points are what counts, and a look costs O(rows · dimension).
  private static let scatteredDimensions = 256

  static let info = StrategyInfo(
    id: "bayes",
    summary: "Bayesian optimisation: the point of the largest log expected (feasible) improvement",
    trainers: ["gp", "ensemble"],
    options: [
      ProblemOption(
        key: "initial", kind: .int,
        help: "points of the initial design; default 2(n + 1) for n parameters, at most 64 and half the budget; from "
          + "\(StrategyInfo.wideDimension) parameters on 20", limits: 1...1_000_000),
      ProblemOption(
        key: "design", kind: .choice, help: "the initial design", defaultText: "lhs",
        choices: SpaceFillingDesign.Kind.allCases.map(\.rawValue)),
      ProblemOption(
        key: "raw", kind: .int,
        help: "points at which the acquisition is looked at first; default 512, above 256 parameters 64",
        limits: 1...1_000_000),
      ProblemOption(
        key: "restarts", kind: .int,
        help: "points from which it is then climbed by L-BFGS; default 10, above 256 parameters 2",
        limits: 1...10_000),
    ])

  /// The strategy of several objectives; it climbs nothing.
  static let front = StrategyInfo(
    id: "bayes-mo",
    summary: "Bayesian optimisation of several objectives: expected (feasible) hypervolume improvement",
    trainers: ["gp", "ensemble"], options: info.options.filter { $0.key != "restarts" })

  init(_ values: OptionValues, _ setup: SearchSetup) {
    let isWide = setup.space.dimension >= StrategyInfo.wideDimension
    let wanted = isWide ? 20 : min(2 * (setup.space.dimension + 1), 64)
    initial = values.int("initial") ?? max(1, min(wanted, setup.budget / 2))
    design = values.text("design").flatMap { SpaceFillingDesign.Kind(rawValue: $0) } ?? design
    let isScattered = setup.space.dimension <= Self.scatteredDimensions
    raw = values.int("raw") ?? (isScattered ? 512 : 64)
    restarts = values.int("restarts") ?? (isScattered ? 10 : 2)
  }
}
