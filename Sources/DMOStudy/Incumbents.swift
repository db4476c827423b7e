import DMOCore

/// The best answered points so far, and how many ended how.
///
/// With one objective the front has one point; with several it is the set that no feasible point dominates; with none, the
/// first feasible point.
public struct Incumbents: Sendable {
  public struct Point: Sendable, Equatable {
    public var id: UInt64
    public var x: [Double]
    public var result: EvaluationResult
    /// Objectives to minimise; shape (objectives).
    public var losses: [Double]
  }
  public let goals: Goals
  /// Feasible points that no feasible point dominates, in the order they came.
  public private(set) var front: [Point] = []
  /// Among the points that answered OK but are not feasible, the one with the smallest total violation.
  public private(set) var nearest: (point: Point, violation: Double)?
  public private(set) var counts: [EvaluationStatus: Int] = [:]
  /// OK and every constraint satisfied.
  public private(set) var feasibleCount = 0

  public init(goals: Goals) { self.goals = goals }

  /// How many answers came in all.
  public var total: Int { counts.values.reduce(0, +) }

  /// Takes one answer in. - Complexity: O(front · objectives)
  /// - Returns: whether the front changed.
  @discardableResult
  public mutating func add(x: [Double], _ result: EvaluationResult) -> Bool {
    counts[result.status, default: 0] += 1
    guard result.status == .ok else { return false }
    let losses = goals.losses(result.y)
    let point = Point(id: result.id, x: x, result: result, losses: losses)
    let violation = goals.totalViolation(result.y)
    guard violation == 0 else {
      if violation < nearest?.violation ?? .infinity { nearest = (point, violation) }
      return false
    }
    feasibleCount += 1
    guard !losses.contains(where: \.isNaN) else { return false }
    if goals.objectives.isEmpty {
      if front.isEmpty { front = [point] }
      return front.count == 1 && front[0].id == point.id
    }
    for other in front where other.losses == losses || Goals.dominates(other.losses, losses) { return false }
    front.removeAll { Goals.dominates(losses, $0.losses) }
    front.append(point)
    return true
  }

  /// With at most one objective, the best feasible point.
  public var best: Point? { goals.objectives.count <= 1 ? front.first : nil }
}
