import DMOCore

/// What every trainer is made from.
public struct TrainerSetup: Sendable {
  /// Initial weights and the order of mini-batches derive from it.
  public var seed: Seed
  /// Coordinates of the unit cube that wrap with period 1, for nearest neighbours.
  public var periodic: Set<Int>
  /// The problem itself as a surrogate with its own derivative; nil where the plugin offers none.
  public var exact: (any Surrogate)?

  /// How many inputs belong to each parameter, in their order (labels and angles take several); empty: one each.
  public var featureGroups: [Int]

  public init(
    seed: Seed, periodic: Set<Int> = [], featureGroups: [Int] = [], exact: (any Surrogate)? = nil
  ) {
    self.seed = seed
    self.periodic = periodic
    self.featureGroups = featureGroups
    self.exact = exact
  }
}

/// The trainers there are. A new one is a line in `entries`.
public enum TrainerRegistry {
  private struct Entry: Sendable {
    let description: TrainerDescription
    let make: @Sendable ([String], TrainerSetup) throws -> any SurrogateTrainer
  }

  private static let entries: [Entry] = [
    network(MLPTrainer.maeDescription, .mae),
    network(MLPTrainer.mseDescription, .mse),
    network(MLPTrainer.gradPIEDescription, .gradPIE),
    network(MLPTrainer.combinedDescription, .mae),
    Entry(description: EnsembleTrainer.description) { try EnsembleTrainer($0, setup: $1) },
    Entry(description: GPTrainer.description) { texts, _ in
      try GPTrainer(options: TrainerOptions(texts, for: GPTrainer.description))
    },
    Entry(description: JointSettings.description) { texts, setup in
      try JointTrainer(options: TrainerOptions(texts, for: JointSettings.description), setup: setup)
    },
    Entry(description: ExactTrainer.description) { texts, setup in
      _ = try TrainerOptions(texts, for: ExactTrainer.description)
      return try ExactTrainer(setup)
    },
  ]

  private static func network(_ description: TrainerDescription, _ loss: TrainingLoss) -> Entry {
    Entry(description: description) {
      try MLPTrainer(description.id, loss: loss, options: TrainerOptions($0, for: description), setup: $1)
    }
  }

  /// Every trainer with its options, in the order to list them.
  public static var all: [TrainerDescription] { entries.map(\.description) }

  /// A trainer that has learnt nothing yet.
  /// - Parameters:
  ///   - id: one of `all`.
  ///   - options: `key=value` texts.
  ///   - setup: the seed, which features wrap, and which belong to one parameter.
  /// - Throws: `SurrogateError` (`badOption`) for an unknown trainer, option or value, naming the valid ones.
  public static func make(
    id: String, options: [String] = [], setup: TrainerSetup
  ) throws -> any SurrogateTrainer {
    guard let entry = entries.first(where: { $0.description.id == id }) else {
      let valid = entries.map(\.description.id).joined(separator: ", ")
      throw SurrogateError(.badOption, "there is no trainer '\(id)'; choose one of: \(valid)")
    }
    return try entry.make(options, setup)
  }
}
