import DMOCore

extension MOCMAES {
  /// Numbers of all covariance matrices together; 2 GiB.
  private static let matrixLimit = 1 << 28

  /// `--search mo-cmaes`.
  static let entry = EvolutionEntry(
    id: "mo-cmaes", summary: "MO-CMA-ES: a population of (1+1)-CMA-ES (Igel, Hansen & Roth 2007)",
    options: [
      ProblemOption(
        key: "sigma", kind: .real, help: "first standard deviation, as a part of the range", defaultText: "0.2",
        limits: 1e-9...1)
    ]
  ) { context throws(SearchError) in
    let numbers = 2 * context.populationSize * context.genes.count * context.genes.count
    guard numbers <= matrixLimit else {
      throw SearchError(
        .badSpace,
        "--search mo-cmaes keeps a matrix for each of \(context.populationSize) points, too much for "
          + "\(context.genes.count) parameters: use 'nsga2', a smaller population-size, or pin parameters")
    }
    return MOCMAES(
      genes: context.genes, populationSize: context.populationSize, sigma: context.values.real("sigma") ?? 0.2)
  }
}
