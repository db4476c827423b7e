/// A point that a plugin's author vouches for; never shown to a trainer.
public struct ReferencePoint: Equatable, Sendable, Codable {
  /// What the author says of the point; the raw values are those of `dmo.h`.
  public enum Kind: UInt32, Sendable, Codable {
    /// evaluate(x) gives y within atol + rtol·|y|.
    case golden = 0
    case baseline = 1, bestKnown = 2, optimum = 3, infeasible = 4
    /// These three describe the objectives; x may be absent.
    case ideal = 5, nadir = 6, front = 7
  }
  public var kind: Kind
  /// Where it comes from.
  public var note: String
  /// Shape (space.dimension).
  public var x: [Double]?
  /// Shape (outputs.dimension); NaN entries are not compared.
  public var y: [Double]?
  public var rtol, atol: Double
  public var seed: UInt64
  public var fidelity: UInt32

  public init(
    kind: Kind, note: String = "", x: [Double]?, y: [Double]?, rtol: Double = 0, atol: Double = 0, seed: UInt64 = 0,
    fidelity: UInt32 = 0
  ) {
    self.kind = kind
    self.note = note
    self.x = x
    self.y = y
    (self.rtol, self.atol) = (rtol, atol)
    (self.seed, self.fidelity) = (seed, fidelity)
  }
}
