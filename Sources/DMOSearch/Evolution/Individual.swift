import DMOCore

/// A point with what is known of it, as evolutionary algorithms rank it.
struct Individual: Equatable {
  /// Coordinates of the unit cube, possibly before rounding or reflection; shape (genes).
  var z: [Double]
  /// To minimise; NaN where unknown. Shape (objectives).
  var losses: [Double]
  /// Σ max(c, 0); infinite for points without an answer.
  var violation: Double

  init(z: [Double], losses: [Double], violation: Double) {
    self.z = z
    self.losses = losses
    // Without its losses a point cannot be compared, whatever its constraints say.
    self.violation = losses.contains(where: \.isNaN) || violation.isNaN ? .infinity : violation
  }

  /// INFEASIBLE and failed answers are behind everything else.
  init(z: [Double], _ result: EvaluationResult, _ goals: Goals) {
    guard result.status == .ok else {
      self.init(z: z, losses: [Double](repeating: .nan, count: goals.objectives.count), violation: .infinity)
      return
    }
    self.init(z: z, losses: goals.losses(result.y), violation: goals.totalViolation(result.y))
  }

  /// Deb's constraint domination (Deb, Comput. Methods Appl. Mech. Eng. 186 (2000) 311–338).
  static func dominates(_ a: Individual, _ b: Individual) -> Bool {
    if a.violation > 0 || b.violation > 0 { return a.violation < b.violation }
    return Goals.dominates(a.losses, b.losses)
  }
}
