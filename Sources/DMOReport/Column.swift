import Foundation

/// Numbers for a page: little-endian doubles in base64, so that every bit arrives and nothing is parsed digit by digit.
///
/// Encodes as `{"f8": "…"}`, or `{"f4": "…"}` where single precision is enough; NaN stands for "not known".
struct Column: Encodable, Equatable, Sendable {
  var values: [Double]
  var isSingle = false

  init(_ values: [Double]) { self.values = values }

  /// For what a surrogate says, which knows no seven digits.
  init(single values: [Double]) { (self.values, isSingle) = (values, true) }

  private enum Key: String, CodingKey { case f8, f4 }

  func encode(to encoder: any Encoder) throws {
    var data = Data(capacity: values.count * 8)
    for value in values {
      if isSingle {
        withUnsafeBytes(of: Float(value).bitPattern.littleEndian) { data.append(contentsOf: $0) }
      } else {
        withUnsafeBytes(of: value.bitPattern.littleEndian) { data.append(contentsOf: $0) }
      }
    }
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(data.base64EncodedString(), forKey: isSingle ? .f4 : .f8)
  }
}

/// Numbers and words for people.
enum Words {
  /// Six significant digits, as every command prints them.
  static func number(_ value: Double) -> String { value.isNaN ? "–" : String(format: "%.6g", value) }

  /// A share in whole per cent.
  static func percent(_ part: Int, of whole: Int) -> String {
    whole == 0 ? "0 %" : String(format: "%.0f %%", 100 * Double(part) / Double(whole))
  }

  /// A value with its unit; "1" says that there is none.
  static func quantity(_ value: Double, _ unit: String) -> String {
    unit.isEmpty || unit == "1" ? number(value) : "\(number(value)) \(unit)"
  }

  /// A word for a shell, quoted when it must be.
  static func shell(_ word: String) -> String {
    let plain = word.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "@%+=:,./_-".contains($0)) }
    return plain && !word.isEmpty ? word : "'" + word.replacingOccurrences(of: "'", with: "'\\''") + "'"
  }
}
