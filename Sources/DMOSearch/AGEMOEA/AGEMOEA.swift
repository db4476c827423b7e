/// `--search age-moea`.
enum AGEMOEA {
  static let entry = EvolutionEntry(
    id: "age-moea", summary: "AGE-MOEA: selection by the front's estimated geometry (Panichella 2019)",
    options: EvolutionOptions.crossover + EvolutionOptions.mutation
  ) { context in
    GeneticAlgorithm(
      populationSize: context.populationSize, survival: AGESurvival(),
      variation: context.options.variation(context.genes))
  }
}
