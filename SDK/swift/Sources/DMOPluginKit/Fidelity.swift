/// A cheaper version of a simulation: `dmo.fidelity/1`.
public struct Fidelity: Sendable {
  /// Unique among the fidelities.
  public let id: String
  /// One line for people.
  public let summary: String
  /// The cost of an evaluation in units of the reference's.
  public let relativeCost: Double

  /// - Parameters:
  ///   - id: `[a-z][a-z0-9_-]*`, unique in the problem.
  ///   - summary: what is coarser here.
  ///   - relativeCost: 1 for the reference, which comes first.
  public init(_ id: String, summary: String, relativeCost: Double) {
    (self.id, self.summary, self.relativeCost) = (id, summary, relativeCost)
  }
}

/// A simulator that offers several fidelities; `Evaluation.fidelity` is an index into them.
public protocol FidelitySimulator: Simulation {
  /// The first is the reference, its relative cost 1.
  static var fidelities: [Fidelity] { get }
}
