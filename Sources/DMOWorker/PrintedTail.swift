/// The last few kilobytes of what a worker printed.
struct PrintedTail {
  static let limit = 8192
  private var bytes: [UInt8] = []
  private var dropped = false

  mutating func append(_ more: UnsafeRawBufferPointer) {
    bytes.append(contentsOf: more.suffix(Self.limit))
    dropped = dropped || more.count > Self.limit
    if bytes.count > 2 * Self.limit {
      bytes.removeFirst(bytes.count - Self.limit)
      dropped = true
    }
  }

  /// What was collected since the last call, repaired where it is not UTF-8; starts with "…" when its start is lost.
  mutating func take() -> String {
    if bytes.isEmpty { return "" }
    let cut = dropped || bytes.count > Self.limit
    let text = String(decoding: bytes.suffix(Self.limit), as: UTF8.self)
    bytes.removeAll(keepingCapacity: true)
    dropped = false
    return cut ? "…" + text : text
  }
}
