import DMOCore

/// The settings of the `joint` strategy.
struct JointOptions {
  var initial: Int
  var design: SpaceFillingDesign.Kind
  var sweeps: Int
  /// Points chosen from one fit; nil: as many as are known allow.
  private var batch: Int?
  /// At least so many points, and this part of those known.
  private let ahead: (least: Int, part: Double)
  /// There are many workers: large batches are chosen from large pools, and the network learns again when enough is
  /// new.
  let isWide: Bool
  var generations = 40
  var populationSize = 60
  var hasGradientStep = true
  var sensitivity = Sensitivity.gradient

  /// Which sensitivities on the surrogate shape distribution indices, steps and trust regions.
  enum Sensitivity: String, CaseIterable { case gradient, fast, dgsm, none }

  static let info = StrategyInfo(
    id: "joint",
    summary: "constraints, several objectives: operators and gradient steps on one network, by expected improvement",
    trainers: ["joint"],
    options: EvolutionOptions.design + [
      ProblemOption(
        key: "batch", kind: .int, help: "points chosen from one fit; default a fiftieth of those known, 2 to 10, and at least "
          + "`ahead`",
        limits: 1...10_000),
      ProblemOption(
        key: "ahead", kind: .int,
        help: "points left to hand out when the network begins to learn again; default 0 with one worker, else 20 for "
          + "each, at most a tenth of the budget, but at least a fifth of those known; with more than 8 workers at least "
          + "one for each instead, at most 1024",
        limits: 0...10_000),
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
        help: "what shapes distribution indices, steps and trust regions: sensitivities by gradient, fast, dgsm, or none",
        defaultText: "gradient", choices: Sensitivity.allCases.map(\.rawValue)),
    ])

  init(_ values: OptionValues, _ setup: SearchSetup) {
    let shared = EvolutionOptions(values, setup)
    initial = shared.initial ?? Self.initialCount(dimension: setup.space.dimension, budget: setup.budget)
    design = shared.design
    sweeps = shared.sweeps
    batch = values.int("batch")
    isWide = setup.workers > Self.fewWorkers
    let least = isWide ? setup.workers : 0
    let usual = setup.workers > 1 ? min(max(min(20 * setup.workers, setup.budget / 10), least), Self.mostAhead) : 0
    let isGrowing = values.int("ahead") == nil && usual > 0 && !isWide
    ahead = (values.int("ahead") ?? usual, isGrowing ? Self.aheadShare : 0)
    populationSize = shared.populationSize ?? populationSize
    generations = shared.generations
    hasGradientStep = values.bool("gradient-step")
    sensitivity = values.text("sensitivity").flatMap { Sensitivity(rawValue: $0) } ?? sensitivity
  }

  private static let fewWorkers = 8
  /// A fit takes longer the more is known, and as long again where it shares its processor with the workers.
  private static let aheadShare = 0.2
  /// Points of a batch that is made ahead, at most: more are chosen before the first of them has an answer.
  private static let mostAhead = 1024

  /// The network learns again when so much is new, as a part of what it has learnt from: the time of all fits then
  /// grows with the number of answers and not with its square.
  var freshShare: Double { isWide ? 0.1 : 0 }

  /// How many times as many candidates as for a small batch are made, so that there is a choice among them.
  func poolScale(count: Int) -> Int { isWide ? max(1, min(count, Self.mostAhead) / populationSize) : 1 }

  /// Each point tells less the more are known; a fit then serves more of them.
  /// A batch that is made ahead must last until the next one is made.
  func batch(known: Int) -> Int { batch ?? max(min(max(known / 50, 2), 10), ahead(known: known)) }

  /// Points still to be handed out when the next batch begins to be made; 0: it is made when none is left.
  func ahead(known: Int) -> Int { max(ahead.least, Int(ahead.part * Double(known))) }

  /// A network with a linear part begins to be of use with a little more than one point a parameter.
  private static func initialCount(dimension: Int, budget: Int) -> Int {
    max(1, min(max(20, 6 * dimension / 5), 64, budget / 2))
  }
}
