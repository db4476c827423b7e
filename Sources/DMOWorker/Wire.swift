import DMOCore

/// An answer that the protocol does not allow; the other side is not to be trusted further.
struct WireError: Error, Equatable {
  var detail: String
  init(_ detail: String) { self.detail = detail }
}

/// Writes a frame: numbers little-endian, texts and arrays with a 32-bit count before them.
struct WireWriter {
  private(set) var bytes: [UInt8]

  /// Starts a frame; its length is set by `finished`.
  init(_ kind: Frame.Kind, id: UInt64 = 0) {
    bytes = []
    bytes.reserveCapacity(256)
    put(UInt32(0))
    put(kind.rawValue)
    put(Frame.version)
    put(id)
  }

  mutating func put<T: FixedWidthInteger>(_ value: T) {
    withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
  }
  mutating func put(_ value: Bool) { bytes.append(value ? 1 : 0) }
  mutating func put(_ value: Double) { put(value.bitPattern) }
  mutating func put(_ text: String) {
    var text = text
    text.withUTF8 { utf8 in
      put(UInt32(utf8.count))
      bytes.append(contentsOf: utf8)
    }
  }
  mutating func put(_ values: [Double]) {
    put(UInt32(values.count))
    #if _endian(little)
      values.withUnsafeBytes { bytes.append(contentsOf: $0) }
    #else
      for value in values { put(value) }
    #endif
  }
  mutating func put<T>(_ value: T?, _ write: (inout WireWriter, T) -> Void) {
    put(value != nil)
    if let value { write(&self, value) }
  }
  mutating func put<T>(_ values: [T], _ write: (inout WireWriter, T) -> Void) {
    put(UInt32(values.count))
    for value in values { write(&self, value) }
  }

  /// The frame with its length filled in.
  func finished() -> [UInt8] {
    var result = bytes
    let length = UInt32(bytes.count - Frame.headerBytes).littleEndian
    withUnsafeBytes(of: length) { source in for k in 0..<4 { result[k] = source[k] } }
    return result
  }
}

/// Reads a frame's payload; every length and count is checked against what is there.
struct WireReader {
  private let bytes: [UInt8]
  private var position = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  private mutating func take(_ count: Int) throws(WireError) -> Int {
    guard count >= 0, count <= bytes.count - position else { throw WireError("a frame ends too early") }
    defer { position += count }
    return position
  }

  /// Nothing may follow what was read.
  func finish() throws(WireError) {
    if position != bytes.count { throw WireError("\(bytes.count - position) bytes too many in a frame") }
  }

  mutating func integer<T: FixedWidthInteger>(_: T.Type) throws(WireError) -> T {
    let start = try take(MemoryLayout<T>.size)
    return T(littleEndian: bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: start, as: T.self) })
  }
  mutating func bool() throws(WireError) -> Bool {
    let value = try integer(UInt8.self)
    guard value <= 1 else { throw WireError("a truth value is \(value)") }
    return value == 1
  }
  mutating func double() throws(WireError) -> Double { Double(bitPattern: try integer(UInt64.self)) }
  mutating func text(limit: Int = 1 << 20) throws(WireError) -> String {
    let count = Int(try integer(UInt32.self))
    guard count <= limit else { throw WireError("a text of \(count) bytes") }
    let start = try take(count)
    return String(decoding: bytes[start..<start + count], as: UTF8.self)
  }
  mutating func doubles() throws(WireError) -> [Double] {
    let count = Int(try integer(UInt32.self))
    let start = try take(count * 8)
    return bytes.withUnsafeBytes { raw in
      (0..<count).map {
        Double(bitPattern: UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: start + 8 * $0, as: UInt64.self)))
      }
    }
  }
  mutating func optional<T>(_ read: (inout WireReader) throws(WireError) -> T) throws(WireError) -> T? {
    try bool() ? try read(&self) : nil
  }
  /// Each element takes at least one byte, so a count beyond the bytes left is refused before anything is made.
  mutating func array<T>(_ read: (inout WireReader) throws(WireError) -> T) throws(WireError) -> [T] {
    let count = Int(try integer(UInt32.self))
    guard count <= bytes.count - position else { throw WireError("an array of \(count) elements") }
    var result: [T] = []
    for _ in 0..<count { result.append(try read(&self)) }
    return result
  }
}
