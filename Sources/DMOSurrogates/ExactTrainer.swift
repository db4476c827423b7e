/// The exact-gradient baseline: a trainer that learns nothing and hands out the problem's own derivative, so that every
/// strategy runs under the same loop with and without a surrogate (the first row of Table 1 in arXiv 2501.19161).
public struct ExactTrainer: SurrogateTrainer {
  private let model: any Surrogate
  public let lastLoss = Double.nan
  public let target = TrainingTarget.objective

  static let description = TrainerDescription(
    id: "exact", summary: "no learning: the plugin's own exact gradient (dmo.gradient/1), as a baseline", options: [])

  /// - Throws: `SurrogateError` (`noGradient`) when the set-up brings no exact derivative.
  init(_ setup: TrainerSetup) throws {
    guard let model = setup.exact else {
      throw SurrogateError(
        .noGradient,
        "--trainer exact needs the problem's own gradient, and this plugin offers none (extension dmo.gradient/1): "
          + "choose a trainer that learns, such as gradpie")
    }
    self.model = model
  }

  public func fit(_ data: Dataset) throws -> any Surrogate { model }
  public var fitted: (any Surrogate)? { model }
}
