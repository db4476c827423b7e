import DMOCore
import DMOSurrogates

/// Writes a state to bytes, or reads one back, by one list of fields for both, so that the two cannot differ.
///
/// In the machine's byte order, without names, with a checksum at the end: a state is read by the very version of dmo
/// that wrote it, or not at all.
struct StateCoder {
  private var bytes: [UInt8] = []
  private var next = 0
  let isReading: Bool

  /// For writing.
  init() { isReading = false }

  /// For reading. - Throws: `SearchError.badState` for bytes that `finished` did not give.
  init(reading bytes: [UInt8]) throws(SearchError) {
    isReading = true
    guard bytes.count >= 8 else { throw Self.damaged }
    self.bytes = Array(bytes.dropLast(8))
    let sum = Self.checksum(self.bytes)
    guard withUnsafeBytes(of: sum, { $0.elementsEqual(bytes.suffix(8)) }) else { throw Self.damaged }
  }

  static let damaged = SearchError(.badState, "these bytes are not a state of this search")

  /// Everything written.
  consuming func finished() -> [UInt8] {
    let sum = Self.checksum(bytes)
    withUnsafeBytes(of: sum) { bytes += $0 }
    return bytes
  }

  /// - Throws: when something is left to read.
  func finish() throws(SearchError) { if isReading && next != bytes.count { throw Self.damaged } }

  /// SplitMix64's finaliser (Steele, Lea & Flood 2014) over the words.
  private static func checksum(_ bytes: [UInt8]) -> UInt64 {
    var h = UInt64(bytes.count)
    func take(_ word: UInt64) {
      h = (h ^ word) &+ 0x9E37_79B9_7F4A_7C15
      h = (h ^ (h >> 30)) &* 0xBF58_476D_1CE4_E5B9
      h = (h ^ (h >> 27)) &* 0x94D0_49BB_1331_11EB
      h ^= h >> 31
    }
    bytes.withUnsafeBytes { raw in
      for k in 0..<raw.count / 8 { take(raw.loadUnaligned(fromByteOffset: 8 * k, as: UInt64.self)) }
      for k in raw.count / 8 * 8..<raw.count { take(UInt64(raw[k])) }
    }
    return h
  }

  /// Numbers as they lie in memory.
  mutating func raw<T: Plain>(_ value: inout T) throws(SearchError) {
    let size = MemoryLayout<T>.size
    guard isReading else {
      withUnsafeBytes(of: value) { bytes += $0 }
      return
    }
    guard size <= bytes.count - next else { throw Self.damaged }
    value = bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: next, as: T.self) }
    next += size
  }

  mutating func raw<T: Plain>(_ values: inout [T]) throws(SearchError) {
    let count = try self.count(values.count, size: MemoryLayout<T>.size)
    guard isReading else {
      values.withUnsafeBytes { bytes += $0 }
      return
    }
    values = bytes.withUnsafeBytes { source in
      Array(unsafeUninitializedCapacity: count) { target, filled in
        UnsafeMutableRawBufferPointer(target).copyMemory(
          from: UnsafeRawBufferPointer(rebasing: source[next..<next + count * MemoryLayout<T>.size]))
        filled = count
      }
    }
    next += count * MemoryLayout<T>.size
  }

  /// How many things follow. - Throws: when there cannot be so many of at least `size` bytes.
  mutating func count(_ count: Int, size: Int = 1) throws(SearchError) -> Int {
    var count = count
    try raw(&count)
    guard !isReading || (count >= 0 && count <= (bytes.count - next) / max(size, 1)) else { throw Self.damaged }
    return count
  }

  mutating func code<T: Stored>(_ value: inout T) throws { try value.code(&self) }

  /// What a trainer keeps, by its own bytes.
  mutating func code(_ trainer: inout any SurrogateTrainer) throws {
    var saved = isReading ? [] : trainer.saved()
    try code(&saved)
    if isReading { try trainer.restore(saved) }
  }

  /// The rows of a data set.
  mutating func code(_ data: inout Dataset) throws {
    var (inputs, targets) = (data.inputs, data.targets)
    var answered = data.answered.map { UInt8($0 == nil ? 2 : $0 == true ? 1 : 0) }
    try code(&inputs)
    try code(&targets)
    try code(&answered)
    guard isReading else { return }
    let (n, m) = (data.inputCount, data.outputCount)
    guard inputs.count == n * answered.count, targets.count == m * answered.count else { throw Self.damaged }
    data = Dataset(
      inputCount: n, outputCount: m, constraintCount: data.constraintCount, areMarginsRead: data.areMarginsRead)
    for (r, word) in answered.enumerated() {
      data.append(
        z: Array(inputs[r * n..<(r + 1) * n]), y: Array(targets[r * m..<(r + 1) * m]),
        answered: word == 2 ? nil : word == 1)
    }
  }
}

/// What a `StateCoder` writes and reads.
protocol Stored {
  /// Any value, to be read into.
  static var blank: Self { get }
  mutating func code(_ coder: inout StateCoder) throws
  static func code(_ values: inout [Self], _ coder: inout StateCoder) throws
}

extension Stored {
  static func code(_ values: inout [Self], _ coder: inout StateCoder) throws {
    let count = try coder.count(values.count)
    guard coder.isReading else {
      for var value in values { try value.code(&coder) }
      return
    }
    values = try (0..<count).map { _ in
      var value = blank
      try value.code(&coder)
      return value
    }
  }
}

/// Numbers, of which every pattern of bits is one.
protocol Plain: Stored, BitwiseCopyable, ExpressibleByIntegerLiteral {}

extension Plain {
  static var blank: Self { 0 }
  mutating func code(_ coder: inout StateCoder) throws { try coder.raw(&self) }
  static func code(_ values: inout [Self], _ coder: inout StateCoder) throws { try coder.raw(&values) }
}

extension Double: Plain {}
extension Float: Plain {}
extension Int: Plain {}
extension Int32: Plain {}
extension UInt8: Plain {}
extension UInt64: Plain {}

extension Bool: Stored {
  static var blank: Bool { false }
  mutating func code(_ coder: inout StateCoder) throws {
    var byte: UInt8 = self ? 1 : 0
    try byte.code(&coder)
    self = byte != 0
  }
}

extension String: Stored {
  static var blank: String { "" }
  mutating func code(_ coder: inout StateCoder) throws {
    var text = Array(utf8)
    try text.code(&coder)
    if coder.isReading { self = String(decoding: text, as: UTF8.self) }
  }
}

extension Array: Stored where Element: Stored {
  static var blank: [Element] { [] }
  mutating func code(_ coder: inout StateCoder) throws { try Element.code(&self, &coder) }
}

extension Optional: Stored where Wrapped: Stored {
  static var blank: Wrapped? { nil }
  mutating func code(_ coder: inout StateCoder) throws {
    var isThere = self != nil
    try isThere.code(&coder)
    guard isThere else {
      self = nil
      return
    }
    var value: Wrapped = self ?? Wrapped.blank
    try value.code(&coder)
    self = value
  }
}

extension Dictionary: Stored where Key: Stored & Comparable, Value: Stored {
  static var blank: [Key: Value] { [:] }
  /// In the order of the keys, so that equal states are equal bytes.
  mutating func code(_ coder: inout StateCoder) throws {
    var keys = self.keys.sorted()
    try keys.code(&coder)
    // What was there is not of the state that is read.
    if coder.isReading { removeAll() }
    for key in keys {
      var value: Value = self[key] ?? Value.blank
      try value.code(&coder)
      if coder.isReading { self[key] = value }
    }
  }
}
