import DMOCore
import DMOSurrogates

/// An evolutionary strategy as the registry lists it: what it is called, and how its algorithm is made.
struct EvolutionEntry: Sendable {
  /// What an algorithm is made from.
  struct Context {
    var setup: SearchSetup
    var genes: GeneSpace
    var values: OptionValues
    var options: EvolutionOptions
    /// Points of a generation: the user's, else fitting the simulator's budget or the surrogate.
    var populationSize: Int
  }
  let info: StrategyInfo
  let make: @Sendable (Context) throws(SearchError) -> any Evolution
  /// Points of the initial design on the simulator; nil for a generation.
  var initialCount: (@Sendable (Context) -> Int)?

  /// All that predict; the problem's own derivative would simulate in secret.
  private static let trainers = TrainerRegistry.all.map(\.id).filter { $0 != "exact" }

  /// - Parameter options: the algorithm's own; those of designs and surrogates are added.
  init(
    id: String, summary: String, options: [ProblemOption], initialCount: (@Sendable (Context) -> Int)? = nil,
    make: @escaping @Sendable (Context) throws(SearchError) -> any Evolution
  ) {
    info = StrategyInfo(
      id: id, summary: summary, trainers: Self.trainers,
      options: [EvolutionOptions.populationSize] + options + EvolutionOptions.design + EvolutionOptions.onSurrogate,
      isTrainerOptional: true)
    self.make = make
    self.initialCount = initialCount
  }

  /// The strategy: on the simulator without a trainer, else on surrogates.
  func strategy(
    _ values: OptionValues, _ setup: SearchSetup, _ trainer: (any SurrogateTrainer)?
  ) throws(SearchError) -> any StorableStrategy {
    let options = EvolutionOptions(values, setup)
    var context = Context(
      setup: setup, genes: GeneSpace(setup.space), values: values, options: options,
      populationSize: options.populationSize(budget: setup.budget))
    if let trainer {
      context.populationSize = options.populationSize ?? 100
      let count = options.initial ?? GradientOptions.initialCount(dimension: setup.space.dimension, budget: setup.budget)
      let initial = try InitialDesign(setup: setup, kind: options.design, count: count, sweeps: options.sweeps)
      return try SurrogateEvolution(context, trainer: trainer, initial: initial, source: info.id, make: make)
    }
    let count = options.initial ?? initialCount?(context) ?? context.populationSize
    let initial = try InitialDesign(setup: setup, kind: options.design, count: count, sweeps: options.sweeps)
    return EvolutionStrategy(setup: setup, source: info.id, algorithm: try make(context), initial: initial)
  }
}
