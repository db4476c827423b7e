import DMOCore

/// Evaluations that gave no answer, grouped by status and message.
///
/// Messages that hold numbers may all differ: after `limit` groups, new ones of a status are counted together.
public struct FailureTable: Codable, Equatable, Sendable {
  public struct Group: Codable, Equatable, Sendable {
    public var status: EvaluationStatus
    public var message: String
    public var count: Int
    /// The number of the first evaluation of the group.
    public var first: UInt64
  }
  static let limit = 200
  private var groups: [String: Group] = [:]

  mutating func add(_ result: EvaluationResult) {
    var message = result.message
    var key = "\(result.status.rawValue) \(message)"
    if groups[key] == nil && groups.count >= Self.limit {
      message = "(other messages)"
      key = "\(result.status.rawValue) \(message)"
    }
    groups[key, default: Group(status: result.status, message: message, count: 0, first: result.id)].count += 1
  }

  /// The most frequent first.
  public var sorted: [Group] { groups.values.sorted { ($0.count, $1.first) > ($1.count, $0.first) } }
}
