import Foundation

/// A JSON value with its keys in the order given, since people read these lines too.
///
/// Numbers that are not finite become null.
indirect enum JSON: Encodable {
  case null, bool(Bool), integer(Int), number(Double), string(String), array([JSON]), object([(String, JSON)])

  /// On one line.
  var text: String {
    switch self {
    case .null: return "null"
    case .bool(let b): return b ? "true" : "false"
    case .integer(let i): return String(i)
    case .number(let d): return d.isFinite ? "\(d)" : "null"
    case .string: return Self.escaped(self)
    case .array(let items): return "[" + items.map(\.text).joined(separator: ",") + "]"
    case .object(let members):
      return "{" + members.map { Self.escaped(.string($0.0)) + ":" + $0.1.text }.joined(separator: ",") + "}"
    }
  }

  /// Strings are escaped by Foundation's encoder.
  private static func escaped(_ string: JSON) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.withoutEscapingSlashes]
    return (try? encoder.encode(string)).map { String(decoding: $0, as: UTF8.self) } ?? "\"\""
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    if case .string(let s) = self { try container.encode(s) } else { try container.encodeNil() }
  }
}
