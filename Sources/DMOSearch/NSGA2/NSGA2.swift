/// `--search nsga2`.
enum NSGA2 {
  static let entry = EvolutionEntry(
    id: "nsga2", summary: "NSGA-II: non-dominated sorting and crowding (Deb et al. 2002)",
    options: EvolutionOptions.crossover + EvolutionOptions.mutation
  ) { context in
    GeneticAlgorithm(
      populationSize: context.populationSize, survival: CrowdingSurvival(),
      variation: context.options.variation(context.genes))
  }
}
