import DMOCore

/// An answered point as the gradient strategy remembers it.
struct KnownPoint {
  /// Unit-cube coordinates of the evaluated (rounded) values; shape (dimension).
  var z: [Double]
  /// Where the line of descent stands before rounding, so that small steps of whole numbers add up; shape (dimension).
  var latent: [Double]
  /// To minimise; shape (objectives).
  var losses: [Double]
  /// ≤ 0 is feasible; shape (constraints).
  var violations: [Double]
  /// Σ max(c, 0).
  var violation: Double
  var status: EvaluationStatus
  /// This point's rate η_x.
  var rate: Double
  /// The evaluated point and all outputs, where the exact goals' reverse needs them.
  var answer: (x: [Double], y: [Double])?
  var adam = AdamState()
  /// Steps of this point that are queued or in flight.
  var pending = 0
  /// The last step from here failed, and a local sample is due before the next one.
  var wantsLocal = false
  /// A step from here led to a better point, which takes the line of descent over.
  var isSuperseded = false

  /// Whether a step may start here: everything that the direction needs is known.
  var isStart: Bool { status == .ok && violation.isFinite && losses.allSatisfy(\.isFinite) && !isSuperseded }
}

/// A proposal whose answer is awaited.
struct PendingStep {
  var latent: [Double]
  /// Position of the point it started from; nil for points of the design.
  var parent: Int?
  /// The objectives' weights it went by; shape (objectives).
  var weights: [Double] = []
  /// The state that the new point inherits.
  var adam = AdamState()
  var rate: Double
  /// What the gradient expects of the merit; NaN when it was not asked.
  var predicted = Double.nan
  /// Whether success or failure says something about the parent's rate: gradient steps only.
  var countsForRate = false
}
