import DMOCore

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

extension JointStrategy {
  /// How much the constraint counts that a round is about, and what is hoped of what lies far from all that is known.
  private static let (emphasis, optimism) = (10.0, 2.0)

  /// What points are worth until a feasible one is known.
  ///
  /// In every other round all constraints count alike, and the nearest point is improved. A round between them is about one
  /// constraint that this point violates, drawn in proportion to by how much: it counts ten times, and the unknown is seen
  /// with optimism. Points that meet it, though little else, are then improved beside the nearest one, which may lie in a
  /// part of the space where that constraint cannot be met (constraint weighting; Morris, AAAI 1993).
  func feasibilityMerit(_ model: JointModel) -> FeasibilityMerit {
    let answered = known.indices.filter { known[$0].violation.isFinite }
    let views = model.views(answered.map { known[$0].z })
    var weights = goals.constraints.map { _ in 1.0 }
    guard round % 2 == 1, let nearest = answered.min(by: { known[$0].violation < known[$1].violation }) else {
      return FeasibilityMerit(answered: views, weights: weights, optimism: 0)
    }
    var random = seed.derived("feasibility", round).generator
    var place = random.uniform() * known[nearest].violation
    for (j, margin) in margins[nearest].enumerated() where margin > 0 {
      place -= margin
      if place <= 0 {
        weights[j] = Self.emphasis
        break
      }
    }
    return FeasibilityMerit(answered: views, weights: weights, optimism: Self.optimism * -log(1 - random.uniform()))
  }
}
