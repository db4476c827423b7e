/// Scratch memory in double precision, on a cache line's boundary, zero at first.
///
/// A class, so that a loop writes through one pointer and copies nothing. Not shared between threads.
public final class DoubleBuffer {
  /// How many numbers it holds.
  public let count: Int
  /// The first number; valid as long as the buffer lives.
  public let base: UnsafeMutablePointer<Double>

  public init(count: Int) {
    self.count = count
    let bytes = max(count, 1) * MemoryLayout<Double>.stride
    base = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 64)
      .bindMemory(to: Double.self, capacity: max(count, 1))
    base.initialize(repeating: 0, count: max(count, 1))
  }

  deinit { UnsafeMutableRawPointer(base).deallocate() }

  /// A copy of all numbers.
  public var array: [Double] { Array(UnsafeBufferPointer(start: base, count: count)) }
}
