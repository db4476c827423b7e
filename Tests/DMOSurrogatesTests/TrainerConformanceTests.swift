import Testing

@testable import DMOSurrogates

/// Differences of single-precision predictions: rounding 1e-7 over a step of 1e-3.
private let differenceTolerance = 5e-3

@Suite("Trainer conformance")
struct TrainerConformanceTests {
  /// Small and quick: without and with LayerNorm, and each option that changes what a step does.
  private static let network = ["hidden=24-16", "cold_epochs=60", "epochs=20"]
  static let cases: [(id: String, options: [String])] = [
    ("mae", network + ["layernorm=false"]), ("mae", network + ["layernorm=true"]),
    ("mae", network + ["sharpness=0.05"]), ("mae", network + ["perturbation=0.01"]),
    ("mse", network), ("gradpie", network), ("gradpie", network + ["layernorm=true"]),
    ("gradpie", network + ["norm=l2", "metric=manhattan", "k=3"]),
    ("gradpie+mae", network + ["fold_epochs=10", "folds=3", "threads=2"]),
    ("gradpie+mae", network + ["strength=1", "k=4", "layernorm=true"]),
    ("ensemble", network + ["members=3"]), ("ensemble", network + ["of=gradpie", "members=2", "share=0.8"]),
    ("ensemble", ["of=gp", "members=2", "share=0.8"]),
  ]

  @Test("every network and ensemble passes the conformance checks", arguments: cases)
  func networks(_ id: String, _ options: [String]) throws {
    try checkTrainer(
      id, options: options, losesByWarmth: !options.contains("of=gp"),
      spreadOptions: options.contains("of=gp") || id != "ensemble"
        ? nil : ["hidden=24-16", "cold_epochs=2000", "lr=0.005", "members=5"],
      gradientTolerance: differenceTolerance)
  }

  @Test("the Gaussian process passes them", arguments: [[], ["kernel=rbf"], ["ard=false"], ["refit=0"]])
  func gaussianProcess(_ options: [String]) throws {
    try checkTrainer(
      "gp", options: options, isSeeded: false, losesByWarmth: false, gradientTolerance: differenceTolerance)
  }

  /// `exact` learns nothing, so that no promise about fits applies to it; GradientTelemetryTests has its own.
  @Test("no trainer of the registry is left out")
  func complete() { #expect(Set(TrainerRegistry.all.map(\.id)) == Set(Self.cases.map(\.id) + ["gp", "exact"])) }
}
