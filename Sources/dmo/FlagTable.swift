import ArgumentParser

/// The flags of a command as ArgumentParser describes them, so that a configuration file has the same ones.
struct FlagTable {
  struct Flag {
    var name: String
    var isRepeating: Bool
    var takesValue: Bool
  }
  /// What follows a flag.
  struct Value: Equatable {
    var text: String
    init(_ text: String) { self.text = text }
    /// Of `key=value`; `a>=1` is none.
    var key: String? {
      guard let sign = text.firstIndex(of: "="), sign != text.startIndex, !"<>".contains(text[text.index(before: sign)])
      else { return nil }
      return String(text[..<sign])
    }
  }
  struct Setting: Equatable {
    var name: String
    var value: Value
  }
  private let byName: [String: Flag]
  /// Long names by the letter that is short for them.
  private let letters: [String: String]

  static let run = FlagTable(RunCommand.self)

  init(_ command: (some ParsableCommand).Type) {
    var byName: [String: Flag] = [:]
    var letters: [String: String] = [:]
    for argument in (try? CommandDump.of(command))?.arguments ?? [] {
      guard let name = argument.names?.first(where: { $0.kind == "long" })?.name else { continue }
      byName[name] = Flag(name: name, isRepeating: argument.isRepeating, takesValue: argument.kind == "option")
      for letter in argument.names ?? [] where letter.kind == "short" { letters[letter.name] = name }
    }
    (self.byName, self.letters) = (byName, letters)
  }

  func flag(_ name: String) -> Flag? { byName[name] }

  /// Arguments as flags with their values; what is no flag is passed over.
  func settings(of arguments: [String]) -> [Setting] {
    var result: [Setting] = []
    var k = 0
    while k < arguments.count {
      let argument = arguments[k]
      k += 1
      guard argument.hasPrefix("-"), argument.count > 1 else { continue }
      let isLong = argument.hasPrefix("--")
      let body = argument.drop { $0 == "-" }
      let sign = isLong ? body.firstIndex(of: "=") : nil
      let word = String(sign.map { body[..<$0] } ?? body)
      guard let name = isLong ? word : letters[word], let flag = byName[name] else { continue }
      var value = ""
      if let sign {
        value = String(body[body.index(after: sign)...])
      } else if flag.takesValue, k < arguments.count {
        value = arguments[k]
        k += 1
      }
      result.append(Setting(name: name, value: Value(value)))
    }
    return result
  }
}
