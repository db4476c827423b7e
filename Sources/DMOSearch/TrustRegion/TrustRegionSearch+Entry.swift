import DMOCore

extension TrustRegionSearch {
  /// `--search trs`.
  static let entry = EvolutionEntry(
    id: "trs", summary: "trust-region search: boxes around the front that grow and shrink by success",
    options: [
      ProblemOption(
        key: "length-init", kind: .real, help: "first side of the box, as a part of the range", defaultText: "0.1",
        limits: 1e-6...1),
      ProblemOption(
        key: "length-min", kind: .real, help: "a smaller box starts again", defaultText: "1e-5", limits: 1e-12...1),
      ProblemOption(key: "length-max", kind: .real, help: "largest side", defaultText: "1", limits: 1e-6...1),
      ProblemOption(
        key: "success-tolerance", kind: .real, help: "a success rate above doubles the box", defaultText: "0.51",
        limits: 0...1),
      ProblemOption(
        key: "failure-tolerance", kind: .real, help: "a success rate below halves the box; default min(1/n, 0.255)",
        limits: 0...1),
      ProblemOption(
        key: "success-window", kind: .int, help: "candidates that the success rate is taken over", defaultText: "64",
        limits: 2...100_000),
    ]
  ) { context in
    var settings = Settings(dimension: context.genes.count)
    settings.initialLength = context.values.real("length-init") ?? settings.initialLength
    settings.smallestLength = context.values.real("length-min") ?? settings.smallestLength
    settings.largestLength = context.values.real("length-max") ?? settings.largestLength
    settings.successTolerance = context.values.real("success-tolerance") ?? settings.successTolerance
    settings.failureTolerance = context.values.real("failure-tolerance") ?? settings.failureTolerance
    settings.window = context.values.int("success-window") ?? settings.window
    return TrustRegionSearch(
      genes: context.genes, populationSize: context.populationSize, settings: settings,
      variation: context.options.variation(context.genes), seed: context.setup.seed)
  }
}
