import ArgumentParser

/// Times and sizes as users write them.
enum Quantity {
  /// `90`, `90s`, `2m`, `1h` in seconds. - Throws: `ValidationError` naming the option.
  static func seconds(_ text: String, option: String) throws -> Double {
    guard let value = scaled(text, ["s": 1, "m": 60, "h": 3600]) else {
      throw ValidationError("\(option) \(text): write a time such as 90s, 2m or 1h")
    }
    return value
  }

  /// `800M`, `2G`, `1.5GiB` in bytes, by powers of 1024; a bare number is bytes. - Throws: `ValidationError`.
  static func bytes(_ text: String, option: String) throws -> Int {
    var number = text.uppercased()
    for ending in ["IB", "B"] where number.hasSuffix(ending) {
      number.removeLast(ending.count)
      break
    }
    let value = scaled(number, ["K": 0x1p10, "M": 0x1p20, "G": 0x1p30, "T": 0x1p40])
    guard let value, let bytes = Int(exactly: value.rounded()), bytes >= 1 << 20 else {
      throw ValidationError("\(option) \(text): write a size of at least 1M, such as 800M or 2G")
    }
    return bytes
  }

  private static func scaled(_ text: String, _ units: [Character: Double]) -> Double? {
    let factor = text.last.flatMap { units[$0] }
    guard let value = Double(factor == nil ? text[...] : text.dropLast()), value > 0, value.isFinite else { return nil }
    return value * (factor ?? 1)
  }
}
