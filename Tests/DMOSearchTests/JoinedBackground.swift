import DMOSearch
import Dispatch
import Glibc

/// Work that a test left behind when it ended.
private let underWay: DispatchGroup = {
  let group = DispatchGroup()
  // Registered after the libraries' own, so called before them: they free what a network still computes with.
  atexit { underWay.wait() }
  return group
}()

extension Background {
  /// Other threads, waited for before the process ends: a test may leave a look-ahead behind.
  static let joined = Background { work in
    let done = DispatchSemaphore(value: 0)
    DispatchQueue.global().async(group: underWay) {
      work()
      done.signal()
    }
    return { done.wait() }
  }
}
