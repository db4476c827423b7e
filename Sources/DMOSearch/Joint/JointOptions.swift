import DMOCore

/// The settings of the `joint` strategy.
struct JointOptions {
  var initial: Int
  var design: SpaceFillingDesign.Kind
  var sweeps: Int
  /// Points chosen from one fit; nil: by the budget.
  var batch: Int
  var generations = 40
  var populationSize = 60
  var hasGradientStep = true
  var usesSensitivity = true

  static let info = StrategyInfo(
    id: "joint",
    summary: "constraints, several objectives: operators and gradient steps on one network, by expected improvement",
    trainers: ["joint"],
    options: EvolutionOptions.design + [
      ProblemOption(
        key: "batch", kind: .int, help: "points chosen from one fit; default a fiftieth of the budget, 2 to 10",
        limits: 1...10_000),
      ProblemOption(
        key: "population-size", kind: .int, help: "points of a generation on the surrogate", defaultText: "60",
        limits: 4...10_000),
      ProblemOption(
        key: "num-generations", kind: .int, help: "generations on the surrogate for each fit", defaultText: "40",
        limits: 0...10_000),
      ProblemOption(
        key: "gradient-step", kind: .bool, help: "steps along the unified gradient; false leaves the operators alone",
        defaultText: "true"),
      ProblemOption(
        key: "sensitivity", kind: .choice,
        help: "what shapes distribution indices, steps and trust regions: gradient, or none", defaultText: "gradient",
        choices: ["gradient", "none"]),
    ])

  init(_ values: OptionValues, _ setup: SearchSetup) {
    let shared = EvolutionOptions(values, setup)
    initial = shared.initial ?? GradientOptions.initialCount(dimension: setup.space.dimension, budget: setup.budget)
    design = shared.design
    sweeps = shared.sweeps
    batch = values.int("batch") ?? min(max(setup.budget / 50, 2), 10)
    populationSize = shared.populationSize ?? populationSize
    generations = shared.generations
    hasGradientStep = values.bool("gradient-step")
    usesSensitivity = values.text("sensitivity") != "none"
  }
}
