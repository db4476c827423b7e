/// Why a table or an HDF5 file could not be read or written.
public struct ExchangeError: Error, Equatable, CustomStringConvertible {
  public struct Code: RawRepresentable, Equatable, Sendable {
    public let rawValue: String
    public init(rawValue: String) { self.rawValue = rawValue }
    /// The library that reads the format is not installed.
    public static let noLibrary = Code(rawValue: "no-library")
    /// The file cannot be opened, read or written.
    public static let unreadable = Code(rawValue: "unreadable")
    /// The file is there, but not what was expected.
    public static let badFormat = Code(rawValue: "bad-format")
    /// The contents do not fit the problem.
    public static let mismatch = Code(rawValue: "mismatch")
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

  public var description: String { path.isEmpty ? detail : "\(path): \(detail)" }
}
