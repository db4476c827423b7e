import CDMOHost

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// One message between dmo and a worker: a header of 16 bytes (payload length u32, kind u16, protocol version u16,
/// request id u64, all little-endian), then the payload.
///
/// Each request is answered by any number of `progress` and `log` and exactly one of `done`, `refused`, `failed` with
/// the request's id. Nothing else, the exit status least of all, means that a request was answered.
package struct Frame {
  package enum Kind: UInt16 {
    /// Requests.
    case open = 1, evaluate = 2, batch = 3, vjp = 4, jvp = 5, compose = 6, composeVJP = 7, draw = 8, reference = 9
    /// Answers: the payload that the request calls for; a `PluginError`; a `PluginCallError`.
    case done = 64, refused = 65, failed = 66
    /// In between.
    case progress = 67, log = 68
  }
  static let version: UInt16 = 1
  static let headerBytes = 16
  /// The largest payload that anyone may send.
  static let payloadLimit = 1 << 30

  var kind: Kind
  var id: UInt64
  var payload: [UInt8]
}

extension Frame {
  /// Reads a message that holds one whole frame.
  /// - Throws: `WireError`: it does not.
  init(message: [UInt8]) throws(WireError) {
    var reader = WireReader(message)
    let length = Int(try reader.integer(UInt32.self))
    let (raw, version) = (try reader.integer(UInt16.self), try reader.integer(UInt16.self))
    guard version == Frame.version else { throw WireError("protocol version \(version) instead of \(Frame.version)") }
    guard let kind = Kind(rawValue: raw) else { throw WireError("a frame of unknown kind \(raw)") }
    guard message.count - Frame.headerBytes == length else { throw WireError("a message of \(message.count) bytes") }
    self.init(kind: kind, id: try reader.integer(UInt64.self), payload: Array(message[Frame.headerBytes...]))
  }
}

/// Collects the bytes of a stream and cuts them into frames.
struct FrameBuffer {
  enum Received { case some, all, nothing, closed }

  private var storage = [UInt8](repeating: 0, count: 1 << 14)
  private var head = 0
  private var tail = 0

  /// Whether bytes wait that no frame has been cut from.
  var hasBytes: Bool { tail > head }

  /// Reads once from the socket.
  /// - Returns: `some` when more may be there, `all` when not, `nothing` when nothing is there and `wait` is false,
  ///   `closed` when the other side is gone.
  mutating func receive(from socket: Int32, wait: Bool) -> Received {
    if head == tail { (head, tail) = (0, 0) }
    if tail == storage.count { makeRoom(storage.count) }
    while true {
      let (start, room) = (tail, storage.count - tail)
      let count = storage.withUnsafeMutableBytes {
        dmo_receive(socket, $0.baseAddress.map { $0 + start }, room, wait ? 1 : 0)
      }
      if count > 0 {
        tail += count
        return count < room ? .all : .some
      }
      if count == 0 { return .closed }
      if errno == EINTR { continue }
      return errno == EAGAIN || errno == EWOULDBLOCK ? .nothing : .closed
    }
  }

  private mutating func makeRoom(_ extra: Int) {
    if head > 0 {
      storage.removeSubrange(0..<head)
      (head, tail) = (0, tail - head)
    }
    if storage.count - tail < extra {
      storage.append(contentsOf: repeatElement(0, count: extra - (storage.count - tail)))
    }
  }

  /// The next whole frame, or nil when more bytes are needed.
  /// - Throws: `WireError`: another protocol version, an unknown kind, a payload above `limit`.
  mutating func next(limit: Int) throws(WireError) -> Frame? {
    guard tail - head >= Frame.headerBytes else { return nil }
    let start = head
    let (length, kind, version, id) = storage.withUnsafeBytes { raw in
      (
        UInt32(littleEndian: raw.loadUnaligned(fromByteOffset: start, as: UInt32.self)),
        UInt16(littleEndian: raw.loadUnaligned(fromByteOffset: start + 4, as: UInt16.self)),
        UInt16(littleEndian: raw.loadUnaligned(fromByteOffset: start + 6, as: UInt16.self)),
        UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: start + 8, as: UInt64.self))
      )
    }
    guard version == Frame.version else { throw WireError("protocol version \(version) instead of \(Frame.version)") }
    guard let kind = Frame.Kind(rawValue: kind) else { throw WireError("a frame of unknown kind \(kind)") }
    guard Int(length) <= limit else { throw WireError("a frame of \(length) bytes; at most \(limit) are expected") }
    let total = Frame.headerBytes + Int(length)
    // Room is made as bytes arrive, never because a header announces them.
    guard tail - head >= total else { return nil }
    defer { head += total }
    return Frame(kind: kind, id: id, payload: Array(storage[(head + Frame.headerBytes)..<(head + total)]))
  }
}
