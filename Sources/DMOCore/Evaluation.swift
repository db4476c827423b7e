/// How an evaluation ended. The raw values are those of `dmo.h`; 64 and above are the host's own.
public struct EvaluationStatus: RawRepresentable, Hashable, Sendable, Codable, CustomStringConvertible {
  public let rawValue: Int32
  public init(rawValue: Int32) { self.rawValue = rawValue }

  /// Every output was written.
  public static let ok = Self(rawValue: 0)
  /// A hidden constraint: this x has no answer. Never retried, learnt from; outputs known so far are kept.
  public static let infeasible = Self(rawValue: 1)
  /// This try failed; a retry may work.
  public static let failed = Self(rawValue: 2)
  public static let cancelled = Self(rawValue: 3)
  public static let badInput = Self(rawValue: 4)
  public static let unsupported = Self(rawValue: 5)
  /// The instance is unusable and was replaced.
  public static let fatal = Self(rawValue: 6)
  /// The deadline passed and the worker was killed.
  public static let timedOut = Self(rawValue: 64)
  /// The worker died: a signal, or an early exit.
  public static let crashed = Self(rawValue: 65)
  /// The status was OK but an output was not written, or not finite.
  public static let badOutput = Self(rawValue: 66)

  private static let names: [Int32: String] = [
    0: "ok", 1: "infeasible", 2: "failed", 3: "cancelled", 4: "bad-input", 5: "unsupported", 6: "fatal",
    64: "timed-out", 65: "crashed", 66: "bad-output",
  ]

  /// The stable word used in files and on the command line, such as `timed-out`.
  public var description: String { Self.names[rawValue] ?? "status-\(rawValue)" }

  /// The status that a word of `description` stands for.
  public init?(word: String) {
    guard let entry = Self.names.first(where: { $0.value == word }) else { return nil }
    self.init(rawValue: entry.key)
  }

  /// Whether y holds something to learn from: OK, or INFEASIBLE with the outputs known so far.
  public var hasOutputs: Bool { self == .ok || self == .infeasible }
}

/// One point to evaluate.
public struct EvaluationRequest: Equatable, Sendable, Codable {
  /// Unique in a study, counted from 1.
  public var id: UInt64
  /// Canonical values in the parameters' units; shape (space.dimension).
  public var x: [Double]
  /// The only randomness the problem may use.
  public var seed: UInt64
  /// Index into the problem's fidelity levels; 0 is the reference.
  public var fidelity: UInt32

  public init(id: UInt64, x: [Double], seed: UInt64 = 0, fidelity: UInt32 = 0) {
    self.id = id
    self.x = x
    self.seed = seed
    self.fidelity = fidelity
  }
}

/// What came back for one point.
public struct EvaluationResult: Equatable, Sendable, Codable {
  public var id: UInt64
  public var status: EvaluationStatus
  /// The outputs in their units; shape (outputs.dimension). NaN where nothing is known.
  public var y: [Double]
  /// Why, when the status is not OK; empty otherwise.
  public var message: String
  /// The plugin's own measure of the cost, in seconds; NaN when unknown.
  public var costSeconds: Double
  /// Wall time of the call, in seconds.
  public var wallSeconds: Double
  /// Which worker answered, counted from 0; −1 in process.
  public var worker: Int
  /// What the plugin printed during the call, cut to the last few kilobytes.
  public var printed: String

  public init(
    id: UInt64, status: EvaluationStatus, y: [Double], message: String = "", costSeconds: Double = .nan,
    wallSeconds: Double = 0, worker: Int = -1, printed: String = ""
  ) {
    self.id = id
    self.status = status
    self.y = y
    self.message = message
    self.costSeconds = costSeconds
    self.wallSeconds = wallSeconds
    self.worker = worker
    self.printed = printed
  }
}
