import DMOCore

/// One number to descend, from losses and violations made comparable by what is known so far.
struct Merit {
  /// Share of the losses in the merit of an infeasible point: enough to choose among ways to feasibility.
  private static let lossShareWhenInfeasible = 0.1
  /// Augmentation of the Chebyshev scalarisation, which keeps weakly dominated points from being optimal.
  private static let augmentation = 0.05

  /// Smallest loss and spread of each objective over the reference points; shape (objectives).
  private var ideal: [Double] = []
  private var range: [Double] = []
  /// Mean positive violation of each constraint; shape (constraints).
  private var violationScale: [Double] = []

  /// - Parameter known: the reference for the losses are its non-dominated feasible points; when they have no extent,
  ///   all feasible ones, else all.
  init(_ known: [KnownPoint], objectives: Int, constraints: Int) {
    let whole = known.filter { $0.status == .ok && $0.losses.allSatisfy(\.isFinite) }
    let feasible = whole.filter { $0.violation == 0 }
    let front = objectives < 2 ? [] : Ranking.nonDominated(feasible.map(\.losses)).map { feasible[$0] }
    for j in 0..<objectives {
      let spreads = [front, feasible, whole].map { points -> (Double, Double) in
        let values = points.map { $0.losses[j] }
        let low = values.min() ?? 0
        return (low, (values.max() ?? 0) - low)
      }
      let chosen = spreads.first { $0.1 > 0 } ?? (spreads[2].0, 1)
      ideal.append(chosen.0)
      range.append(chosen.1)
    }
    for j in 0..<constraints {
      let positive = known.map { $0.violations[j] }.filter { $0 > 0 && $0.isFinite }
      violationScale.append(positive.isEmpty ? 1 : positive.reduce(0, +) / Double(positive.count))
    }
  }

  mutating func code(_ coder: inout StateCoder) throws {
    try coder.code(&ideal)
    try coder.code(&range)
    try coder.code(&violationScale)
  }

  /// The normalised scalar of the losses: the loss itself for one objective, for several the augmented Chebyshev form
  /// max_j w_j f_j + ρ Σ w_j f_j of the normalised losses f.
  func scalar(_ losses: [Double], weights: [Double]) -> Double {
    let terms = losses.indices.map { weights[$0] * (losses[$0] - ideal[$0]) / range[$0] }
    guard losses.count > 1 else { return terms.first ?? 0 }
    return (terms.max() ?? 0) + Self.augmentation * terms.reduce(0, +)
  }

  /// Less violation first, then the smaller scalar. Irreflexive.
  func isBetter(_ a: KnownPoint, _ b: KnownPoint, weights: [Double]) -> Bool {
    if a.violation != b.violation { return a.violation < b.violation }
    return scalar(a.losses, weights: weights) < scalar(b.losses, weights: weights)
  }

  /// dJ/dy at the point's true y: for a feasible point of the scalar, else of the scaled violation with a share of the
  /// scalar. Shape (objectives + constraints).
  func gradient(_ point: KnownPoint, weights: [Double]) -> [Double] {
    let losses = point.losses
    var result = losses.indices.map { weights[$0] / range[$0] }
    if losses.count > 1 {
      let terms = losses.indices.map { weights[$0] * (losses[$0] - ideal[$0]) / range[$0] }
      let worst = terms.indices.max { terms[$0] < terms[$1] }
      for j in result.indices { result[j] *= Self.augmentation + (j == worst ? 1 : 0) }
    }
    if point.violation > 0 { for j in result.indices { result[j] *= Self.lossShareWhenInfeasible } }
    return result + point.violations.indices.map { point.violations[$0] > 0 ? 1 / violationScale[$0] : 0 }
  }
}
