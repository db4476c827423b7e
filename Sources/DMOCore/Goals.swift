/// What a study wants of a problem's outputs: objectives and constraints, after the user's overrides of the roles.
///
/// Everything that ranks points works on *losses* (minimised; a maximised output enters negated) and *violations*
/// (c ≤ 0 is feasible), so that no other code asks about directions.
public struct Goals: Equatable, Sendable, Codable {
  public struct Objective: Equatable, Sendable, Codable {
    /// Position in y.
    public var index: Int
    public var label: String
    public var maximize: Bool
    public init(index: Int, label: String, maximize: Bool) {
      self.index = index
      self.label = label
      self.maximize = maximize
    }
  }
  /// lower ≤ y[index] ≤ upper, in the output's unit; an absent side is nil.
  public struct Constraint: Equatable, Sendable, Codable {
    public var index: Int
    public var label: String
    public var lower, upper: Double?
    /// Divides the violation: the output's typical magnitude, else the bound's, else 1.
    public var scale: Double
    public init(index: Int, label: String, lower: Double?, upper: Double?, scale: Double) {
      self.index = index
      self.label = label
      self.lower = lower
      self.upper = upper
      self.scale = scale
    }
  }

  public var objectives: [Objective]
  public var constraints: [Constraint]

  public init(objectives: [Objective], constraints: [Constraint]) {
    self.objectives = objectives
    self.constraints = constraints
  }

  /// The problem's own roles.
  public init(_ outputs: OutputSpace) {
    objectives = []
    constraints = []
    for (k, o) in outputs.outputs.enumerated() where o.count == 0 {
      let index = outputs.offsets[k]
      switch o.role {
      case .minimize: objectives.append(Objective(index: index, label: o.id, maximize: false))
      case .maximize: objectives.append(Objective(index: index, label: o.id, maximize: true))
      case .atMost(let b): constraints.append(Self.bound(o, index, lower: nil, upper: b))
      case .atLeast(let b): constraints.append(Self.bound(o, index, lower: b, upper: nil))
      case .observe: break
      }
    }
  }

  /// A constraint with the scale that `Constraint.scale` documents.
  public static func bound(_ o: Output, _ index: Int, lower: Double?, upper: Double?) -> Constraint {
    let size = Swift.max(abs(lower ?? 0), abs(upper ?? 0))
    return Constraint(
      index: index, label: o.id, lower: lower, upper: upper, scale: o.scale > 0 ? o.scale : (size > 0 ? size : 1))
  }

  /// The objectives as numbers to minimise; shape (objectives.count). NaN where y is.
  public func losses(_ y: [Double]) -> [Double] { objectives.map { $0.maximize ? -y[$0.index] : y[$0.index] } }

  /// c ≤ 0 is feasible: the larger of (lower − y) and (y − upper), divided by the scale; shape (constraints.count).
  /// NaN where y is.
  public func violations(_ y: [Double]) -> [Double] {
    constraints.map { c in
      let v = y[c.index]
      if v.isNaN { return .nan }
      return Swift.max(c.lower.map { $0 - v } ?? -.infinity, c.upper.map { v - $0 } ?? -.infinity) / c.scale
    }
  }

  /// Σ max(c, 0); infinite when a constrained output is unknown.
  public func totalViolation(_ y: [Double]) -> Double {
    violations(y).reduce(0) { $0 + ($1.isNaN ? .infinity : Swift.max($1, 0)) }
  }

  /// Whether an answered point satisfies every constraint. INFEASIBLE and failed points never do.
  public func isFeasible(_ result: EvaluationResult) -> Bool {
    result.status == .ok && totalViolation(result.y) == 0
  }

  /// Whether `a` is better than `b` by Deb's constraint domination: feasible before infeasible, smaller total
  /// violation, then Pareto dominance of the losses (for one objective: the smaller loss). Irreflexive and transitive.
  public func dominates(_ a: EvaluationResult, _ b: EvaluationResult) -> Bool {
    guard a.status.hasOutputs else { return false }
    guard b.status.hasOutputs else { return true }
    let va = a.status == .ok ? totalViolation(a.y) : .infinity
    let vb = b.status == .ok ? totalViolation(b.y) : .infinity
    if va > 0 || vb > 0 { return va < vb }
    return Self.dominates(losses(a.y), losses(b.y))
  }

  /// Pareto dominance for minimisation: nowhere worse, somewhere better. - Complexity: O(objectives)
  public static func dominates(_ a: [Double], _ b: [Double]) -> Bool {
    var better = false
    for (x, y) in zip(a, b) {
      if x > y || x.isNaN { return false }
      if x < y || y.isNaN { better = true }
    }
    return better
  }
}
