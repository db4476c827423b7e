/// What to validate, and how hard.
public struct ValidationPlan: Sendable {
  /// The plugin's file; need not exist.
  public var path: String
  /// Nil: each problem of the plugin.
  public var problem: String?
  /// Option texts by key; each problem gets those that it has.
  public var options: [String: String] = [:]
  public var level: Check.Level = .standard
  /// Globs over check ids; empty: all.
  public var include: [String] = []
  public var exclude: [String] = []
  public var seed: UInt64 = 1
  /// Checks at the same time.
  public var jobs = 1
  /// How long a check may take beyond its own repetitions, in seconds.
  public var timeout = 20.0
  /// How long a check may repeat itself, in seconds; nil: as the level says.
  public var budget: Double?
  var seconds: Double { budget ?? level.budget }
  /// The program that calls `checkWorkerMain` (with the argument `check-worker`) and `workerMain` (with `worker`).
  public var executable = "/proc/self/exe"

  public init(path: String) { self.path = path }

  /// The checks that this asks for, in their order. - Throws: `ValidationError.emptySelection`
  public func selection() throws(ValidationFault) -> [Check] {
    let named = Registry.checks.filter { check in
      (include.isEmpty || include.contains { Glob.matches(check.id, $0) })
        && !exclude.contains { Glob.matches(check.id, $0) }
    }
    let chosen = named.filter { $0.level <= level }
    if let lowest = named.map(\.level).min(), chosen.isEmpty {
      throw ValidationFault(
        .emptySelection, "no check of level \(level.rawValue) is selected", hint: "add --level \(lowest.rawValue)")
    }
    if chosen.isEmpty {
      throw ValidationFault(
        .emptySelection, "no check is selected", hint: "dmo plugin validate --list shows the ids of all checks")
    }
    return chosen
  }
}

/// Why nothing was validated.
public struct ValidationFault: Error, Sendable, CustomStringConvertible {
  public enum Code: Sendable {
    case emptySelection
    /// An unknown problem or option, or a value that is not allowed.
    case usage
    /// dmo itself failed.
    case system
  }
  public var code: Code
  public var description: String
  public var hint: String

  public init(_ code: Code, _ description: String, hint: String = "") {
    (self.code, self.description, self.hint) = (code, description, hint)
  }
}

/// Patterns with `*` (any run) and `?` (any character).
enum Glob {
  static func matches(_ text: String, _ pattern: String) -> Bool {
    matches(Array(text.unicodeScalars)[...], Array(pattern.unicodeScalars)[...])
  }

  private static func matches(
    _ text: ArraySlice<Unicode.Scalar>, _ pattern: ArraySlice<Unicode.Scalar>
  ) -> Bool {
    var (text, pattern) = (text, pattern)
    // Where to go on when the latest star must take one more.
    var retry: (text: ArraySlice<Unicode.Scalar>, pattern: ArraySlice<Unicode.Scalar>)?
    while !text.isEmpty || !pattern.isEmpty {
      if pattern.first == "*" {
        pattern = pattern.dropFirst()
        retry = (text, pattern)
      } else if let p = pattern.first, let t = text.first, p == "?" || p == t {
        (text, pattern) = (text.dropFirst(), pattern.dropFirst())
      } else if let last = retry, !last.text.isEmpty {
        text = last.text.dropFirst()
        pattern = last.pattern
        retry = (text, pattern)
      } else {
        return false
      }
    }
    return true
  }
}
