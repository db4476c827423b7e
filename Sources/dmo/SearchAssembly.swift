import DMOCore
import DMOSearch
import DMOStudy
import DMOSurrogates

/// Puts the search of a study together from its description, so that `run` and `resume` make the very same one.
enum SearchAssembly {
  static func space(_ description: StudyDescription) -> SearchSpace {
    let space = description.spec.space
    var fixed: [Int: Double] = [:]
    for (label, value) in description.fixed {
      if let i = space.coordinate(label) { fixed[i] = value }
    }
    return SearchSpace(space, fixed: fixed)
  }

  /// - Parameters:
  ///   - description: of the study: search, trainer, their options, seed.
  ///   - session: of the problem, which tells how its goals follow from observed outputs; nil without a plugin.
  ///   - background: who computes beside the search.
  ///   - wrap: put around the trainer, such as a stopwatch.
  /// - Throws: `SearchError`, `SurrogateError`.
  static func strategy(
    _ description: StudyDescription, _ session: Session?, background: Background = .thread,
    wrap: (any SurrogateTrainer) -> any SurrogateTrainer = { $0 }
  ) throws -> any StorableStrategy {
    let space = space(description)
    let exact = session?.exact.map {
      ExactModel(space: space, outputs: description.spec.outputs, goals: description.goals, source: $0)
    }
    let setup = SearchSetup(
      space: space, outputs: description.spec.outputs, goals: description.goals,
      seed: description.seed.derived("search"), budget: description.plannedBudget ?? description.budget,
      workers: description.plannedJobs ?? description.jobs,
      composite: session.flatMap { composite($0, description) },
      exact: exact, background: background)
    let trainer = try description.trainer.map { id in
      wrap(
        try TrainerRegistry.make(
          id: id, options: description.trainerOptions.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" },
          setup: TrainerSetup(
            seed: description.seed.derived("trainer"), featureGroups: space.featureGroups, exact: exact)))
    }
    if trainer == nil && !description.trainerOptions.isEmpty {
      throw UserError("--trainer-set: --search \(description.search) uses no trainer", hint: "leave --trainer-set away")
    }
    let strategy = try StrategyRegistry.make(
      description.search, options: description.searchOptions, setup: setup, trainer: trainer)
    guard let plan = description.initial else { return strategy }
    return try PreparedStrategy(strategy, plan: plan, setup: setup)
  }

  /// The problem's composite, with a reverse by differences where it has none of its own.
  private static func composite(_ session: Session, _ description: StudyDescription) -> (any Composite)? {
    guard let composite = session.evaluator.composite else { return nil }
    if session.problem.extensions.contains(.composeVJP) { return composite }
    return DifferencedComposite(
      composite, outputs: description.spec.outputs, parameters: description.spec.space.dimension)
  }
}
