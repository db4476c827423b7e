/// Why a study could not be made, opened, read or written.
public struct StudyError: Error, Equatable, CustomStringConvertible {
  public struct Code: RawRepresentable, Equatable, Sendable {
    public let rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }
    /// A file of that name is there already.
    public static let exists = Code(rawValue: "exists")
    /// No such file.
    public static let missing = Code(rawValue: "missing")
    /// The folder or file cannot be written: permissions, a full disk.
    public static let unwritable = Code(rawValue: "unwritable")
    /// Not a study: another kind of file, or damaged.
    public static let notAStudy = Code(rawValue: "not-a-study")
    /// Written by a newer dmo.
    public static let newer = Code(rawValue: "newer")
    /// The plugin answers otherwise than when the study was made.
    public static let changedPlugin = Code(rawValue: "changed-plugin")
    /// Another dmo writes it.
    public static let locked = Code(rawValue: "locked")
    /// The file went away, or another took its name, while it was written.
    public static let removed = Code(rawValue: "removed")
    /// A column, format or status that does not exist.
    public static let badRequest = Code(rawValue: "bad-request")
  }
  public let code: Code
  public let path: String
  /// What is wrong.
  public let detail: String
  /// What to do about it.
  public let hint: String

  public init(_ code: Code, path: String, detail: String, hint: String) {
    self.code = code
    self.path = path
    self.detail = detail
    self.hint = hint
  }

  public var description: String { "\(path): \(detail)" }
}
