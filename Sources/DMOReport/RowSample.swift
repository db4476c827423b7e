import DMOCore
import DMOStudy

/// Evaluations for a page, evenly thinned when there are too many: every `stride`-th answer, from the first on.
///
/// Thinning is by the number of the answer alone, so that no status, region or moment is favoured.
struct RowSample {
  /// What every row begins with. `class` is a `PointClass`, `message` and `source` are places in `texts`, times are
  /// seconds: `start` since the first evaluation was asked, `wall` and `cost` of the evaluation.
  static let own = ["id", "answer", "class", "status", "source", "message", "worker", "start", "wall", "cost"]
  /// Rows are kept below this many numbers, so that a page stays below 5 MB.
  static let cellLimit = 320_000
  static let rowLimit = 10_000
  static let textLimit = 400

  let columns: TableColumns
  let capacity: Int
  private(set) var stride = 1
  /// Row major, shape (count, columns.width).
  private(set) var numbers: [Double] = []
  /// Statuses, sources and messages, each once.
  private(set) var texts: [String] = []
  private var places: [String: Int] = [:]
  private var origin: Double?

  init(_ columns: TableColumns, capacity: Int? = nil) {
    self.columns = columns
    self.capacity = max(capacity ?? min(Self.rowLimit, Self.cellLimit / columns.width), 10)
  }

  var count: Int { numbers.count / columns.width }

  mutating func add(_ row: StudyRow, _ result: EvaluationResult, _ kind: PointClass) {
    if origin == nil { origin = row.askedAt }
    guard let answer = row.answer, (answer - 1) % stride == 0 else { return }
    numbers += self.numbers(row, result, kind)
    while count > capacity { thin() }
  }

  /// One row's numbers, in the order of `own`, then x, then y.
  mutating func numbers(_ row: StudyRow, _ result: EvaluationResult, _ kind: PointClass) -> [Double] {
    let start = (row.answeredAt ?? row.askedAt) - result.wallSeconds - (origin ?? row.askedAt)
    let head: [Double] = [
      Double(row.request.id), Double(row.answer ?? 0), Double(kind.rawValue), place(full: result.status.description),
      place(full: row.source), result.message.isEmpty ? .nan : place(result.message), Double(result.worker), start,
      result.wallSeconds, result.costSeconds,
    ]
    return head + columns.x.map { row.request.x[$0] } + columns.y.map { result.y[$0] }
  }

  private mutating func place(_ text: String) -> Double {
    if let known = places[text] { return Double(known) }
    if texts.count >= Self.textLimit { return place(full: "(another message; see dmo export)") }
    return place(full: text)
  }

  private mutating func place(full text: String) -> Double {
    if let known = places[text] { return Double(known) }
    places[text] = texts.count
    texts.append(text)
    return Double(texts.count - 1)
  }

  private mutating func thin() {
    stride *= 2
    let width = columns.width
    var kept: [Double] = []
    kept.reserveCapacity(numbers.count / 2)
    for start in Swift.stride(from: 0, to: numbers.count, by: width) where (Int(numbers[start + 1]) - 1) % stride == 0 {
      kept += numbers[start..<start + width]
    }
    numbers = kept
  }

  /// Column by column, the rows with a larger number of the answer.
  func encoded(after answer: Int = 0) -> [Column] {
    let width = columns.width
    let first = (0..<count).partitioningIndex { Int(numbers[$0 * width + 1]) > answer }
    return (0..<width).map { k in Column((first..<count).map { numbers[$0 * width + k] }) }
  }
}

extension Range<Int> {
  /// The first index from which on a predicate holds, in a range where it does not hold before. - Complexity: O(log n)
  func partitioningIndex(where holds: (Int) -> Bool) -> Int {
    var (low, high) = (lowerBound, upperBound)
    while low < high {
      let middle = low + (high - low) / 2
      if holds(middle) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
