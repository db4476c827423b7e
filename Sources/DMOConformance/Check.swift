/// One rule that a plugin is held to: what it is, why it matters, how to meet it, and how it is found out.
public struct Check: Sendable {
  /// How much a run looks at; each level holds those before it.
  public enum Level: String, Sendable, Codable, CaseIterable, Comparable {
    /// Seconds: tables, one point, golden points.
    case quick
    /// Half a minute for a plugin that answers in a millisecond.
    case standard
    /// Minutes: leaks, threads, fuzzing, memcheck.
    case deep

    public static func < (a: Level, b: Level) -> Bool { a.rank < b.rank }
    private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }

    /// How long a check that repeats itself goes on, in seconds.
    public var budget: Double { self == .deep ? 60 : 5 }
  }

  /// What a check needs, and how often it runs: once for the plugin, or once for each problem.
  enum Scope: Sendable {
    case plugin
    /// An instance that can be made.
    case instance
    /// A mid point that can be evaluated.
    case evaluation
  }

  /// Stable, such as `eval.centre`; the part before the point is the family.
  public let id: String
  public let level: Level
  /// What is checked, how to put it right, and why it matters; plain sentences.
  public let summary, why, fix: String
  let scope: Scope
  let body: @Sendable (CheckRun) throws -> Verdict

  init(
    _ id: String, _ level: Level, _ scope: Scope, _ summary: String, why: String, fix: String,
    body: @escaping @Sendable (CheckRun) throws -> Verdict
  ) {
    (self.id, self.level, self.scope) = (id, level, scope)
    (self.summary, self.why, self.fix) = (summary, why, fix)
    self.body = body
  }

  /// A check of scope `evaluation`.
  init(
    _ id: String, _ level: Level, _ summary: String, why: String, fix: String,
    body: @escaping @Sendable (CheckRun) throws -> Verdict
  ) {
    self.init(id, level, .evaluation, summary, why: why, fix: fix, body: body)
  }
}
