import DMOCore

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

extension CMAES {
  /// Beyond, one covariance matrix would fill gigabytes.
  private static let dimensionLimit = 10_000

  /// `--search cmaes`.
  static let entry = EvolutionEntry(
    id: "cmaes", summary: "CMA-ES with restarts, for one objective (Hansen); several: mo-cmaes",
    options: [
      ProblemOption(
        key: "sigma", kind: .real, help: "first standard deviation, as a part of the range", defaultText: "0.3",
        limits: 1e-9...1),
      ProblemOption(
        key: "restarts", kind: .bool, help: "start again with twice the population when converged", defaultText: "true"),
    ],
    initialCount: { CMAES.Parameters.defaultSize(dimension: $0.genes.count) }
  ) { context throws(SearchError) in
    let objectives = context.setup.goals.objectives.count
    guard objectives <= 1 else {
      throw SearchError(
        .badSpace, "--search cmaes has one objective and this study has \(objectives): use 'mo-cmaes', or name one --goal")
    }
    guard context.genes.count <= dimensionLimit else {
      throw SearchError(
        .badSpace,
        "--search cmaes reaches \(dimensionLimit) parameters and this search has \(context.genes.count): "
          + "use 'nsga2', or pin parameters")
    }
    return CMAES(
      genes: context.genes, populationSize: context.options.populationSize, sigma: context.values.real("sigma") ?? 0.3,
      restarts: context.values.bool("restarts"))
  }
}

extension CMAES.Parameters {
  /// λ = 4 + ⌊3 ln n⌋.
  static func defaultSize(dimension: Int) -> Int { max(4 + Int(3 * log(Double(max(dimension, 1)))), 4) }
}
