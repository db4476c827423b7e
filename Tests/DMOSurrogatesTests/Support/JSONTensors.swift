import Foundation

/// A JSON object of numbers, flat arrays, `{"shape", "values"}` and nested objects, as golden files and oracles hold
/// them.
struct JSONTensors {
  private let object: [String: Any]

  init(_ url: URL) throws {
    object = try JSONSerialization.jsonObject(with: Data(contentsOf: url)) as? [String: Any] ?? [:]
  }

  private init(_ object: [String: Any]) { self.object = object }

  /// Row-major numbers; "nan" reads as NaN; empty when there is no such entry.
  subscript(key: String) -> [Double] {
    let entry = (object[key] as? [String: Any])?["values"] ?? object[key]
    return (entry as? [Any] ?? []).map { ($0 as? NSNumber)?.doubleValue ?? .nan }
  }

  func floats(_ key: String) -> [Float] { self[key].map(Float.init) }
  func number(_ key: String) -> Double { (object[key] as? NSNumber)?.doubleValue ?? .nan }
  func integer(_ key: String) -> Int { (object[key] as? NSNumber)?.intValue ?? 0 }
  func nested(_ key: String) -> JSONTensors { JSONTensors(object[key] as? [String: Any] ?? [:]) }

  /// A file of this test folder's `Golden`.
  static func golden(_ name: String) throws -> JSONTensors {
    try JSONTensors(
      URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Golden/\(name).json"))
  }
}
