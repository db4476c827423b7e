import DMOCore

/// A strategy's options after checking: what the user gave, else the defaults.
struct OptionValues {
  private let texts: [String: String]

  /// dmosopt's names for what is called otherwise here.
  private static let aliases = ["initial-method": "design"]
  /// dmosopt's names for designs.
  private static let designAliases = ["lh": "lhs", "mc": "random", "uniform": "random"]

  /// Keys may be written with '_' for '-'.
  /// - Throws: `SearchError.badOption` for an unknown key or a value out of its limits, naming the valid ones.
  init(_ info: StrategyInfo, _ given: [String: String]) throws(SearchError) {
    var texts: [String: String] = [:]
    for option in info.options { texts[option.key] = option.defaultText }
    for (written, value) in given.sorted(by: { $0.key < $1.key }) {
      var key = String(written.map { $0 == "_" ? "-" : $0 })
      key = Self.aliases[key] ?? key
      let text = key == "design" ? Self.designAliases[value] ?? value : value
      guard let option = info.options.first(where: { $0.key == key }) else {
        let valid = info.options.map(\.key)
        let choice = valid.isEmpty ? "it takes none" : "choose among \(valid.joined(separator: ", "))"
        throw SearchError(.badOption, "strategy '\(info.id)' has no option '\(key)': \(choice)")
      }
      if let objection = option.objection(to: text) {
        throw SearchError(.badOption, "strategy '\(info.id)': \(objection)")
      }
      texts[key] = text
    }
    self.texts = texts
  }

  func text(_ key: String) -> String? { texts[key] }
  func int(_ key: String) -> Int? { texts[key].flatMap { Int($0) } }
  func real(_ key: String) -> Double? { texts[key].flatMap { Double($0) } }
  func bool(_ key: String) -> Bool { ["true", "1"].contains(texts[key]) }
}
