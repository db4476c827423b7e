import DMOStudy
import Foundation

/// A file or the standard output, written through a buffer.
final class Sink {
  private static let bufferSize = 1 << 16
  private let path: String
  private let descriptor: Int32
  private var buffer: [UInt8] = []
  private var failure: Int32 = 0

  /// - Parameter path: '-' for standard output. - Throws: `UserError` when it cannot be written, or is a database.
  init(_ path: String) throws {
    self.path = path
    if path != "-" { try Self.refuseDatabase(path) }
    descriptor = path == "-" ? STDOUT_FILENO : open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
    if descriptor < 0 {
      throw UserError(
        "\(path): cannot be written: \(String(cString: strerror(errno)))", hint: "choose another file with --output",
        exit: Exit.storage)
    }
  }

  /// A table over a study, such as `dmo export a.dmo -o a.dmo`, would end it. - Throws: `UserError`.
  static func refuseDatabase(_ path: String) throws {
    guard isDatabase(path) else { return }
    throw UserError(
      "\(path): is a study or another SQLite database, and is not overwritten",
      hint: "choose another file with --output", exit: Exit.storage)
  }

  private static func isDatabase(_ path: String) -> Bool {
    let mark = Array("SQLite format 3\0".utf8)
    // Of a pipe nothing may be read, and opening one would wait.
    var information = stat()
    guard stat(path, &information) == 0, information.st_mode & S_IFMT == S_IFREG else { return false }
    let file = open(path, O_RDONLY)
    guard file >= 0 else { return false }
    defer { Foundation.close(file) }
    var head = [UInt8](repeating: 0, count: mark.count)
    return read(file, &head, head.count) == mark.count && head == mark
  }

  func write(_ text: String) {
    buffer.append(contentsOf: text.utf8)
    if buffer.count >= Self.bufferSize { flush() }
  }

  private func flush() {
    var rest = buffer[...]
    while !rest.isEmpty && failure == 0 {
      let n = rest.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
      if n < 0 {
        if errno != EINTR { failure = errno }
      } else {
        rest = rest.dropFirst(n)
      }
    }
    buffer.removeAll(keepingCapacity: true)
  }

  /// Writes what is left. A reader that left early is no error.
  /// - Throws: `UserError` when something could not be written.
  func close() throws {
    flush()
    if path != "-" && Foundation.close(descriptor) != 0 && failure == 0 { failure = errno }
    if failure != 0 && !(path == "-" && failure == EPIPE) {
      throw UserError(
        "\(path == "-" ? "standard output" : path): could not be written: \(String(cString: strerror(failure)))",
        hint: "check the disk's free space", exit: Exit.storage)
    }
  }
}
