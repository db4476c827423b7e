import DMOCore

/// A call that answered something other than OK, or something that it must not answer.
public struct PluginCallError: Error, Equatable, Sendable, CustomStringConvertible {
  public var status: EvaluationStatus
  public var message: String

  public init(_ status: EvaluationStatus, _ message: String) {
    self.status = status
    self.message = message
  }

  public var description: String { message.isEmpty ? "\(status)" : "\(status): \(message)" }
}
