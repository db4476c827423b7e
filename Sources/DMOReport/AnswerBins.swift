import DMOCore

/// Counts of answers in equal bins that grow with the study, so that a history stays small however long it gets.
struct AnswerBins: Sendable {
  static let limit = 400

  struct Bin: Sendable {
    /// By `PointClass`.
    var classes = [0, 0, 0]
    /// Answers that violate each constraint, and those of which that is known.
    var violated: [Int]
    var known: [Int]
    /// Sum of the total violations that are known and finite, and how many those are.
    var violation = 0.0
    var measured = 0

    mutating func add(_ other: Bin) {
      for k in classes.indices { classes[k] += other.classes[k] }
      for k in violated.indices {
        violated[k] += other.violated[k]
        known[k] += other.known[k]
      }
      violation += other.violation
      measured += other.measured
    }
  }

  /// Answers a bin.
  private(set) var width = 1
  private(set) var bins: [Bin] = []
  private var inLast = 0
  private let empty: Bin

  init(constraints: Int) {
    empty = Bin(violated: Array(repeating: 0, count: constraints), known: Array(repeating: 0, count: constraints))
  }

  mutating func add(_ kind: PointClass, violations: [Double]?) {
    var one = empty
    one.classes[kind.rawValue] = 1
    if let violations {
      for (k, v) in violations.enumerated() where !v.isNaN {
        one.known[k] = 1
        if v > 0 { one.violated[k] = 1 }
      }
      let total = violations.reduce(0) { $0 + max($1, 0) }
      if total.isFinite { (one.violation, one.measured) = (total, 1) }
    }
    if bins.isEmpty || inLast == width {
      if bins.count == Self.limit { merge() }
      if bins.isEmpty || inLast == width {
        bins.append(empty)
        inLast = 0
      }
    }
    bins[bins.count - 1].add(one)
    inLast += 1
  }

  /// Joins neighbours: half as many bins, twice as wide.
  private mutating func merge() {
    var halved: [Bin] = []
    for k in stride(from: 0, to: bins.count, by: 2) {
      var bin = bins[k]
      if k + 1 < bins.count { bin.add(bins[k + 1]) }
      halved.append(bin)
    }
    bins = halved
    width *= 2
    inLast = width
  }
}

/// How long evaluations took: counts by class in bins of equal ratio.
struct TimeHistogram: Sendable {
  /// Bins a decade, and the decades: from a microsecond to ten million seconds.
  static let perDecade = 8
  static let lowest = -6
  static let decades = 13

  /// Shape (bins, classes).
  private(set) var counts = [[Int]](repeating: [0, 0, 0], count: perDecade * decades)

  mutating func add(_ seconds: Double, _ kind: PointClass) {
    guard seconds.isFinite else { return }
    let exponent = seconds > 0 ? log10(seconds) : Double(Self.lowest)
    let place = Int(((exponent - Double(Self.lowest)) * Double(Self.perDecade)).rounded(.down))
    counts[min(max(place, 0), counts.count - 1)][kind.rawValue] += 1
  }

  /// The lower edge of a bin in seconds.
  static func edge(_ k: Int) -> Double { pow(10, Double(lowest) + Double(k) / Double(perDecade)) }

  /// The bins from the first to the last that hold something.
  var used: Range<Int> {
    let all = counts.indices.filter { counts[$0].contains { $0 > 0 } }
    return (all.first ?? 0)..<((all.last ?? -1) + 1)
  }
}

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif
