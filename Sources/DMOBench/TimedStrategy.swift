import DMOCore
import DMOSearch

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A strategy whose telemetry also tells how long it took to decide: `model_s` and `model_cpu_s` of this thread, in
/// seconds, from the last decision on, learning included.
public struct TimedStrategy: SearchStrategy {
  public static let (wall, processor) = ("model_s", "model_cpu_s")
  /// Set by strategies that think in another process: the processor time spent there in all.
  public static let remote = "peer_cpu_s"

  private var base: any SearchStrategy
  private var spent = (wall: 0.0, processor: 0.0)
  private var decided = (wall: 0.0, processor: 0.0)
  private var remoteBefore = 0.0

  public init(_ base: any SearchStrategy) { self.base = base }

  private static func seconds(_ clock: clockid_t) -> Double {
    var t = timespec()
    clock_gettime(clock, &t)
    return Double(t.tv_sec) + 1e-9 * Double(t.tv_nsec)
  }

  private mutating func timed<T>(_ body: (inout any SearchStrategy) throws -> T) rethrows -> T {
    let start = (Self.seconds(CLOCK_MONOTONIC), Self.seconds(CLOCK_THREAD_CPUTIME_ID))
    defer {
      spent.wall += Self.seconds(CLOCK_MONOTONIC) - start.0
      spent.processor += Self.seconds(CLOCK_THREAD_CPUTIME_ID) - start.1
    }
    return try body(&base)
  }

  public mutating func ask(_ count: Int) throws -> [Proposal] {
    let proposals = try timed { try $0.ask(count) }
    decided = spent
    spent = (0, 0)
    if let remote = base.telemetry[Self.remote] {
      decided.processor += remote - remoteBefore
      remoteBefore = remote
    }
    return proposals
  }

  public mutating func tell(_ observation: Observation) { timed { $0.tell(observation) } }

  public var telemetry: [String: Double] {
    base.telemetry.merging([Self.wall: decided.wall, Self.processor: decided.processor]) { $1 }
  }
  public var learnt: [UInt8] { base.learnt }
}
