import DMOCore

/// A point that an evolutionary algorithm wants known.
struct Candidate {
  /// Shape (genes); possibly outside [0, 1], where `GeneSpace` clips or wraps.
  var z: [Double]
  /// What the algorithm knows it by; given back with the answer.
  var key: Int
}

/// An evolutionary algorithm in steady state: any number of candidates may be out, and answers come in any order.
///
/// A generation ends with the answer that completes it; candidates asked for meanwhile belong to the next one, so that
/// nothing waits. With one candidate out at a time this is the generational algorithm of its paper. The same algorithm
/// searches on the simulator and on a surrogate.
protocol Evolution {
  /// Begins with points known already, at least one; more than the algorithm wants are reduced by its own selection.
  mutating func start(with known: [Individual], _ random: inout RandomStream)

  /// The next point to try. - Precondition: started.
  mutating func propose(_ random: inout RandomStream) -> Candidate

  /// The answer to a candidate, or a point from elsewhere (key nil).
  mutating func learn(_ individual: Individual, key: Int?, _ random: inout RandomStream)

  /// A candidate will not be evaluated: it is known already.
  mutating func withdraw(_ key: Int)

  /// Everything that changes in it, for a `StateCoder`.
  mutating func code(_ coder: inout StateCoder) throws

  /// The best points it holds; for several objectives a well spread set.
  var population: [Individual] { get }
  /// Generations completed.
  var generation: Int { get }
  /// How many candidates make a generation.
  var generationSize: Int { get }
}
