/// Why no strategy could be made, or why it could not go on; the message names the valid choices.
public struct SearchError: Error, Equatable, CustomStringConvertible {
  public struct Code: RawRepresentable, Equatable, Sendable {
    public let rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }
    /// No strategy has that id.
    public static let unknownStrategy = Code(rawValue: "unknown-strategy")
    /// No strategy goes with a trainer of that id.
    public static let unknownTrainer = Code(rawValue: "unknown-trainer")
    /// The strategy and the trainer do not go together, or the trainer is missing.
    public static let badPair = Code(rawValue: "bad-pair")
    /// The strategy has no such option, or the option no such value.
    public static let badOption = Code(rawValue: "bad-option")
    /// The strategy cannot search this space.
    public static let badSpace = Code(rawValue: "bad-space")
    /// A stored state that this strategy cannot go on from.
    public static let badState = Code(rawValue: "bad-state")
  }
  public let code: Code
  public let message: String
  public init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }
  public var description: String { message }
}
