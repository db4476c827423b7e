/// How well the surrogate foretold the answers that it had not learnt yet: forward-chaining cross-validation, which
/// costs no further fit.
struct PredictionRecord {
  /// Answers that count: the surrogate's present quality, not its past.
  private static let window = 20

  private struct Entry: Stored {
    /// Σ over targets of |ŷ − y|, and of |y − mean of the known|.
    var error, spread: Double
    /// Σ of |(ŷ − ŷ_p) − (y − y_p)|, and of |y − y_p|, p the point that the step started from.
    var pairError, pairSpread: Double

    static var blank: Entry { Entry(error: 0, spread: 0, pairError: 0, pairSpread: 0) }
    mutating func code(_ coder: inout StateCoder) throws {
      for path in [\Self.error, \.spread, \.pairError, \.pairSpread] { try coder.code(&self[keyPath: path]) }
    }
  }
  private var entries: [Entry] = []
  /// Of each target: sum and number of the finite values so far.
  private var sums: [Double] = []
  private var counts: [Double] = []

  /// Σ|ŷ − y| / Σ|y − ȳ| over the last answers, ȳ the mean of the rows learnt before: 1 is a constant's error.
  /// Nil before the first.
  var error: Double? { ratio(\.error, \.spread) }
  /// Σ|Δŷ − Δy| / Σ|Δy| between a step's start and its end: a proxy of the gradient's error; 1 is a constant's.
  var pairError: Double? { ratio(\.pairError, \.pairSpread) }

  private func ratio(_ a: KeyPath<Entry, Double>, _ b: KeyPath<Entry, Double>) -> Double? {
    let below = entries.reduce(0) { $0 + $1[keyPath: b] }
    return below > 0 ? entries.reduce(0) { $0 + $1[keyPath: a] } / below : nil
  }

  mutating func code(_ coder: inout StateCoder) throws {
    try coder.code(&entries)
    try coder.code(&sums)
    try coder.code(&counts)
  }

  /// Notes an answer before it is learnt.
  /// - Parameters:
  ///   - predicted: at the point, then at its start; shape (2, targets) or empty when nothing was predicted.
  ///   - y, start: the true targets; NaN entries are passed over. Shape (targets).
  mutating func note(predicted: [Double], y: [Double], start: [Double]) {
    let m = y.count
    if sums.isEmpty { (sums, counts) = (Array(repeating: 0, count: m), Array(repeating: 0, count: m)) }
    if predicted.count == 2 * m {
      var entry = Entry(error: 0, spread: 0, pairError: 0, pairSpread: 0)
      for c in 0..<m where y[c].isFinite && predicted[c].isFinite && counts[c] > 0 {
        entry.error += abs(predicted[c] - y[c])
        entry.spread += abs(y[c] - sums[c] / counts[c])
        guard start[c].isFinite, predicted[m + c].isFinite else { continue }
        entry.pairError += abs(predicted[c] - predicted[m + c] - (y[c] - start[c]))
        entry.pairSpread += abs(y[c] - start[c])
      }
      entries.append(entry)
      if entries.count > Self.window { entries.removeFirst() }
    }
    for c in 0..<m where y[c].isFinite {
      sums[c] += y[c]
      counts[c] += 1
    }
  }
}
