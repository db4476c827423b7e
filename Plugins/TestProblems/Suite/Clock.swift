import DMOPluginKit
import Glibc

/// The monotonic clock, for evaluations that are to take a given time.
enum Clock {
  /// Seconds since an arbitrary start.
  static func seconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }

  /// Returns at the deadline, without using the processor, so that many workers may wait on one core as they would for
  /// a licence server or a queue; looks for cancellation each 10 ms.
  ///
  /// - Throws: `Cancelled` if the host wants the call to stop.
  static func wait(until deadline: Double, _ point: Evaluation) throws {
    while true {
      try point.checkCancelled()
      let left = deadline - seconds()
      if left <= 0 { return }
      var pause = timespec(tv_sec: 0, tv_nsec: Int(min(left, 0.01) * 1e9))
      nanosleep(&pause, nil)
    }
  }
}
