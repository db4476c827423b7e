import Foundation
import Synchronization
import TOMLKit

/// A problem in words: its parameters and outputs, as laboratories, commands and models in other languages state them.
///
/// TOML, or JSON with the same keys:
///
/// ```toml
/// [problem]
/// id = "etching"
///
/// [[parameter]]
/// id = "power"
/// min = 50
/// max = 400
/// unit = "W"
/// scale = "log"
///
/// [[output]]
/// id = "rate"
/// unit = "nm/s"
/// role = "maximize"
/// ```
///
/// Every key means what the field of that name in `dmo.h` means, and is left out for the same default.
public struct ProblemFile: Codable, Equatable, Sendable {
  public struct Head: Codable, Equatable, Sendable {
    public var id: String?
    public var name: String?
    public var summary: String?
    public init() {}
  }
  public struct Parameter: Codable, Equatable, Sendable {
    public enum Kind: String, Codable, Sendable, CaseIterable { case real, integer, categorical, boolean }
    public enum Scale: String, Codable, Sendable, CaseIterable { case linear, log }
    public var id: String
    public var name, unit: String?
    public var kind: Kind?
    public var scale: Scale?
    public var min, max, step: Double?
    public var choices: [String]?
    public var count, columns: Int?
    public var periodic: Bool?
    public var initial: Double?
  }
  public struct Output: Codable, Equatable, Sendable {
    public enum Role: String, Codable, Sendable, CaseIterable {
      case minimize, maximize, observe
      case atMost = "at-most"
      case atLeast = "at-least"
    }
    public var id: String
    public var name, unit: String?
    public var role: Role?
    public var bound, scale: Double?
    public var count, columns: Int?
    public var mayBeNaN: Bool?
    enum CodingKeys: String, CodingKey {
      case id, name, unit, role, bound, scale, count, columns
      case mayBeNaN = "may-be-nan"
    }
  }
  public var problem: Head?
  public var parameter: [Parameter]
  public var output: [Output]

  /// What a file says, checked. - Parameter path: tells JSON (`.json`) from TOML, and names the file in messages.
  /// - Throws: `ProblemFileError` naming the place and what to write.
  public init(path: String) throws {
    let bytes: Data
    do { bytes = try Data(contentsOf: URL(fileURLWithPath: path)) } catch {
      throw ProblemFileError("\(path): cannot be read", hint: "check the name")
    }
    let isJSON = path.hasSuffix(".json")
    try self.init(text: String(decoding: bytes, as: UTF8.self), isJSON: isJSON, name: path)
  }

  /// The same from a text; `name` is its source, for messages.
  public init(text: String, isJSON: Bool, name: String) throws {
    do {
      let json = isJSON ? text : try Self.json(toml: text)
      self = try JSONDecoder().decode(Self.self, from: Data(json.utf8))
    } catch let error as TOMLParseError {
      throw ProblemFileError(
        "\(name), line \(error.source.begin.line): \(error.description)", hint: "see docs/ask-tell.md for the format")
    } catch let error as DecodingError {
      throw ProblemFileError("\(name): \(Self.words(error))", hint: "see docs/ask-tell.md for the format")
    } catch {
      throw ProblemFileError("\(name): \(error)", hint: "see docs/ask-tell.md for the format")
    }
    try check(name)
  }

  /// TOMLKit 0.6 never frees what it has parsed: a text is parsed once in the life of the process.
  private static let parsed = Mutex<[String: String]>([:])

  /// JSON, which like these keys knows no difference between 50 and 50.0; TOML does. - Throws: `TOMLParseError`.
  private static func json(toml: String) throws -> String {
    if let known = parsed.withLock({ $0[toml] }) { return known }
    let json = try TOMLTable(string: toml).convert(to: .json)
    parsed.withLock { $0[toml] = json }
    return json
  }

  /// Where decoding stopped and why.
  private static func words(_ error: DecodingError) -> String {
    func place(_ context: DecodingError.Context, _ last: String? = nil) -> String {
      let keys = context.codingPath.map { $0.intValue.map { "number \($0 + 1)" } ?? $0.stringValue }
      return (keys + [last].compactMap { $0 }).joined(separator: ", ")
    }
    switch error {
    case .keyNotFound(let key, let context):
      return "\(place(context, key.stringValue)): is missing"
    case .typeMismatch(let type, let context): return "\(place(context)): is no \(type)"
    case .valueNotFound(_, let context): return "\(place(context)): has no value"
    case .dataCorrupted(let context): return "\(place(context)): \(context.debugDescription)"
    @unknown default: return "\(error)"
    }
  }
}

/// What is wrong with a problem's description, and what to write instead.
public struct ProblemFileError: Error, Equatable, CustomStringConvertible {
  public let description: String
  public let hint: String
  public init(_ description: String, hint: String) {
    self.description = description
    self.hint = hint
  }
}
