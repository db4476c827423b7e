import DMOCore

/// What is known of a strategy before one is made, for help texts and for the registry's checks.
public struct StrategyInfo: Sendable, Equatable {
  public let id: String
  /// One line for people.
  public let summary: String
  /// Ids of the trainers it goes with; empty when it uses no surrogate.
  public let trainers: [String]
  /// The settings that `--search-set key=value` reaches. An option without a default text is chosen by the strategy.
  public let options: [ProblemOption]
  /// Whether it also runs without a trainer, and does so unless one is named.
  public let isTrainerOptional: Bool

  /// The trainer that is used when none is named; nil when none is needed.
  public var defaultTrainer: String? { isTrainerOptional ? nil : trainers.first }
  /// The trainer that takes its place from `wideDimension` free parameters on; nil: the same one.
  public let wideTrainer: String?

  /// A network has millions of weights from here on, and some hundred answers to learn them from.
  public static let wideDimension = 1000

  /// The trainer that is used when none is named, for so many free parameters.
  public func defaultTrainer(dimension: Int) -> String? {
    dimension >= Self.wideDimension ? wideTrainer ?? defaultTrainer : defaultTrainer
  }

  init(
    id: String, summary: String, trainers: [String], options: [ProblemOption], isTrainerOptional: Bool = false,
    wideTrainer: String? = nil
  ) {
    self.wideTrainer = wideTrainer
    self.id = id
    self.summary = summary
    self.trainers = trainers
    self.options = options
    self.isTrainerOptional = isTrainerOptional
  }
}
