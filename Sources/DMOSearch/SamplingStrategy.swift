import DMOCore

/// Points chosen in advance, whatever the answers: uniform random, a Latin hypercube, or a Sobol sequence.
///
/// A Latin hypercube has the budget's size; a study that goes on beyond it continues with another one. Points that were
/// evaluated already (which only discrete spaces repeat) are left out; an exhausted space ends the search.
public struct SamplingStrategy: SearchStrategy {
  var design: SpaceFillingDesign
  var known = PointSet()
  private let source: String

  /// - Throws: `SearchError.badSpace` when there are more free parameters than the Sobol table reaches.
  init(_ kind: SpaceFillingDesign.Kind, setup: SearchSetup, isScrambled: Bool = true) throws(SearchError) {
    design = try SpaceFillingDesign(
      kind, space: setup.space, seed: setup.seed.derived("sampling"), size: setup.budget, isScrambled: isScrambled)
    source = kind.rawValue
  }

  public mutating func ask(_ count: Int) -> [Proposal] {
    var proposals: [Proposal] = []
    while proposals.count < count, let x = design.next(avoiding: known) {
      _ = known.insert(x)
      proposals.append(Proposal(x: x, source: source))
    }
    return proposals
  }

  public mutating func tell(_ observation: Observation) { _ = known.insert(observation.x) }

  public var telemetry: [String: Double] { [:] }
}
