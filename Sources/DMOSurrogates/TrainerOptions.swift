/// `key=value` texts checked against what a trainer understands; the readers turn values into numbers or say why not.
struct TrainerOptions {
  private let trainer: String
  private var values: [String: String] = [:]

  /// - Throws: `SurrogateError` (`badOption`) for a text without `=`, a key given twice or one the trainer lacks.
  init(_ texts: [String], for description: TrainerDescription) throws {
    trainer = description.id
    for text in texts {
      guard let equals = text.firstIndex(of: "=") else {
        throw SurrogateError(
          .badOption, "trainer option '\(text)' has no '='; write it as key=value, such as epochs=40")
      }
      let key = String(text[..<equals])
      guard description.options.contains(where: { $0.key == key }) else {
        let valid = description.options.map(\.key).joined(separator: ", ")
        throw SurrogateError(.badOption, "trainer '\(trainer)' has no option '\(key)'; it has: \(valid)")
      }
      guard values.updateValue(String(text[text.index(after: equals)...]), forKey: key) == nil else {
        throw SurrogateError(.badOption, "trainer option '\(key)' is given twice; give it once")
      }
    }
  }

  private func bad(_ key: String, _ value: String, _ expected: String) -> SurrogateError {
    SurrogateError(.badOption, "trainer '\(trainer)': \(key)=\(value) is not \(expected)")
  }

  func integer(_ key: String, in range: ClosedRange<Int>) throws -> Int? {
    guard let text = values[key], text != "auto" else { return nil }
    guard let value = Int(text), range.contains(value) else {
      throw bad(key, text, "a whole number from \(range.lowerBound) to \(range.upperBound)")
    }
    return value
  }

  /// One of an enumeration's words.
  func choice<T: RawRepresentable & CaseIterable>(_ key: String, _ type: T.Type) throws -> T? where T.RawValue == String {
    guard let text = values[key] else { return nil }
    guard let value = T(rawValue: text) else {
      throw bad(key, text, "one of: " + T.allCases.map(\.rawValue).joined(separator: ", "))
    }
    return value
  }

  func number(_ key: String, in range: ClosedRange<Double>) throws -> Double? {
    guard let text = values[key] else { return nil }
    guard let value = Double(text), range.contains(value) else {
      throw bad(key, text, "a number from \(range.lowerBound) to \(range.upperBound)")
    }
    return value
  }

  /// Numbers separated by commas, such as `0,0.3,1`.
  func numbers(_ key: String, in range: ClosedRange<Double>) throws -> [Double]? {
    guard let text = values[key] else { return nil }
    let numbers = text.split(separator: ",", omittingEmptySubsequences: false).map { Double($0) ?? .nan }
    guard numbers.allSatisfy({ range.contains($0) }) else {
      throw bad(key, text, "a list of numbers from \(range.lowerBound) to \(range.upperBound) such as 0,0.3,1")
    }
    return numbers
  }

  /// One whole number, or several separated by commas where `isList`.
  func integers(_ key: String, in range: ClosedRange<Int>, isList: Bool) throws -> [Int]? {
    guard isList else { return try integer(key, in: range).map { [$0] } }
    guard let text = values[key] else { return nil }
    let numbers = text.split(separator: ",", omittingEmptySubsequences: false).map { Int($0) ?? range.lowerBound - 1 }
    guard numbers.allSatisfy({ range.contains($0) }) else {
      throw bad(key, text, "a list of whole numbers from \(range.lowerBound) to \(range.upperBound) such as 3,5,10")
    }
    return numbers
  }

  func text(_ key: String) -> String? { values[key] }

  func positive(_ key: String, atMost limit: Double) throws -> Double? {
    guard let text = values[key] else { return nil }
    guard let value = Double(text), value > 0, value <= limit else {
      throw bad(key, text, "a number above 0 and at most \(limit)")
    }
    return value
  }

  func boolean(_ key: String) throws -> Bool? {
    guard let text = values[key], text != "auto" else { return nil }
    guard let value = Bool(text) else { throw bad(key, text, "true or false") }
    return value
  }

  /// Layer widths such as `100-100-20`.
  func widths(_ key: String) throws -> [Int]? {
    guard let text = values[key], text != "auto" else { return nil }
    let widths = text.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) ?? 0 }
    guard !widths.isEmpty, widths.allSatisfy({ (1...16384).contains($0) }) else {
      throw bad(key, text, "a list of layer widths from 1 to 16384 such as 100-100-20")
    }
    return widths
  }
}
