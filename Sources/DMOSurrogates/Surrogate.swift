import DMOCore

/// A differentiable stand-in for the simulator, as one fit left it. Immutable.
public protocol Surrogate: Sendable {
  var inputCount: Int { get }
  var outputCount: Int { get }

  /// The predicted targets. - Parameter z: row major, shape (rows, inputCount), unit cube.
  /// - Returns: row major, shape (rows, outputCount), in the units of the data set's targets.
  func predict(rows: Int, z: [Double]) -> [Double]

  /// Jᵀ(z) ȳ for each row: the gradient of Σ ȳ·g(z) with respect to z, in one backward pass.
  /// - Parameters:
  ///   - rows: how many points.
  ///   - z: row major, shape (rows, inputCount).
  ///   - ybar: row major, shape (rows, outputCount).
  /// - Returns: row major, shape (rows, inputCount).
  func vjp(rows: Int, z: [Double], ybar: [Double]) -> [Double]
}

/// Fits surrogates to a growing data set; keeps what it needs for a warm start.
///
/// The result depends on (options, seed, the sequence of data sets) alone: to the bit for one build, one BLAS library
/// and one kind of processor.
public protocol SurrogateTrainer: Sendable {
  /// Learns from all rows, continuing from the last fit's weights if there was one and the shapes agree.
  /// - Throws: `SurrogateError` when there is nothing to learn from (no row with a finite target).
  mutating func fit(_ data: Dataset) throws -> any Surrogate

  /// What the last fit minimised, averaged over rows or terms, in standardised targets; NaN before the first. A
  /// negative log likelihood may be negative.
  var lastLoss: Double { get }

  /// Whether a fit of so many rows would begin anew, which takes several times as long as going on.
  func startsAnew(rows: Int) -> Bool

  /// What its data sets should hold.
  var target: TrainingTarget { get }

  /// What the last fit gave, also in a trainer restored from what was saved after it, to the bit; nil before the first.
  var fitted: (any Surrogate)? { get }

  /// Everything that a warm start needs, as bytes that `restore` of a trainer made with the same options reads back;
  /// empty when there is nothing to keep.
  func saved() -> [UInt8]

  /// Goes on where `saved` was called. - Throws: `SurrogateError` (`badSnapshot`) for bytes of another trainer.
  mutating func restore(_ bytes: [UInt8]) throws
}

extension SurrogateTrainer {
  public func startsAnew(rows: Int) -> Bool { false }
  public var target: TrainingTarget { .auto }
  public var fitted: (any Surrogate)? { nil }
  public func saved() -> [UInt8] { [] }
  public mutating func restore(_ bytes: [UInt8]) throws {
    if !bytes.isEmpty { throw SurrogateError(.badSnapshot, "this trainer keeps nothing, so it cannot be restored") }
  }
}

/// What a surrogate stands for.
public enum TrainingTarget: String, Sendable, CaseIterable {
  /// Losses and constraint violations.
  case objective
  /// `observed` where the problem tells how its goals follow from up to 256 of them, else `objective`.
  case auto
  /// The simulator's observed outputs, from which the problem computes goals and bounds exactly (`Composite`).
  case observed
}

/// Why a trainer could not do its work.
public struct SurrogateError: Error, Equatable, CustomStringConvertible {
  public struct Code: RawRepresentable, Equatable, Sendable {
    public let rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }
    /// No row holds a finite target.
    public static let nothingToLearn = Code(rawValue: "nothing-to-learn")
    /// Bytes that are not a snapshot of this trainer.
    public static let badSnapshot = Code(rawValue: "bad-snapshot")
    /// A trainer, or a trainer's option, of that name or value does not exist.
    public static let badOption = Code(rawValue: "bad-option")
    /// The exact-gradient trainer on a problem that offers no gradient.
    public static let noGradient = Code(rawValue: "no-gradient")
  }
  public let code: Code
  public let message: String
  public init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }
  public var description: String { message }
}

extension SurrogateError {
  static func nothing(of rows: Int) -> SurrogateError {
    SurrogateError(
      .nothingToLearn,
      "none of the \(rows) evaluations gave a finite output, so there is nothing to learn from; "
        + "evaluate more points first")
  }
}
