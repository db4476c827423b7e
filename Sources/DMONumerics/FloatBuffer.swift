/// Scratch memory of a network: single-precision numbers on a cache line's boundary, zero at first.
///
/// A class, so that a training loop writes through one pointer and copies nothing. Not shared between threads.
public final class FloatBuffer {
  /// How many numbers it holds.
  public let count: Int
  /// The first number; valid as long as the buffer lives.
  public let base: UnsafeMutablePointer<Float>

  public init(count: Int) {
    self.count = count
    let bytes = max(count, 1) * MemoryLayout<Float>.stride
    base = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 64)
      .bindMemory(to: Float.self, capacity: max(count, 1))
    base.initialize(repeating: 0, count: max(count, 1))
  }

  /// A copy.
  public convenience init(_ values: [Float]) {
    self.init(count: values.count)
    for (i, v) in values.enumerated() { base[i] = v }
  }

  deinit { UnsafeMutableRawPointer(base).deallocate() }

  /// A copy of the first `n` numbers, of all when not given.
  public func array(_ n: Int? = nil) -> [Float] {
    Array(UnsafeBufferPointer(start: base, count: n ?? count))
  }
}
