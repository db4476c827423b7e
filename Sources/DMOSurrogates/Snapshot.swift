/// Writes numbers as little-endian bytes.
struct SnapshotWriter {
  private(set) var bytes: [UInt8] = []

  /// - Parameter kind: names the trainer and the layout; `SnapshotReader` refuses another one.
  init(kind: String) { put(kind) }

  mutating func put(_ value: UInt64) { withUnsafeBytes(of: value.littleEndian) { bytes += $0 } }
  mutating func put(_ value: Int) { put(UInt64(bitPattern: Int64(value))) }
  mutating func put(_ value: Double) { put(value.bitPattern) }
  mutating func put(_ text: String) {
    put(text.utf8.count)
    bytes += text.utf8
  }
  mutating func put(_ values: [Double]) {
    put(values.count)
    for v in values { put(v) }
  }
  mutating func put(_ values: [Float]) {
    put(values.count)
    bytes.reserveCapacity(bytes.count + 4 * values.count)
    for v in values { withUnsafeBytes(of: v.bitPattern.littleEndian) { bytes += $0 } }
  }
  mutating func put(_ nested: [UInt8]) {
    put(nested.count)
    bytes += nested
  }
}

/// Reads back what a `SnapshotWriter` wrote; throws `SurrogateError` (`badSnapshot`) where the bytes are others.
struct SnapshotReader {
  private let bytes: [UInt8]
  private var next = 0
  private let kind: String

  init(_ bytes: [UInt8], kind: String) throws {
    self.bytes = bytes
    self.kind = kind
    guard try string() == kind else { throw damaged }
  }

  var isAtEnd: Bool { next == bytes.count }

  var damaged: SurrogateError {
    SurrogateError(.badSnapshot, "these bytes are not a snapshot of a trainer '\(kind)' of this version: train anew")
  }

  mutating func word() throws -> UInt64 {
    guard next + 8 <= bytes.count else { throw damaged }
    defer { next += 8 }
    return (0..<8).reduce(0) { $0 | UInt64(bytes[next + $1]) << UInt64(8 * $1) }
  }

  mutating func integer() throws -> Int { Int(Int64(bitPattern: try word())) }
  mutating func double() throws -> Double { Double(bitPattern: try word()) }

  /// A count of items of some bytes each that are really there.
  private mutating func count(of size: Int) throws -> Int {
    let n = try integer()
    guard n >= 0, n <= (bytes.count - next) / size else { throw damaged }
    return n
  }

  mutating func string() throws -> String { String(decoding: try nested(), as: UTF8.self) }
  mutating func doubles() throws -> [Double] { try (0..<count(of: 8)).map { _ in try double() } }

  mutating func floats() throws -> [Float] {
    let n = try count(of: 4)
    defer { next += 4 * n }
    return (0..<n).map { i in
      Float(bitPattern: (0..<4).reduce(0) { $0 | UInt32(bytes[next + 4 * i + $1]) << UInt32(8 * $1) })
    }
  }

  mutating func nested() throws -> [UInt8] {
    let n = try count(of: 1)
    defer { next += n }
    return Array(bytes[next..<next + n])
  }

  /// - Throws: when bytes are left.
  func finish() throws { if next != bytes.count { throw damaged } }
}
