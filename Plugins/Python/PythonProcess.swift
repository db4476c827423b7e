import Bridge
import DMOPluginKit
import Glibc

/// A Python interpreter that serves a module, and the connection to it.
///
/// A process of its own rather than libpython inside dmo's worker: any interpreter and virtual environment works, with
/// whatever it has compiled in, and a model that crashes takes nobody with it.
final class PythonProcess {
  private let child: ChildProcess
  private let channel: Int32

  /// - Throws: ``Failed`` when the interpreter cannot be started.
  init(python: String, driver: String, arguments: [String]) throws {
    var ends: [Int32] = [-1, -1]
    guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0, &ends) == 0 else {
      throw Failed("no connection to Python: \(String(cString: strerror(errno)))")
    }
    // A copy made by dup2 is open in the child; where the number is 3 already, dup2 leaves it to be closed.
    if ends[1] == 3 {
      let moved = fcntl(ends[1], F_DUPFD_CLOEXEC, 4)
      close(ends[1])
      ends[1] = moved
    }
    defer { close(ends[1]) }
    do {
      child = try ChildProcess(
        python, ["-c", driver] + arguments, environment: ["PYTHONUNBUFFERED": "1"], channel: ends[1])
    } catch {
      close(ends[0])
      throw error
    }
    channel = ends[0]
  }

  deinit {
    // Python ends when its end of the connection closes; it is given a moment for that.
    close(channel)
    for _ in 0..<50 where !child.hasEnded { usleep(2000) }
    child.end()
  }

  /// - Throws: ``Failed`` when Python has gone.
  func send(_ bytes: [UInt8]) throws {
    var sent = 0
    while sent < bytes.count {
      let count = bytes.withUnsafeBytes {
        Glibc.send(channel, $0.baseAddress.map { $0 + sent }, bytes.count - sent, Int32(MSG_NOSIGNAL))
      }
      if count < 0 && errno == EINTR { continue }
      if count <= 0 { throw gone() }
      sent += count
    }
  }

  /// - Parameter isStopped: asked about every 50 ms. - Throws: ``Cancelled``, or ``Failed`` when Python has gone.
  func receive(_ count: Int, isStopped: () -> Bool = { false }) throws -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    var received = 0
    while received < count {
      var waiting = pollfd(fd: channel, events: Int16(POLLIN), revents: 0)
      let ready = poll(&waiting, 1, 50)
      if ready < 0 && errno != EINTR { throw gone() }
      if ready <= 0 {
        if isStopped() {
          child.end()
          throw Cancelled()
        }
        continue
      }
      let part = bytes.withUnsafeMutableBytes {
        recv(channel, $0.baseAddress.map { $0 + received }, count - received, 0)
      }
      if part < 0 && errno == EINTR { continue }
      if part <= 0 { throw gone() }
      received += part
    }
    return bytes
  }

  private func gone() -> Failed {
    for _ in 0..<500 where !child.hasEnded { usleep(2000) }
    return Failed("Python \(child.hasEnded ? child.fault ?? "ended" : "closed the connection")")
  }
}

/// Numbers on the connection: 64 bits each, little-endian, which every processor of dmo is.
enum PythonWire {
  static func bytes(_ words: [UInt64], _ numbers: UnsafeBufferPointer<Double>) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(8 * (words.count + numbers.count))
    for word in words { withUnsafeBytes(of: word.littleEndian) { bytes += $0 } }
    for number in numbers { withUnsafeBytes(of: number.bitPattern.littleEndian) { bytes += $0 } }
    return bytes
  }

  static func word(_ bytes: [UInt8], at k: Int) -> UInt64 {
    bytes.withUnsafeBytes { UInt64(littleEndian: $0.loadUnaligned(fromByteOffset: 8 * k, as: UInt64.self)) }
  }
}
