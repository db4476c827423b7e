import CHDF5
import Foundation

/// libhdf5, opened when an HDF5 file is first needed.
///
/// Opened at run time and not linked: dmo then builds, installs and runs on machines without it, and the library may be
/// any from 1.10 on: the system's, or another one named by the environment variable `DMO_HDF5`.
public struct HDF5Library {
  let api: chdf5_api
  /// Such as `1.10.8`.
  public let version: String

  /// Debian builds a serial and parallel variants with names of their own; the numbers are those of HDF5 1.10 to 2.
  private static let names = ["libhdf5", "libhdf5_serial"].flatMap { stem in
    ["", ".103", ".200", ".310", ".320"].map { stem + ".so" + $0 }
  }

  /// - Throws: `ExchangeError.Code.noLibrary`, saying how to get it.
  public init(environment: [String: String] = ProcessInfo.processInfo.environment) throws {
    let own = environment["DMO_HDF5"] ?? ""
    var api = chdf5_api()
    var reason = ""
    for name in own.isEmpty ? Self.names : [own] {
      guard let why = chdf5_open(name, &api) else {
        self.api = api
        var (major, minor, release): (UInt32, UInt32, UInt32) = (0, 0, 0)
        _ = api.H5get_libversion(&major, &minor, &release)
        version = "\(major).\(minor).\(release)"
        return
      }
      reason = String(cString: why)
    }
    throw ExchangeError(
      .noLibrary, path: own, detail: own.isEmpty ? "HDF5 files need libhdf5, which is not installed" : reason,
      hint: "install it (Debian: apt-get install libhdf5-103-1), or name its file in the environment variable DMO_HDF5")
  }
}

/// An open HDF5 object, closed with the value.
///
/// HDF5 serves one thread at a time; each handle stays on the thread that made it, as it is not `Sendable`.
final class HDF5Handle {
  let id: h5_id
  private let close: (h5_id) -> Int32

  init(_ id: h5_id, _ close: @escaping (h5_id) -> Int32) {
    self.id = id
    self.close = close
  }
  deinit { _ = close(id) }
}
