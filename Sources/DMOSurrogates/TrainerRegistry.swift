import DMOCore

/// What every trainer is made from.
public struct TrainerSetup: Sendable {
  /// Initial weights and the order of mini-batches derive from it.
  public var seed: Seed
  /// Coordinates of the unit cube that wrap with period 1, for nearest neighbours.
  public var periodic: Set<Int>

  /// How many inputs belong to each parameter, in their order (labels and angles take several); empty: one each.
  public var featureGroups: [Int]

  public init(seed: Seed, periodic: Set<Int> = [], featureGroups: [Int] = []) {
    self.seed = seed
    self.periodic = periodic
    self.featureGroups = featureGroups
  }
}

/// The trainers there are. A new one is a line in `entries`.
public enum TrainerRegistry {
  private struct Entry: Sendable {
    let description: TrainerDescription
    let make: @Sendable (TrainerOptions, TrainerSetup) throws -> any SurrogateTrainer
  }

  private static let entries: [Entry] = [
    Entry(description: MLPTrainer.maeDescription) { try MLPTrainer(.mae, options: $0, setup: $1) },
    Entry(description: MLPTrainer.gradPIEDescription) { try MLPTrainer(.gradPIE, options: $0, setup: $1) },
    Entry(description: GPTrainer.description) { options, _ in try GPTrainer(options: options) },
    Entry(description: JointSettings.description) { try JointTrainer(options: $0, setup: $1) },
  ]

  /// Every trainer with its options, in the order to list them.
  public static var all: [TrainerDescription] { entries.map(\.description) }

  /// A trainer that has learnt nothing yet.
  /// - Parameter options: `key=value` texts.
  /// - Throws: `SurrogateError` (`badOption`) for an unknown trainer, option or value, naming the valid ones.
  public static func make(
    id: String, options: [String] = [], setup: TrainerSetup
  ) throws -> any SurrogateTrainer {
    guard let entry = entries.first(where: { $0.description.id == id }) else {
      let valid = entries.map(\.description.id).joined(separator: ", ")
      throw SurrogateError(.badOption, "there is no trainer '\(id)'; choose one of: \(valid)")
    }
    return try entry.make(TrainerOptions(options, for: entry.description), setup)
  }
}
