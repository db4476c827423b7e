import Dispatch
import Glibc

@testable import DMOSearch

/// Work that a test left behind when it ended.
private let underWay: DispatchGroup = {
  let group = DispatchGroup()
  // Registered after the libraries' own, so called before them: they free what a network still computes with.
  atexit { underWay.wait() }
  return group
}()

extension Background {
  /// `thread`, waited for before the process ends: a test may leave a look-ahead behind.
  static let joined = Background { work in
    underWay.enter()
    return thread.start {
      work()
      underWay.leave()
    }
  }
}
