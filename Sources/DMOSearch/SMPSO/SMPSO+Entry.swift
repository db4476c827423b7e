extension SMPSO {
  /// `--search smpso`.
  static let entry = EvolutionEntry(
    id: "smpso", summary: "SMPSO: a swarm with constricted velocities and crowded leaders (Nebro et al. 2009)",
    options: EvolutionOptions.mutation
  ) { context in
    SMPSO(
      genes: context.genes, populationSize: context.populationSize, variation: context.options.variation(context.genes))
  }
}
