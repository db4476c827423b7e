import CDMO
import DMOCore

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Copies a plugin's C tables into values, reading no byte that the tables do not claim to have.
///
/// A pointer to nowhere still ends this process, so it runs in a worker; what it returns is checked by `TableChecks`.
struct TableReader {
  /// The plugin's file, for messages.
  let path: String
  /// Where in the tables, outermost first, such as "problem 2".
  var place: [String] = []

  func at(_ place: String) -> TableReader { TableReader(path: path, place: self.place + [place]) }

  func error(_ detail: String) -> PluginError {
    PluginError(
      .badTable, path: path, detail: (place + [detail]).joined(separator: ": "),
      hint: "the plugin's author must correct this table; dmo.h states the rule")
  }

  /// A structure whose first field is its size; fields beyond that size read as zero.
  /// - Parameter minimum: the structure's size in ABI 1.0, below which no plugin can be.
  func table<T>(_ address: UnsafeRawPointer?, _: T.Type, minimum: Int, _ name: String) throws(PluginError) -> T {
    guard let address else { throw error("\(name) is NULL") }
    let size = Int(address.loadUnaligned(as: UInt32.self))
    try checkSize(size, minimum, "\(name): struct_size")
    return Self.copy(address, size)
  }

  /// The elements of an array with a stride.
  func array<T>(
    _ address: UnsafeRawPointer?, _: T.Type, count: UInt32, stride: UInt32, minimum: Int, _ name: String
  ) throws(PluginError) -> [T] {
    if count == 0 { return [] }
    guard count <= TableLimits.rows else { throw error("\(count) \(name); at most \(TableLimits.rows) are allowed") }
    guard let address else { throw error("the table of \(count) \(name) is NULL") }
    try checkSize(Int(stride), minimum, "\(name): the size of one element")
    return (0..<Int(count)).map { Self.copy(address + $0 * Int(stride), Int(stride)) }
  }

  private func checkSize(_ size: Int, _ minimum: Int, _ name: String) throws(PluginError) {
    guard size >= minimum, size % 8 == 0, size <= TableLimits.structure else {
      throw error("\(name) is \(size), not a multiple of 8 from \(minimum) to \(TableLimits.structure)")
    }
  }

  /// The first `size` bytes, the rest zero. T is an imported C structure, for which all zero bits are a valid value.
  private static func copy<T>(_ address: UnsafeRawPointer, _ size: Int) -> T {
    withUnsafeTemporaryAllocation(byteCount: MemoryLayout<T>.size, alignment: MemoryLayout<T>.alignment) { buffer in
      guard let base = buffer.baseAddress else { return address.loadUnaligned(as: T.self) }
      memset(base, 0, MemoryLayout<T>.size)
      memcpy(base, address, min(size, MemoryLayout<T>.size))
      return base.load(as: T.self)
    }
  }

  /// A text; empty when NULL and not required.
  func text(_ address: UnsafePointer<CChar>?, _ field: String, required: Bool = false) throws(PluginError) -> String {
    guard let address else {
      if required { throw error("\(field) is NULL") }
      return ""
    }
    let length = strnlen(address, TableLimits.text + 1)
    guard length <= TableLimits.text else { throw error("\(field) is longer than \(TableLimits.text) bytes") }
    let bytes = UnsafeRawBufferPointer(start: address, count: length)
    guard let text = String(validating: bytes, as: UTF8.self) else { throw error("\(field) is not valid UTF-8") }
    if required && text.isEmpty { throw error("\(field) is empty") }
    return text
  }

  /// A NULL-terminated list of texts.
  func texts(
    _ list: UnsafePointer<UnsafePointer<CChar>?>?, _ field: String
  ) throws(PluginError) -> [String] {
    guard let list else { throw error("\(field) is NULL") }
    var result: [String] = []
    while let entry = list[result.count] {
      guard result.count < TableLimits.rows else { throw error("\(field) has no end") }
      result.append(try text(entry, "\(field)[\(result.count)]", required: true))
    }
    return result
  }
}
