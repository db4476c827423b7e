import CDMOHost

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A worker's own folder, private to the user, for as long as this process holds it.
///
/// Whoever holds it has it locked, and the system gives the lock back however the holder ends. What a killed dmo could
/// not remove, since its sandboxed worker must not, is thus told from what is in use.
struct ScratchFolder {
  let path: String
  private let descriptor: Int32

  /// Where they are made.
  static var base: String { getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp" }
  /// Sweeps there, once in a process.
  static let sweptOnce: Void = sweep(base)

  private static let prefix = "dmo-worker-"
  private static let suffixLength = 6

  /// - Returns: nil with `errno` set when it cannot be made.
  static func make(in base: String) -> ScratchFolder? {
    while true {
      var template = Array((base + "/" + prefix + String(repeating: "X", count: suffixLength)).utf8CString)
      let made = template.withUnsafeMutableBufferPointer { text in
        text.baseAddress.flatMap { mkdtemp($0) }.map { String(cString: $0) }
      }
      guard let made else { return nil }
      let descriptor = dmo_open_folder(made)
      // Without locks (some network file systems) nobody sweeps either.
      if descriptor >= 0 { _ = dmo_lock_folder(descriptor) }
      // Another dmo may have swept it before it was locked.
      if access(made, F_OK) == 0 { return ScratchFolder(path: made, descriptor: descriptor) }
      if descriptor >= 0 { close(descriptor) }
    }
  }

  /// Removes the folder with all below it, then lets go of it.
  func remove() {
    _ = dmo_remove_tree(path)
    if descriptor >= 0 { close(descriptor) }
  }

  /// Removes empty folders that a dmo left which was killed; others' and those in use stay.
  /// - Complexity: O(names in base)
  static func sweep(_ base: String) {
    guard let list = opendir(base) else { return }
    defer { closedir(list) }
    while let entry = readdir(list) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      guard name.hasPrefix(prefix), name.utf8.count == prefix.utf8.count + suffixLength else { continue }
      let descriptor = dmo_open_folder(base + "/" + name)
      guard descriptor >= 0 else { continue }
      defer { close(descriptor) }
      var information = stat()
      guard fstat(descriptor, &information) == 0, information.st_uid == geteuid() else { continue }
      // Only an empty one is removed by this, whatever happened since.
      if dmo_lock_folder(descriptor) == 0 { rmdir(base + "/" + name) }
    }
  }
}
