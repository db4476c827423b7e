import DMOCore
import DMOSurrogates
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A trainer that adds up how long its fits take, in seconds of its thread's processor time.
public struct TimedTrainer: SurrogateTrainer {
  /// Shared by all copies of a trainer.
  public final class Tally: Sendable {
    private let total = Mutex((count: 0, seconds: 0.0, longest: 0.0))
    public init() {}
    public var count: Int { total.withLock { $0.count } }
    public var seconds: Double { total.withLock { $0.seconds } }
    public var longest: Double { total.withLock { $0.longest } }
    func add(_ seconds: Double) {
      total.withLock { $0 = ($0.count + 1, $0.seconds + seconds, max($0.longest, seconds)) }
    }
  }

  private var base: any SurrogateTrainer
  private let tally: Tally

  public init(_ base: any SurrogateTrainer, tally: Tally) { (self.base, self.tally) = (base, tally) }

  public mutating func fit(_ data: Dataset) throws -> any Surrogate {
    let start = Self.seconds
    defer { tally.add(Self.seconds - start) }
    return try base.fit(data)
  }

  private static var seconds: Double {
    var t = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t)
    return Double(t.tv_sec) + 1e-9 * Double(t.tv_nsec)
  }

  public var lastLoss: Double { base.lastLoss }
  public func startsAnew(rows: Int) -> Bool { base.startsAnew(rows: rows) }
  public var target: TrainingTarget { base.target }
  public var fitted: (any Surrogate)? { base.fitted }
  public func saved() -> [UInt8] { base.saved() }
  public mutating func restore(_ bytes: [UInt8]) throws { try base.restore(bytes) }
}
