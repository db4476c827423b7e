import DMOCore

extension ProblemInfo {
  /// The texts that `create()` gets, in the order of the table: the user's, else the default, else nil.
  /// - Throws: `PluginError`: an unknown key, a value that is not allowed, a required option that is missing.
  public func optionTexts(_ given: [String: String], path: String) throws(PluginError) -> [String?] {
    let keys = Set(options.map(\.key))
    for key in given.keys.sorted() where !keys.contains(key) {
      throw PluginError(
        .unknownOption, path: path, detail: "problem \(id) has no option \(TableChecks.printable(key))",
        hint: options.isEmpty
          ? "it has no options at all" : "its options are \(options.map(\.key).joined(separator: ", "))")
    }
    var texts: [String?] = []
    for option in options {
      let text = given[option.key] ?? option.defaultText
      if text == nil && option.isRequired {
        throw PluginError(
          .badOption, path: path, detail: "problem \(id) needs the option \(option.key)",
          hint: "add --set \(option.key)=…\(option.help.isEmpty ? "" : " (\(option.help))")")
      }
      if let text, text.utf8.contains(0) {
        throw PluginError(.badOption, path: path, detail: "option \(option.key): the value has a NUL character")
      }
      if let text, let objection = option.objection(to: text) {
        throw PluginError(
          .badOption, path: path, detail: "option \(objection)", hint: "see dmo plugin show for the values allowed")
      }
      texts.append(text)
    }
    return texts
  }
}

extension PluginInfo {
  /// The position of the problem with this id; nil means the first.
  /// - Throws: `PluginError.Code.unknownProblem`, naming those there are.
  public func index(ofProblem id: String?, path: String) throws(PluginError) -> Int {
    guard let id else { return 0 }
    if let index = problems.firstIndex(where: { $0.id == id }) { return index }
    throw PluginError(
      .unknownProblem, path: path, detail: "the plugin has no problem \(TableChecks.printable(id))",
      hint: "its problems are \(problems.map(\.id).joined(separator: ", "))")
  }
}
