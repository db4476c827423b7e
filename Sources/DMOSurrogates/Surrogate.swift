import DMOCore

/// A differentiable stand-in for the simulator, as one fit left it. Immutable.
public protocol Surrogate: Sendable {
  var inputCount: Int { get }
  var outputCount: Int { get }

  /// The predicted targets. - Parameter z: row major, shape (rows, inputCount), unit cube.
  /// - Returns: row major, shape (rows, outputCount), in the units of the data set's targets.
  func predict(rows: Int, z: [Double]) -> [Double]

  /// Jᵀ(z) ȳ for each row: the gradient of Σ ȳ·g(z) with respect to z, in one backward pass.
  /// - Parameter ybar: row major, shape (rows, outputCount).
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

  /// Mean training loss of the last fit, in standardised targets; NaN before the first.
  var lastLoss: Double { get }
}

/// Why a trainer could not do its work.
public struct SurrogateError: Error, Equatable, CustomStringConvertible {
  public struct Code: RawRepresentable, Equatable, Sendable {
    public let rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }
    /// No row holds a finite target.
    public static let nothingToLearn = Code(rawValue: "nothing-to-learn")
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
