import DMOCore

/// The settings of the `gradient` strategy.
struct GradientOptions: Equatable {
  /// Points of the space-filling design before the first fit.
  var initial: Int
  var design: SpaceFillingDesign.Kind = .lhs
  /// N_top: how many of the best points make a step in each iteration.
  var starts = 1
  /// η_x: Adam's rate, in the unit cube; a point's rate falls when its step did not improve.
  var step: Double
  /// M: samples drawn around each new point. Each costs an evaluation.
  var local = 0
  /// One sample around a point whose step did not improve.
  var isLocalAfterFailure = true
  /// Standard deviation of local samples, in the unit cube.
  var sigma = 0.02
  /// Train on the initial design alone: offline optimisation, Algorithm A1.
  var isFittedOnce = false
  /// Steps on the corrected surrogate before each evaluation; 0: one Adam step along its gradient; nil: the default for
  /// what is learnt.
  var inner: Int?
  /// Telemetry also compares with the plugin's exact gradient.
  var isCompared = true

  static let info = StrategyInfo(
    id: "gradient",
    summary: "steps from the best points along the surrogate's gradient (Algorithm 1 of arXiv 2501.19161, online)",
    trainers: ["gradpie", "mae", "mse", "gradpie+mae", "ensemble", "gp", "joint", "exact"],
    options: [
      ProblemOption(
        key: "initial", kind: .int,
        help: "points of the initial design; default 20 up to 20 parameters, then up to 64, from "
          + "\(StrategyInfo.wideDimension) on 20 again; at most half the budget",
        limits: 1...1_000_000),
      ProblemOption(
        key: "design", kind: .choice, help: "the initial design", defaultText: "lhs",
        choices: SpaceFillingDesign.Kind.allCases.map(\.rawValue)),
      ProblemOption(
        key: "starts", kind: .int, help: "how many of the best points make a step in each iteration", defaultText: "1",
        limits: 1...10_000),
      ProblemOption(
        key: "step", kind: .real,
        help: "first step of each coordinate, as a part of its range; default 0.05, from "
          + "\(StrategyInfo.wideDimension) parameters on 0.1", limits: 1e-6...1),
      ProblemOption(
        key: "local", kind: .int, help: "samples around each new point; each costs an evaluation", defaultText: "0",
        limits: 0...10_000),
      ProblemOption(
        key: "local-after-failure", kind: .bool,
        help: "a sample around a point whose step did not improve, before its next step", defaultText: "true"),
      ProblemOption(
        key: "sigma", kind: .real, help: "standard deviation of these samples, as a part of the range",
        defaultText: "0.02", limits: 1e-9...1),
      ProblemOption(
        key: "fit-once", kind: .bool,
        help: "train on the initial design alone, then only step: offline optimisation (Algorithm A1)",
        defaultText: "false"),
      ProblemOption(
        key: "inner", kind: .int,
        help: "steps on the surrogate, corrected to the true value at the start, before each evaluation; 0: one step "
          + "along its gradient, as published; default 30 where observed outputs are learnt, else 0", limits: 0...10_000
      ),
      ProblemOption(
        key: "compare-exact", kind: .bool,
        help: "telemetry compares with the plugin's own gradient where it offers one: one call more an iteration",
        defaultText: "true"),
    ], wideTrainer: "gp")

  init(_ values: OptionValues, _ setup: SearchSetup) {
    initial = values.int("initial") ?? Self.initialCount(dimension: setup.space.dimension, budget: setup.budget)
    design = values.text("design").flatMap { SpaceFillingDesign.Kind(rawValue: $0) } ?? design
    starts = values.int("starts") ?? starts
    step = values.real("step") ?? (setup.space.dimension < StrategyInfo.wideDimension ? 0.05 : 0.1)
    local = values.int("local") ?? local
    isLocalAfterFailure = values.bool("local-after-failure")
    sigma = values.real("sigma") ?? sigma
    isFittedOnce = values.bool("fit-once")
    inner = values.int("inner") ?? inner
    isCompared = values.bool("compare-exact")
  }

  /// 2n, yet at least 20 and at most 64, 20 in thousands of dimensions (where no affordable number fills the space, and
  /// the first steps bring more), and never more than half of what may be spent.
  static func initialCount(dimension: Int, budget: Int) -> Int {
    let isFilled = dimension > 20 && dimension < StrategyInfo.wideDimension
    let wanted = isFilled ? min(2 * dimension, 64) : 20
    return max(1, min(wanted, budget / 2))
  }
}
