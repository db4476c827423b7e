import Testing

@testable import DMOSurrogates

/// Differences of single-precision predictions: rounding 1e-7 over a step of 1e-3.
private let differenceTolerance = 5e-3

@Suite("Trainer conformance")
struct TrainerConformanceTests {
  @Test(
    "the networks pass the conformance checks, with and without LayerNorm",
    arguments: ["mae", "gradpie"], ["layernorm=false", "layernorm=true"])
  func conformance(_ id: String, _ norm: String) throws {
    try checkTrainer(
      id, options: ["hidden=24-16", norm, "cold_epochs=60", "epochs=20"], gradientTolerance: differenceTolerance)
  }

  @Test(
    "the joint networks pass the conformance checks",
    arguments: [
      ["arch=mlp", "width=24", "blocks=1"], ["arch=ftt", "token_width=8", "heads=2", "blocks=1"],
    ])
  func joint(_ network: [String]) throws {
    try checkTrainer(
      "joint", options: network + ["members=2", "cold_epochs=60", "epochs=20"], gradientTolerance: differenceTolerance)
  }
}
