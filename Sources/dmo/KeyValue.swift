/// `key=value` texts.
enum KeyValue {
  static func parse(_ texts: [String], flag: String) throws -> [String: String] {
    var result: [String: String] = [:]
    for text in texts {
      guard let sign = text.firstIndex(of: "="), sign != text.startIndex else {
        throw UserError("\(flag) \(text): no key=value", hint: "write \(flag) key=value")
      }
      let key = String(text[..<sign])
      guard result.updateValue(String(text[text.index(after: sign)...]), forKey: key) == nil else {
        throw UserError("\(flag) names \(key) twice", hint: "give each key once")
      }
    }
    return result
  }
}
