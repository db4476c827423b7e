import DMOCore

/// The settings that evolutionary strategies share, under dmosopt's names with '-' for '_'.
struct EvolutionOptions {
  var populationSize: Int?
  var initial: Int?
  var design: SpaceFillingDesign.Kind
  var sweeps: Int
  var crossoverProbability = 0.9
  var mutationProbability = 1.0
  var mutationRate: Double
  var crossoverIndex = 15.0
  var mutationIndex = 20.0
  // With a surrogate.
  var generations = 200
  var resampleFraction = 0.25

  static let populationSize = ProblemOption(
    key: "population-size", kind: .int,
    help: "points of a generation; default: a tenth of the budget, 20 to 100; on a surrogate 100", limits: 4...100_000)
  static let crossover = [
    ProblemOption(
      key: "crossover-prob", kind: .real, help: "probability that two parents are crossed", defaultText: "0.9",
      limits: 0...1),
    ProblemOption(
      key: "di-crossover", kind: .real, help: "distribution index of the crossover; large: children near parents",
      defaultText: "15", limits: 0...1000),
    ProblemOption(
      key: "mutation-prob", kind: .real, help: "probability that a child is mutated", defaultText: "1", limits: 0...1),
  ]
  static let mutation = [
    ProblemOption(
      key: "mutation-rate", kind: .real, help: "probability of each parameter of a mutated child; default 1/n",
      limits: 0...1),
    ProblemOption(
      key: "di-mutation", kind: .real, help: "distribution index of the mutation; large: small steps", defaultText: "20",
      limits: 0...1000),
  ]
  static let design = [
    ProblemOption(
      key: "initial", kind: .int,
      help: "points of the initial design; default: a generation; with a surrogate 2n, 20 to 64, at most half the budget",
      limits: 1...1_000_000),
    ProblemOption(
      key: "design", kind: .choice, help: "the initial design; dmosopt's initial_method", defaultText: "lhs",
      choices: SpaceFillingDesign.Kind.allCases.map(\.rawValue)),
    ProblemOption(
      key: "initial-maxiter", kind: .int, help: "sweeps that improve a slh or maximin design", defaultText: "5",
      limits: 0...1000),
  ]
  static let onSurrogate = [
    ProblemOption(
      key: "num-generations", kind: .int, help: "generations on the surrogate in each epoch", defaultText: "200",
      limits: 1...100_000),
    ProblemOption(
      key: "resample-fraction", kind: .real, help: "part of the surrogate's population that an epoch evaluates",
      defaultText: "0.25", limits: 0.001...1),
  ]

  init(_ values: OptionValues, _ setup: SearchSetup) {
    populationSize = values.int("population-size")
    initial = values.int("initial")
    design = values.text("design").flatMap { SpaceFillingDesign.Kind(rawValue: $0) } ?? .lhs
    sweeps = values.int("initial-maxiter") ?? 5
    crossoverProbability = values.real("crossover-prob") ?? crossoverProbability
    mutationProbability = values.real("mutation-prob") ?? mutationProbability
    mutationRate = values.real("mutation-rate") ?? 1 / Double(max(setup.space.dimension, 1))
    crossoverIndex = values.real("di-crossover") ?? crossoverIndex
    mutationIndex = values.real("di-mutation") ?? mutationIndex
    generations = values.int("num-generations") ?? generations
    resampleFraction = values.real("resample-fraction") ?? resampleFraction
  }

  /// Points of a generation on the simulator: short budgets need several generations more than they need many points.
  func populationSize(budget: Int) -> Int { populationSize ?? min(max(budget / 10, 20), 100) }

  func variation(_ genes: GeneSpace) -> Variation {
    Variation(
      space: genes, crossoverIndex: [Double](repeating: crossoverIndex, count: genes.count),
      mutationIndex: [Double](repeating: mutationIndex, count: genes.count), crossoverProbability: crossoverProbability,
      mutationProbability: mutationProbability, mutationRate: mutationRate)
  }
}
