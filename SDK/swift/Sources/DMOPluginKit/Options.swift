/// What the user set, or else the declared defaults.
public struct Options: Sendable {
  private let texts: [String: String]

  /// Values by key. For tests of a simulator without a host.
  public init(_ texts: [String: String] = [:]) { self.texts = texts }

  init(_ declared: [Option], texts given: UnsafePointer<UnsafePointer<CChar>?>?) {
    var texts: [String: String] = [:]
    for (i, option) in declared.enumerated() {
      texts[option.key] = given?[i].map { String(cString: $0) } ?? option.defaultText
    }
    self.texts = texts
  }

  /// The text of an option; `nil` where it is unset.
  public subscript(key: String) -> String? { texts[key] }

  /// - Throws: ``BadInput`` if the option is unset.
  public func text(_ key: String) throws -> String {
    guard let text = texts[key] else { throw BadInput("option \(key) is not set") }
    return text
  }

  /// The case of an enum that is an option's word.
  ///
  /// - Throws: ``BadInput`` if the option is unset or none of the cases.
  public func choice<Value: CaseIterable & RawRepresentable>(_ key: String, as type: Value.Type) throws -> Value
  where Value.RawValue == String {
    guard let value = Value(rawValue: try text(key)) else {
      let words = type.allCases.map(\.rawValue).joined(separator: ", ")
      throw BadInput("option \(key): '\(try text(key))' is none of \(words)")
    }
    return value
  }

  /// - Throws: ``BadInput`` if the option is unset or not a whole number.
  public func integer(_ key: String) throws -> Int {
    guard let value = Int(try text(key)) else {
      throw BadInput("option \(key): '\(try text(key))' is not a whole number")
    }
    return value
  }

  /// - Throws: ``BadInput`` if the option is unset or not a finite number.
  public func real(_ key: String) throws -> Double {
    guard let value = Double(try text(key)), value.isFinite else {
      throw BadInput("option \(key): '\(try text(key))' is not a number")
    }
    return value
  }

  /// - Throws: ``BadInput`` if the option is unset or none of true, yes, on, 1, false, no, off, 0.
  public func bool(_ key: String) throws -> Bool {
    switch try text(key).lowercased() {
    case "true", "yes", "on", "1": true
    case "false", "no", "off", "0": false
    case let other: throw BadInput("option \(key): '\(other)' is neither true nor false")
    }
  }
}
