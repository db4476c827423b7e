/// Something that the user may set as text, once, when the instance is made.
public struct Option: Sendable {
  let kind: Int
  let key: String
  let help: String
  var unit: String? = nil
  var required = false
  var defaultText: String? = nil
  var limits: ClosedRange<Double> = 0...0
  var choices: [String] = []

  /// On or off.
  public static func bool(_ key: String, help: String, default value: Bool? = nil, required: Bool = false) -> Option {
    Option(
      kind: DMO_OPT_BOOL, key: key, help: help, required: required, defaultText: value.map { $0 ? "true" : "false" })
  }

  /// A whole number within inclusive limits; none where `range` is `nil`.
  public static func integer(
    _ key: String, help: String, unit: String? = nil, default value: Int? = nil, in range: ClosedRange<Int>? = nil,
    required: Bool = false
  ) -> Option {
    let limits = range.map { Double($0.lowerBound)...Double($0.upperBound) } ?? 0...0
    return Option(
      kind: DMO_OPT_INT, key: key, help: help, unit: unit, required: required, defaultText: value.map { "\($0)" },
      limits: limits)
  }

  /// A real number, in the unit, within inclusive limits; none where `range` is `nil`.
  public static func real(
    _ key: String, help: String, unit: String? = nil, default value: Double? = nil,
    in range: ClosedRange<Double>? = nil,
    required: Bool = false
  ) -> Option {
    Option(
      kind: DMO_OPT_REAL, key: key, help: help, unit: unit, required: required, defaultText: value.map { "\($0)" },
      limits: range ?? 0...0)
  }

  /// Any text.
  public static func string(_ key: String, help: String, default value: String? = nil, required: Bool = false) -> Option
  {
    Option(kind: DMO_OPT_STRING, key: key, help: help, required: required, defaultText: value)
  }

  /// One of a few words.
  public static func choice(
    _ key: String, help: String, of choices: [String], default value: String? = nil, required: Bool = false
  ) -> Option {
    Option(
      kind: DMO_OPT_CHOICE, key: key, help: help, required: required, defaultText: value, choices: choices)
  }

  /// One of an enum's cases; its raw values are the words.
  public static func choice<Value: CaseIterable & RawRepresentable>(
    _ key: String, help: String, of type: Value.Type, default value: Value? = nil, required: Bool = false
  ) -> Option where Value.RawValue == String {
    choice(key, help: help, of: type.allCases.map(\.rawValue), default: value?.rawValue, required: required)
  }

  /// A path to a file or folder.
  public static func path(_ key: String, help: String, default value: String? = nil, required: Bool = false) -> Option {
    Option(kind: DMO_OPT_PATH, key: key, help: help, required: required, defaultText: value)
  }

  func table(_ arena: Arena) -> dmo_option {
    dmo_option(
      kind: UInt32(kind), required: required ? 1 : 0, key: arena.text(key), help: arena.text(help),
      unit: arena.text(unit), default_text: arena.text(defaultText), min: limits.lowerBound, max: limits.upperBound,
      choices: choices.isEmpty ? nil : arena.texts(choices))
  }
}
