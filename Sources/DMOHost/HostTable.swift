import CDMO
import DMOCore
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// What a plugin's host offers it.
public struct HostSettings: Sendable {
  /// A private folder for the plugin's files; nil: it may write none.
  public var scratchFolder: String?
  /// How many threads the plugin may keep busy; at least 1.
  public var threads: Int
  /// The plugin's own log: level as in `dmo.h`, text. Called from any thread.
  public var log: (@Sendable (Int32, String) -> Void)?
  /// The ranks that evaluate together; nil: this process alone.
  public var group: RankGroup?

  public init(
    scratchFolder: String? = nil, threads: Int = 1, log: (@Sendable (Int32, String) -> Void)? = nil,
    group: RankGroup? = nil
  ) {
    self.scratchFolder = scratchFolder
    self.threads = max(1, threads)
    self.log = log
    self.group = group
  }
}

/// The `dmo_host` that plugins see.
enum HostTable {
  /// By the host structure's address, because the callback gets nothing else.
  private static let logs = Mutex<[UInt: @Sendable (Int32, String) -> Void]>([:])
  private static let groups = Mutex<[UInt: RankGroup]>([:])

  /// A structure that is never freed: `dmo.h` promises that it and its texts live as long as the process.
  static func make(_ settings: HostSettings) -> UnsafePointer<dmo_host> {
    let host = UnsafeMutablePointer<dmo_host>.allocate(capacity: 1)
    host.initialize(to: dmo_host())
    host.pointee.struct_size = UInt32(MemoryLayout<dmo_host>.size)
    host.pointee.abi_minor = DMO_ABI_MINOR
    host.pointee.name = UnsafePointer(strdup("dmo"))
    host.pointee.version = UnsafePointer(strdup(Version.current))
    host.pointee.scratch_dir = settings.scratchFolder.flatMap { UnsafePointer(strdup($0)) }
    host.pointee.threads = UInt32(clamping: settings.threads)
    host.pointee.log = { host, level, text in HostTable.log(host, level, text) }
    host.pointee.extension = { host, id in HostTable.offer(host, id) }
    if let log = settings.log { logs.withLock { $0[UInt(bitPattern: host)] = log } }
    if let group = settings.group { groups.withLock { $0[UInt(bitPattern: host)] = group } }
    return UnsafePointer(host)
  }

  private static func log(_ host: UnsafePointer<dmo_host>?, _ level: Int32, _ text: UnsafePointer<CChar>?) {
    guard let host, let text else { return }
    let log = logs.withLock { $0[UInt(bitPattern: host)] }
    log?(level, HostTable.text(text, capacity: TableLimits.text))
  }

  private static func offer(_ host: UnsafePointer<dmo_host>?, _ id: UnsafePointer<CChar>?) -> UnsafeRawPointer? {
    guard let host, let id, strcmp(id, DMO_EXT_MPI) == 0 else { return nil }
    return groups.withLock { $0[UInt(bitPattern: host)] }?.address
  }

  /// A text that a plugin wrote: up to its NUL or the capacity, repaired where it is not UTF-8.
  static func text(_ address: UnsafePointer<CChar>, capacity: Int) -> String {
    let bytes = UnsafeRawBufferPointer(start: address, count: strnlen(address, capacity))
    return String(decoding: bytes, as: UTF8.self)
  }
}
