import CDMOHost
import Glibc

/// Reads a CSV table (RFC 4180) line by line, so that memory does not grow with the file.
///
/// Cells in quotes may hold commas, line breaks and doubled quotes. Line ends are LF or CRLF; a byte order mark is
/// passed over. Blanks around cells are kept.
public final class CSVReader {
  private static let blockSize = 1 << 16
  private let path: String
  private let descriptor: Int32
  private var block = [UInt8](repeating: 0, count: blockSize)
  private var (start, end) = (0, 0)
  private var isAtBeginning = true
  /// The number of the line that the last record began on, counted from 1.
  public private(set) var line = 0
  private var lineBreaks = 0

  /// - Parameter path: '-' for standard input. - Throws: `StudyError.missing`.
  public init(path: String) throws {
    self.path = path == "-" ? "standard input" : path
    descriptor = path == "-" ? STDIN_FILENO : dmo_open_reading(path)
    if descriptor < 0 { throw unreadable(errno) }
  }
  deinit { if descriptor > STDIN_FILENO { close(descriptor) } }

  private func unreadable(_ cause: Int32) -> StudyError {
    StudyError(
      .missing, path: path, detail: "cannot be read: \(String(cString: strerror(cause)))",
      hint: "give a CSV table that you may read")
  }

  private func nextByte() throws -> UInt8? {
    if start == end {
      var count: Int
      repeat {
        count = block.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
      } while count < 0 && errno == EINTR
      if count < 0 { throw unreadable(errno) }
      (start, end) = (0, count)
      if count == 0 { return nil }
      if isAtBeginning && block.starts(with: [0xEF, 0xBB, 0xBF]) { start = min(3, end) }
      isAtBeginning = false
      if start == end { return try nextByte() }
    }
    defer { start += 1 }
    return block[start]
  }

  /// The cells of the next record; nil at the end. An empty line is one empty cell.
  /// - Throws: `StudyError`: a read error, text that is not UTF-8, a quote that is never closed.
  public func next() throws -> [String]? {
    var cells: [String] = []
    var cell: [UInt8] = []
    var isQuoted = false
    var isEmpty = true
    line += lineBreaks + 1
    lineBreaks = 0
    func finish() throws {
      guard let text = String(validating: cell, as: UTF8.self) else { throw bad("is not UTF-8 text") }
      cells.append(text)
      cell.removeAll(keepingCapacity: true)
    }
    while let byte = try nextByte() {
      isEmpty = false
      if isQuoted {
        if byte == UInt8(ascii: "\n") { lineBreaks += 1 }
        if byte != UInt8(ascii: "\"") {
          cell.append(byte)
        } else if try peek() == UInt8(ascii: "\"") {
          cell.append(byte)
          start += 1
        } else {
          isQuoted = false
        }
      } else if byte == UInt8(ascii: "\""), cell.isEmpty {
        isQuoted = true
      } else if byte == UInt8(ascii: ",") {
        try finish()
      } else if byte == UInt8(ascii: "\n") {
        if cell.last == UInt8(ascii: "\r") { cell.removeLast() }
        try finish()
        return cells
      } else {
        cell.append(byte)
      }
    }
    if isQuoted { throw bad("a quote is never closed") }
    if isEmpty { return nil }
    try finish()
    return cells
  }

  /// The byte that comes next, left where it is.
  private func peek() throws -> UInt8? {
    guard try nextByte() != nil else { return nil }
    start -= 1
    return block[start]
  }

  private func bad(_ what: String) -> StudyError {
    StudyError(
      .badRequest, path: path, detail: "line \(line): \(what)",
      hint: "separate cells by commas and quote cells that hold one")
  }
}
