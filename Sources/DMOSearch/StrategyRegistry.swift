import DMOCore
import DMOSurrogates

/// The strategies there are, which trainers they go with, and how one is made.
public enum StrategyRegistry {
  /// The evolutionary ones, with or without a trainer.
  private static let evolutions: [EvolutionEntry] = [
    NSGA2.entry,
    AGEMOEA.entry,
    SMPSO.entry,
    MOCMAES.entry,
    CMAES.entry,
    TrustRegionSearch.entry,
  ]

  /// All strategies, the default first.
  public static let all: [StrategyInfo] = [
    GradientOptions.info,
    BayesOptions.info,
    StrategyInfo(id: "random", summary: "independent uniform points", trainers: [], options: []),
    StrategyInfo(id: "lhs", summary: "a Latin hypercube of the budget's size", trainers: [], options: []),
    StrategyInfo(
      id: "sobol", summary: "a Sobol sequence (Joe and Kuo), scrambled by the seed", trainers: [],
      options: [
        ProblemOption(
          key: "scramble", kind: .bool, help: "Owen scrambling; false gives the plain sequence, whatever the seed",
          defaultText: "true")
      ]),
    GridStrategy.info,
  ] + [JointOptions.info, BayesOptions.front] + evolutions.map(\.info)

  /// The strategy of an id. - Throws: `SearchError.unknownStrategy`, naming those there are.
  public static func info(_ id: String) throws(SearchError) -> StrategyInfo {
    if let info = all.first(where: { $0.id == id }) { return info }
    throw SearchError(
      .unknownStrategy, "there is no search strategy '\(id)': choose among \(all.map(\.id).joined(separator: ", "))")
  }

  /// The strategy and the trainer for what the user named; nil stands for "not named".
  ///
  /// - Parameters:
  ///   - search: a strategy's id.
  ///   - trainer: a trainer's id.
  ///   - goals: what is wanted, once it is known: where nothing is named, constraints or several objectives ask for
  ///     `joint`, one objective alone for the first of `all`.
  ///   - dimension: free parameters, which the default trainer depends on; 0 while they are not known.
  /// - Returns: a trainer of nil when the strategy uses none.
  /// - Throws: `SearchError` for unknown ids and for pairs that make no sense, naming the valid ones.
  public static func pair(
    search: String?, trainer: String?, goals: Goals? = nil, dimension: Int = 0
  ) throws(SearchError) -> (
    search: StrategyInfo, trainer: String?
  ) {
    if search == nil, trainer == nil, let goals, !goals.constraints.isEmpty || goals.objectives.count > 1 {
      return (JointOptions.info, JointOptions.info.defaultTrainer)
    }
    if let trainer, !all.contains(where: { $0.trainers.contains(trainer) }) {
      var valid: [String] = []
      for id in all.flatMap(\.trainers) where !valid.contains(id) { valid.append(id) }
      throw SearchError(
        .unknownTrainer,
        "no search strategy uses a trainer '\(trainer)': choose among \(valid.joined(separator: ", "))")
    }
    guard let search else {
      let info =
        trainer.flatMap { t in all.first { $0.defaultTrainer == t } ?? all.first { $0.trainers.contains(t) } } ?? all[0]
      return (info, trainer ?? info.defaultTrainer(dimension: dimension))
    }
    let info = try info(search)
    guard let trainer else { return (info, info.defaultTrainer(dimension: dimension)) }
    if info.trainers.contains(trainer) { return (info, trainer) }
    let friends = all.filter { $0.trainers.contains(trainer) }.map(\.id).joined(separator: ", ")
    let cause =
      info.trainers.isEmpty
      ? "uses no surrogate, so that a trainer has no place" : "goes with \(info.trainers.joined(separator: ", "))"
    throw SearchError(
      .badPair,
      "--search \(search) \(cause): leave out --trainer \(trainer), or search with \(friends)")
  }

  /// A strategy ready to be asked.
  ///
  /// - Parameters:
  ///   - id: one of `all`.
  ///   - options: the user's settings, by key.
  ///   - setup: the problem, the seed, the budget and the workers.
  ///   - trainer: needed by those strategies whose `trainers` are not empty, unless `isTrainerOptional`.
  /// - Throws: `SearchError` for an unknown id, a bad option, a missing or needless trainer, or a space out of reach.
  public static func make(
    _ id: String, options: [String: String] = [:], setup: SearchSetup, trainer: (any SurrogateTrainer)? = nil
  ) throws(SearchError) -> any StorableStrategy {
    let info = try info(id)
    let values = try OptionValues(info, options)
    if id == JointOptions.info.id { return try JointStrategy.make(values, setup, trainer) }
    if let entry = evolutions.first(where: { $0.info.id == id }) { return try entry.strategy(values, setup, trainer) }
    if let trainer, !info.trainers.isEmpty {
      if id == BayesOptions.front.id {
        return try BayesFrontStrategy(setup: setup, options: BayesOptions(values, setup), trainer: trainer)
      }
      if id == BayesOptions.info.id {
        return try BayesStrategy(setup: setup, options: BayesOptions(values, setup), trainer: trainer)
      }
      return try GradientStrategy(setup: setup, options: GradientOptions(values, setup), trainer: trainer)
    }
    if id == GridStrategy.info.id && trainer == nil { return try GridStrategy(values, setup) }
    guard let kind = SpaceFillingDesign.Kind(rawValue: id) else {
      if info.trainers.isEmpty { throw SearchError(.badPair, "--search \(id) uses no surrogate: leave out the trainer") }
      throw SearchError(
        .badPair, "--search \(id) needs a trainer: choose among \(info.trainers.joined(separator: ", "))")
    }
    if trainer != nil { throw SearchError(.badPair, "--search \(id) uses no surrogate: leave out the trainer") }
    return try SamplingStrategy(kind, setup: setup, isScrambled: kind != .sobol || values.bool("scramble"))
  }
}
