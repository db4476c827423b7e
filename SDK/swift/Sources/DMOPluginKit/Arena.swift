/// C strings and arrays that live as long as this object: the memory behind a table.
final class Arena {
  private var blocks: [UnsafeMutableRawPointer] = []

  deinit { blocks.forEach { $0.deallocate() } }

  /// A copy of the elements, which must be trivial C values.
  func array<Element: BitwiseCopyable>(_ elements: [Element]) -> UnsafePointer<Element> {
    let copy = UnsafeMutableBufferPointer<Element>.allocate(capacity: max(1, elements.count))
    _ = copy.initialize(from: elements)
    let start = copy.baseAddress.unsafelyUnwrapped  // allocate() never gives an empty buffer for a capacity above 0
    blocks.append(UnsafeMutableRawPointer(start))
    return UnsafePointer(start)
  }

  func value<Element: BitwiseCopyable>(_ element: Element) -> UnsafePointer<Element> { array([element]) }

  /// A NUL-terminated UTF-8 copy.
  func text(_ text: String) -> UnsafePointer<CChar> { array(Array(text.utf8CString)) }

  func text(_ text: String?) -> UnsafePointer<CChar>? { text.map { self.text($0) } }

  /// A NULL-terminated array of texts.
  func texts(_ texts: [String]) -> UnsafePointer<UnsafePointer<CChar>?> {
    array(texts.map { UnsafePointer?(text($0)) } + [nil])
  }
}

/// A C table that is written once and never changed or freed.
struct Constant<Table>: @unchecked Sendable {
  // Sendable because nothing writes to the memory after this initialiser.
  let pointer: UnsafePointer<Table>

  init(_ table: Table) {
    let memory = UnsafeMutablePointer<Table>.allocate(capacity: 1)
    memory.initialize(to: table)
    pointer = UnsafePointer(memory)
  }
}
