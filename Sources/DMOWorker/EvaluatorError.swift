/// Why a blocking call of an evaluator gave no answer.
public struct EvaluatorError: Error, Equatable, Sendable, CustomStringConvertible {
  public struct Code: RawRepresentable, Hashable, Sendable {
    public let rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }
    /// The plugin does not offer this.
    public static let unsupported = Self(rawValue: "unsupported")
    /// The plugin answered a status other than OK.
    public static let failed = Self(rawValue: "failed")
    /// The worker died.
    public static let crashed = Self(rawValue: "crashed")
    public static let timedOut = Self(rawValue: "timed-out")
    /// The worker's answer was not one that the protocol allows.
    public static let protocolViolation = Self(rawValue: "protocol-violation")
    /// The operating system refused a process, a pipe or memory.
    public static let system = Self(rawValue: "system")
    /// `shutdown()` was called.
    public static let stopped = Self(rawValue: "stopped")
  }
  public var code: Code
  public var detail: String

  public init(_ code: Code, _ detail: String) {
    self.code = code
    self.detail = detail
  }

  public var description: String { detail }
}
