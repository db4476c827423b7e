import DMOCore

/// A strategy that can be put away and brought back, so that a study need not be replayed from its start.
///
/// A strategy of the same set-up that is restored from `state` answers every later `ask` as this one would, to the bit.
public protocol StorableStrategy: SearchStrategy {
  /// Says how `state` is written; another word for every other way.
  static var stateFormat: String { get }

  /// Whether a decision costs so much more than a few kilobytes on disk that it should not be made twice: fits.
  var isReplayCostly: Bool { get }

  /// Everything later decisions depend on besides the set-up.
  func state() throws -> [UInt8]

  /// - Throws: `SearchError`, `SurrogateError` when the bytes are no state of this set-up, which then stays as it was.
  mutating func restore(_ state: [UInt8]) throws
}

/// A strategy whose proposals do not depend on answers: asking for many at a time gives the same points.
public protocol NonAdaptiveStrategy: SearchStrategy {}

/// A strategy that chooses many points at once and hands them out one by one: to be asked a little earlier costs it nothing.
public protocol BatchedStrategy: SearchStrategy {}

extension SamplingStrategy: NonAdaptiveStrategy {}

/// A strategy that lists what changes in it.
protocol CodedStrategy: StorableStrategy {
  /// Everything that `ask` or `tell` change; in a new one of the same set-up the rest is equal.
  mutating func code(_ coder: inout StateCoder) throws
}

extension CodedStrategy {
  public static var stateFormat: String { "\(Self.self)/3" }
  public var isReplayCostly: Bool { false }

  public func state() throws -> [UInt8] {
    var (copy, coder) = (self, StateCoder())
    try copy.code(&coder)
    return coder.finished()
  }

  public mutating func restore(_ state: [UInt8]) throws {
    var (copy, coder) = (self, try StateCoder(reading: state))
    try copy.code(&coder)
    try coder.finish()
    self = copy
  }
}

extension SamplingStrategy: CodedStrategy {
  mutating func code(_ coder: inout StateCoder) throws {
    try coder.code(&design)
    try coder.code(&known)
  }
}

extension PreparedStrategy: CodedStrategy {
  public var isReplayCostly: Bool { base.isReplayCostly }
}
