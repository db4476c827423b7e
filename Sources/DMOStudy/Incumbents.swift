import DMOCore

/// The best answered points so far, and how many ended how.
///
/// With one objective the front has one point; with several it is the set that no feasible point dominates; with
/// none, the
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
  /// What gave no answer, by status and message.
  public private(set) var failures = FailureTable()

  public init(goals: Goals) { self.goals = goals }

  /// As after many calls of `add`, of which these points are left.
  init(goals: Goals, _ digest: IncumbentDigest, point: (UInt64) throws -> (x: [Double], result: EvaluationResult)?) rethrows {
    self.goals = goals
    (feasibleCount, failures) = (digest.feasibleCount, digest.failures)
    counts = Dictionary(uniqueKeysWithValues: digest.counts.map { (EvaluationStatus(rawValue: $0), $1) })
    for id in digest.front {
      guard let (x, result) = try point(id) else { continue }
      front.append(Point(id: id, x: x, result: result, losses: goals.losses(result.y)))
    }
    if let id = digest.nearest, let (x, result) = try point(id) {
      let point = Point(id: id, x: x, result: result, losses: goals.losses(result.y))
      nearest = (point, goals.totalViolation(result.y))
    }
  }

  /// What to keep in order to make the same value again from the points alone.
  var digest: IncumbentDigest {
    IncumbentDigest(
      counts: Dictionary(uniqueKeysWithValues: counts.map { ($0.key.rawValue, $0.value) }),
      feasibleCount: feasibleCount, front: front.map(\.id), nearest: nearest?.point.id, failures: failures)
  }

  /// How many answers came in all.
  public var total: Int { counts.values.reduce(0, +) }

  /// Takes one answer in. - Complexity: O(front · objectives)
  /// - Returns: whether the front changed.
  @discardableResult
  public mutating func add(x: [Double], _ result: EvaluationResult) -> Bool {
    counts[result.status, default: 0] += 1
    guard result.status == .ok else {
      failures.add(result)
      return false
    }
    let losses = goals.losses(result.y)
    let violation = goals.totalViolation(result.y)
    guard violation == 0 else {
      if violation < nearest?.violation ?? .infinity {
        nearest = (Point(id: result.id, x: x, result: result, losses: losses), violation)
      }
      return false
    }
    feasibleCount += 1
    guard !losses.contains(where: \.isNaN) else { return false }
    if goals.objectives.isEmpty {
      if front.isEmpty { front = [Point(id: result.id, x: x, result: result, losses: losses)] }
      return front.count == 1 && front[0].id == result.id
    }
    for other in front where other.losses == losses || Goals.dominates(other.losses, losses) { return false }
    front.removeAll { Goals.dominates(losses, $0.losses) }
    front.append(Point(id: result.id, x: x, result: result, losses: losses))
    return true
  }

  /// With at most one objective, the best feasible point.
  public var best: Point? { goals.objectives.count <= 1 ? front.first : nil }
}

/// `Incumbents` by the numbers of its points: small, whatever the size of the study.
struct IncumbentDigest: Codable {
  var counts: [Int32: Int]
  var feasibleCount: Int
  var front: [UInt64]
  var nearest: UInt64?
  var failures: FailureTable
}
