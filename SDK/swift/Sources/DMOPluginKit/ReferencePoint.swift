/// A point that is known without a search.
public struct ReferencePoint: Sendable {
  /// What is known of it.
  public enum Kind: UInt32, Sendable {
    /// `evaluate(x)` gives y within `atol + rtol |y|`.
    case golden = 0
    /// A usual design to compare with.
    case baseline
    /// The best that anyone reported.
    case bestKnown
    /// Proven to be the best.
    case optimum
    /// `evaluate(x)` answers ``Infeasible``.
    case infeasible
    /// The best value of each objective on the front; the others are NaN.
    case ideal
    /// The worst value of each objective on the front; the others are NaN.
    case nadir
    /// A point of the front, in objective space.
    case front
  }

  /// See ``Kind-swift.enum``.
  public var kind: Kind
  /// Where it comes from.
  public var note: String
  /// All numbers of the point; may be `nil` for the ideal, the nadir and the front.
  public var x: [Double]?
  /// All outputs; entries that are NaN are not compared.
  public var y: [Double]?
  /// Relative and absolute tolerance of a golden point, in the outputs' units.
  public var rtol: Double, atol: Double
  /// The seed of the evaluation.
  public var seed: UInt64
  /// The fidelity of the evaluation.
  public var fidelity: Int

  /// - Parameters:
  ///   - kind: what is known of the point.
  ///   - note: where it comes from, such as a paper and its table.
  ///   - x: all parameters' numbers; may be nil for the ideal, the nadir and the front.
  ///   - y: all outputs' numbers, NaN where one is not compared; nil: none is.
  ///   - rtol: how far an answer may depart, relative to y.
  ///   - atol: how far it may depart besides, in the output's unit.
  ///   - seed: of the evaluation.
  ///   - fidelity: the level's number; 0 is the reference.
  public init(
    _ kind: Kind, note: String, x: [Double]? = nil, y: [Double]? = nil, rtol: Double = 0, atol: Double = 0,
    seed: UInt64 = 0, fidelity: Int = 0
  ) {
    (self.kind, self.note, self.x, self.y) = (kind, note, x, y)
    (self.rtol, self.atol, self.seed, self.fidelity) = (rtol, atol, seed, fidelity)
  }

  func table(_ arena: Arena) -> dmo_reference_point {
    dmo_reference_point(
      struct_size: UInt32(MemoryLayout<dmo_reference_point>.size), kind: kind.rawValue, note: arena.text(note),
      x: x.map { arena.array($0) }, y: y.map { arena.array($0) }, rtol: rtol, atol: atol, seed: seed,
      fidelity: UInt32(fidelity), reserved: 0)
  }
}
