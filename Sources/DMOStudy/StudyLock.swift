import CDMOHost

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Keeps a second dmo from writing a study: a lock on the file `STUDY.lock`, which also names its holder.
///
/// The system gives the lock back however its holder ends, so that a file left behind means nothing. It is a file of
/// its
/// own, since closing a second descriptor of the study would give up the locks of SQLite in this process.
final class StudyLock {
  private let file: String
  private let descriptor: Int32

  static func file(of study: String) -> String { study + ".lock" }

  /// - Throws: `StudyError.locked`, naming the holder; `.unwritable`.
  init(study: String) throws {
    file = Self.file(of: study)
    while true {
      let fd = dmo_open_private(file)
      guard fd >= 0 else {
        throw StudyError(
          .unwritable, path: file, detail: "cannot be written: \(String(cString: strerror(errno)))",
          hint: "a study is locked by this file while it is written: choose a folder that you may write to")
      }
      if dmo_lock(fd) != 0 {
        let (cause, holder) = (errno, Self.read(fd))
        Glibc.close(fd)
        guard cause == EACCES || cause == EAGAIN else {
          throw StudyError(
            .unwritable, path: file, detail: "cannot be locked: \(String(cString: strerror(cause)))",
            hint: "this file system has no locks; keep the study on another")
        }
        throw StudyError(
          .locked, path: study, detail: "is being written by another dmo (\(holder))",
          hint: "wait for it, or stop it; `dmo show \(study)` works meanwhile")
      }
      // The holder before may have removed the file between our open and our lock.
      var (own, named) = (stat(), stat())
      if fstat(fd, &own) == 0, stat(file, &named) == 0, own.st_ino == named.st_ino, own.st_dev == named.st_dev {
        descriptor = fd
        break
      }
      Glibc.close(fd)
    }
    var host = [CChar](repeating: 0, count: 256)
    gethostname(&host, 255)
    let name = host.withUnsafeBufferPointer { $0.baseAddress.map { String(cString: $0) } ?? "" }
    let text = "process \(getpid()) on \(name)\n"
    _ = ftruncate(descriptor, 0)
    _ = text.withCString { pwrite(descriptor, $0, strlen($0), 0) }
  }

  deinit {
    unlink(file)
    Glibc.close(descriptor)
  }

  private static func read(_ fd: Int32) -> String {
    var bytes = [UInt8](repeating: 0, count: 300)
    let count = pread(fd, &bytes, 300, 0)
    let text = String(decoding: bytes.prefix(max(count, 0)), as: UTF8.self).filter { $0 >= " " }
    return text.isEmpty ? "of which no name is known" : text
  }

  /// Who writes a study now, or nil.
  static func holder(study: String) -> String? {
    let fd = dmo_open_reading(file(of: study))
    guard fd >= 0 else { return nil }
    defer { Glibc.close(fd) }
    return dmo_is_locked(fd) == 1 ? read(fd) : nil
  }
}
