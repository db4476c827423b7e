/// One `key=value` option of a trainer, for `--trainer-set` and its help.
public struct TrainerOption: Sendable, Equatable {
  public let key: String
  /// The value taken when the option is not given, as text.
  public let defaultText: String
  /// One line: what it does, its unit or allowed values.
  public let help: String

  public init(key: String, defaultText: String, help: String) {
    self.key = key
    self.defaultText = defaultText
    self.help = help
  }

  /// Every trainer has it.
  static let target = TrainerOption(
    key: "target", defaultText: TrainingTarget.auto.rawValue,
    help: "what is learnt: objective, or observed (the outputs that the problem's goals are computed "
      + "from); auto: observed where the problem tells how, for up to 256 of them")
}

/// What a trainer is called, does and understands.
public struct TrainerDescription: Sendable, Equatable {
  public let id: String
  /// One line.
  public let summary: String
  public let options: [TrainerOption]

  public init(id: String, summary: String, options: [TrainerOption]) {
    self.id = id
    self.summary = summary
    self.options = options
  }
}
