import DMOCore

/// A strategy that can be put away and brought back, so that a study need not be replayed from its start.
///
/// A strategy of the same set-up that is restored from `state` answers every later `ask` as this one would.
public protocol StorableStrategy: SearchStrategy {
  /// Says how `state` is written; another word for every other way.
  static var stateFormat: String { get }

  /// Everything later decisions depend on besides the set-up; some bytes an evaluation at most.
  func state() throws -> [UInt8]

  /// - Throws: `SearchError` when the bytes are not a state of this set-up; the strategy is then as it was.
  mutating func restore(_ state: [UInt8]) throws
}

/// A strategy whose proposals do not depend on answers: asking for many at a time gives the same points.
public protocol NonAdaptiveStrategy: SearchStrategy {}

extension SamplingStrategy: NonAdaptiveStrategy {}

extension SamplingStrategy: StorableStrategy {
  public static var stateFormat: String { "sampling-1" }

  /// How many points were taken, then the fingerprints of all points known, ascending; 64-bit words, little-endian.
  public func state() -> [UInt8] {
    let words = [UInt64(design.index)] + known.sorted
    var bytes: [UInt8] = []
    bytes.reserveCapacity(8 * words.count)
    for word in words { withUnsafeBytes(of: word.littleEndian) { bytes.append(contentsOf: $0) } }
    return bytes
  }

  public mutating func restore(_ state: [UInt8]) throws {
    guard state.count >= 8, state.count % 8 == 0 else {
      throw SearchError(.badState, "the stored state of the search has \(state.count) bytes")
    }
    let words = state.withUnsafeBytes { raw in
      (0..<state.count / 8).map { UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: 8 * $0, as: UInt64.self)) }
    }
    guard let index = Int(exactly: words[0]) else { throw SearchError(.badState, "the stored state counts too far") }
    design.skip(to: index)
    known = PointSet(words.dropFirst())
  }
}
