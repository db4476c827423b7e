import DMOCore

/// What a check's process is asked; one JSON line.
struct CheckRequest: Codable, Sendable {
  var path: String
  var problem: String
  var options: [String: String]
  var check: String
  var level: Check.Level
  var seed: UInt64
  /// How long the check may repeat itself, in seconds.
  var budget: Double
  /// A private folder, with `cwd`, `tmp` and `files` in it.
  var scratch: String
  /// What the same check handed on from its process before, if it did.
  var state: String?
}

/// What it answers; one JSON line. The sender runs foreign code: nothing in it is believed beyond its form.
struct CheckReply: Codable, Sendable {
  static let limit = 1 << 20

  var outcome: Outcome
  var message: String
  var point: String
  var next: String?
  /// The id of the check that the trouble belongs to, when another than the one asked.
  var owner: String?
}

/// A block of memory that a check's process shares with dmo: what it is about to do, readable after its death.
enum Breadcrumb {
  static let bytes = 4096
}
