import Foundation
import TOMLKit

/// A TOML file with flags of `dmo run` as keys.
///
/// `budget = 300` is `--budget 300`; `sandbox = true` is `--sandbox`; an array repeats its flag; a table such as
/// `[set]` gives `--set key=value` for each of its keys.
enum ConfigFile {
  /// Puts the flags of the file that follows `run` in its place. What the command line says again wins, for `key=value`
  /// flags key by key.
  /// - Throws: `UserError` naming the file and the key.
  static func expand(_ arguments: [String]) throws -> [String] {
    guard arguments.count > 1, arguments[0] == "run", !arguments[1].hasPrefix("-") else { return arguments }
    let path = arguments[1]
    let given = Array(arguments.dropFirst(2))
    let flags = FlagTable.run
    let said = flags.settings(of: given)
    var expanded: [String] = []
    for setting in try settings(path, flags) {
      let (name, value) = (setting.name, setting.value)
      guard let flag = flags.flag(name) else { continue }
      let isOverridden = said.contains { other in
        other.name == name && (!flag.isRepeating || value.key != nil && value.key == other.value.key)
      }
      // In one word, since a value may begin with a dash.
      if !isOverridden { expanded.append(flag.takesValue ? "--\(name)=\(value.text)" : "--\(name)") }
    }
    return ["run"] + expanded + given
  }

  /// The flags of a file in alphabetical order.
  private static func settings(_ path: String, _ flags: FlagTable) throws -> [FlagTable.Setting] {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw UserError(
        "\(path): cannot be read", hint: "`dmo run` takes flags, or first a TOML file of them (docs/config.md)",
        exit: Exit.storage)
    }
    let table: TOMLTable
    do { table = try TOMLTable(string: String(decoding: data, as: UTF8.self)) } catch let error as TOMLParseError {
      throw UserError(
        "\(path), line \(error.source.begin.line): \(error.description)", hint: "write key = value, texts in quotes")
    }
    var settings: [FlagTable.Setting] = []
    for key in table.keys.sorted() {
      let name = String(key.map { $0 == "_" ? "-" : $0 })
      guard let flag = flags.flag(name) else {
        throw UserError(
          "\(path): '\(key)' is no flag of `dmo run`", hint: "`dmo run --help` lists them, without their dashes")
      }
      guard let value = table[key] else { continue }
      settings += try texts(value, of: flag, place: "\(path): \(key)").map { FlagTable.Setting(name: name, value: $0) }
    }
    return settings
  }

  private static func texts(_ value: any TOMLValueConvertible, of flag: FlagTable.Flag, place: String) throws
    -> [FlagTable.Value]
  {
    if !flag.takesValue {
      guard let isOn = value.bool else { throw UserError("\(place): is no true or false", hint: "write true or false") }
      return isOn ? [FlagTable.Value("")] : []
    }
    if let array = value.array {
      guard flag.isRepeating else { throw UserError("\(place): takes one value", hint: "write it without brackets") }
      return try array.map { FlagTable.Value(try scalar($0, place)) }
    }
    if let table = value.table {
      guard flag.isRepeating else { throw UserError("\(place): takes one value", hint: "write \(place) = …") }
      return try table.keys.sorted().compactMap { key in
        try table[key].map { FlagTable.Value(key + "=" + (try scalar($0, "\(place).\(key)"))) }
      }
    }
    return [FlagTable.Value(try scalar(value, place))]
  }

  private static func scalar(_ value: any TOMLValueConvertible, _ place: String) throws -> String {
    if let text = value.string { return text }
    if let truth = value.bool { return truth ? "true" : "false" }
    if let whole = value.int { return "\(whole)" }
    if let number = value.double { return "\(number)" }
    throw UserError("\(place): is neither a text, a number, true nor false", hint: "write a text in quotes")
  }

  /// A file that `expand` turns into these settings.
  static func text(_ settings: [FlagTable.Setting], comments: [String]) -> String {
    let flags = FlagTable.run
    let table = TOMLTable()
    var names: [String] = []
    for setting in settings where !names.contains(setting.name) { names.append(setting.name) }
    for name in names {
      let values = settings.filter { $0.name == name }.map(\.value)
      guard let flag = flags.flag(name), let last = values.last else { continue }
      if !flag.takesValue {
        table[name] = true
      } else if !flag.isRepeating {
        table[name] = typed(last.text)
      } else if values.allSatisfy({ $0.key != nil }) && name != "require" {
        let pairs = TOMLTable()
        for value in values {
          if let key = value.key { pairs[key] = typed(String(value.text.dropFirst(key.count + 1))) }
        }
        table[name] = pairs
      } else {
        table[name] = TOMLArray(values.map(\.text))
      }
    }
    return comments.map { "# \($0)\n" }.joined() + table.convert(to: .toml) + "\n"
  }

  /// A number where the text is exactly how that number is written.
  private static func typed(_ text: String) -> any TOMLValueConvertible {
    if let whole = Int(text), "\(whole)" == text { return whole }
    if let number = Double(text), number.isFinite, "\(number)" == text { return number }
    return text
  }
}
