/// The program that loaded the plugin.
public struct Host: @unchecked Sendable {
  // Sendable because dmo_host is constant for the life of the process and its functions may be called from any thread.
  private let table: UnsafePointer<dmo_host>?

  /// Wraps the host's table; `nil` stands for a host that offers nothing.
  public init(_ table: UnsafePointer<dmo_host>?) { self.table = table }

  /// How grave a message is.
  public enum Level: Int32, Sendable {
    case debug = 0, info, warning, error
  }

  /// For people.
  public var name: String { text(table?.pointee.name) ?? "unknown" }
  /// For people.
  public var version: String { text(table?.pointee.version) ?? "unknown" }
  /// A folder of this process alone, emptied after it; `nil`: write no files.
  public var scratchDirectory: String? { text(table?.pointee.scratch_dir) }
  /// How many threads the plugin may keep busy; at least 1.
  public var threads: Int { max(1, Int(table?.pointee.threads ?? 1)) }

  /// Hands a line to the host's log. From any thread.
  public func log(_ level: Level, _ message: String) {
    guard let table else { return }
    table.pointee.log?(table, level.rawValue, message)
  }

  /// The constant table of an ability of the host, such as `org.example.licences/1`; `nil` where it is not offered.
  public func `extension`(_ id: String) -> UnsafeRawPointer? {
    guard let table else { return nil }
    return table.pointee.extension?(table, id)
  }

  private func text(_ pointer: UnsafePointer<CChar>?) -> String? { pointer.map { String(cString: $0) } }
}
