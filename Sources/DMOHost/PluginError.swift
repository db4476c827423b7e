/// Why a plugin cannot be used: what, where, the cause, and what to do about it.
public struct PluginError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The kind of trouble. Open: match with `catch let e as PluginError where e.code == .notFound`.
  public struct Code: RawRepresentable, Hashable, Sendable {
    public let rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }
    /// No such file, or no file of that name in the folders searched.
    public static let notFound = Self(rawValue: "not-found")
    /// The file is no shared library, or one of another machine.
    public static let notALibrary = Self(rawValue: "not-a-library")
    /// The loader refused it, as for an undefined symbol.
    public static let loadFailed = Self(rawValue: "load-failed")
    /// Everybody on this machine could have changed it.
    public static let untrusted = Self(rawValue: "untrusted")
    /// A library that is no dmo plugin.
    public static let missingEntry = Self(rawValue: "missing-entry")
    /// A plugin of another major version of the ABI.
    public static let wrongMajor = Self(rawValue: "wrong-major")
    /// A table breaks a rule of `dmo.h`.
    public static let badTable = Self(rawValue: "bad-table")
    public static let unknownProblem = Self(rawValue: "unknown-problem")
    public static let unknownOption = Self(rawValue: "unknown-option")
    /// An option's value is missing or not allowed.
    public static let badOption = Self(rawValue: "bad-option")
    /// `create()` refused.
    public static let createFailed = Self(rawValue: "create-failed")
    /// The process that loads the plugin died, or did not answer in time.
    public static let died = Self(rawValue: "died")
    public static let timedOut = Self(rawValue: "timed-out")
  }

  public var code: Code
  /// The file, or the name as the user gave it.
  public var path: String
  /// The cause, without the path.
  public var detail: String
  /// The next step; empty when there is none to name.
  public var hint: String

  public init(_ code: Code, path: String, detail: String, hint: String = "") {
    self.code = code
    self.path = path
    self.detail = detail
    self.hint = hint
  }

  /// One line: the thing and the cause. The hint is printed apart.
  public var description: String { path.isEmpty ? detail : "\(path): \(detail)" }
}
