/// An error that says which status the host gets, and why in the user's words.
public protocol StatusError: Error {
  /// One of the header's `DMO_…` statuses, not `DMO_OK`.
  var status: dmo_status { get }
  /// For people; cut at the host's capacity.
  var reason: String { get }
}

/// A hidden constraint: this point has no answer. Never retried, and learnt from.
public struct Infeasible: StatusError {
  public let reason: String
  public var status: dmo_status { Status.infeasible }
  public init(_ reason: String) { self.reason = reason }
}

/// This try failed (a licence, a disk, …); a retry may work.
public struct Failed: StatusError {
  public let reason: String
  public var status: dmo_status { Status.failed }
  public init(_ reason: String) { self.reason = reason }
}

/// The simulator saw `isCancelled` and stopped.
public struct Cancelled: StatusError {
  public let reason: String
  public var status: dmo_status { Status.cancelled }
  public init(_ reason: String = "cancelled by the host") { self.reason = reason }
}

/// An option, or a combination of options, that this simulator refuses.
public struct BadInput: StatusError {
  public let reason: String
  public var status: dmo_status { Status.badInput }
  public init(_ reason: String) { self.reason = reason }
}

/// A fidelity or a combination of options that this simulator does not offer.
public struct Unsupported: StatusError {
  public let reason: String
  public var status: dmo_status { Status.unsupported }
  public init(_ reason: String) { self.reason = reason }
}

/// This instance is unusable from now on; the host destroys it.
public struct Fatal: StatusError {
  public let reason: String
  public var status: dmo_status { Status.fatal }
  public init(_ reason: String) { self.reason = reason }
}

/// The header's statuses: an anonymous C enum comes into Swift as `Int`.
enum Status {
  static let ok = dmo_status(DMO_OK)
  static let infeasible = dmo_status(DMO_INFEASIBLE)
  static let failed = dmo_status(DMO_FAILED)
  static let cancelled = dmo_status(DMO_CANCELLED)
  static let badInput = dmo_status(DMO_BAD_INPUT)
  static let unsupported = dmo_status(DMO_UNSUPPORTED)
  static let fatal = dmo_status(DMO_FATAL)

  /// The status of a thrown error; its text goes to the host.
  static func of(_ error: any Error, into text: dmo_text) -> dmo_status {
    if error is CancellationError {
      text.write(Cancelled().reason)
      return cancelled
    }
    guard let known = error as? any StatusError else {
      text.write(String(describing: error))
      return failed
    }
    text.write(known.reason)
    return known.status
  }
}

extension dmo_text {
  /// Writes as much of the message as fits, cut between two Unicode scalars, and the NUL. Nothing where there is no
  /// room.
  func write(_ message: String) {
    guard let data, capacity > 0 else { return }
    var used = 0
    for scalar in message.unicodeScalars {
      // A NUL would end the text early for every reader.
      let bytes = UTF8.encode(scalar.value == 0 ? " " : scalar)
      guard let bytes, used + bytes.count < capacity else { break }
      for byte in bytes {
        data[used] = CChar(bitPattern: byte)
        used += 1
      }
    }
    data[used] = 0
  }
}
