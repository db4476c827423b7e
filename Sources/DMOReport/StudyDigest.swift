import DMOCore
import DMOStudy

/// A study as far as it was read: everything that a page shows but for the surrogate and pictures.
///
/// Grows answer by answer, in memory that grows with the front and not with the study; read it in one go for a report, again and
/// again for a live page. Best designs and counts are those of `Incumbents`, as `dmo show` prints them.
public struct StudyDigest {
  public let path: String
  public private(set) var description: StudyDescription
  /// As `StudyStore.state` says.
  public private(set) var state = "new"
  public private(set) var incumbents: Incumbents
  /// Answers taken in.
  public private(set) var answers = 0
  var sample: RowSample
  var bins: AnswerBins
  var times = TimeHistogram()
  var history = FrontHistory()
  /// Seconds: summed cost (the plugin's, else wall time), summed wall time, between the first question and the last
  /// answer.
  var cost = 0.0
  var wall = 0.0
  var first: Double?
  var last: Double?
  /// Feasible or not, of the first answer with outputs: what a best design is compared with when the plugin names none.
  var start: (row: StudyRow, result: EvaluationResult)?
  /// Rows of the front's points, of the nearest, and of `start`, which every page has.
  var kept: [UInt64: [Double]] = [:]
  var telemetry = TelemetrySample()

  public init(path: String, _ description: StudyDescription, rows: Int? = nil) {
    self.path = path
    self.description = description
    incumbents = Incumbents(goals: description.goals)
    sample = RowSample(TableColumns(description), capacity: rows)
    bins = AnswerBins(constraints: description.goals.constraints.count)
  }

  /// Takes in what was answered since the last call, at most `limit` answers.
  /// - Returns: how many. - Throws: `StudyError`.
  @discardableResult
  public mutating func read(_ store: StudyStore, limit: Int = .max) throws -> Int {
    let before = answers
    state = store.state
    try store.forEachAnswer(after: answers, limit: limit) { row in
      if let result = row.result { add(row, result) }
    }
    if answers > before { try store.forEachDecision(after: telemetry.last) { telemetry.add($0) } }
    return answers - before
  }

  mutating func add(_ row: StudyRow, _ result: EvaluationResult) {
    answers = row.answer ?? answers
    let goals = description.goals
    let kind = PointClass(result, goals)
    sample.add(row, result, kind)
    bins.add(kind, violations: result.status == .ok ? goals.violations(result.y) : nil)
    times.add(result.wallSeconds, kind)
    cost += result.costSeconds.isNaN ? result.wallSeconds : result.costSeconds
    wall += result.wallSeconds
    first = min(first ?? row.askedAt, row.askedAt)
    last = max(last ?? 0, row.answeredAt ?? 0)
    let nearest = incumbents.nearest?.point.id
    let isNew = incumbents.add(x: row.request.x, result)
    if isNew || incumbents.nearest?.point.id != nearest {
      kept[result.id] = sample.numbers(row, result, kind)
    }
    if isNew {
      history.add(
        .init(answer: row.answer ?? 0, cost: cost, id: result.id, losses: goals.losses(result.y)))
    }
    if start == nil && result.status == .ok {
      start = (row, result)
      kept[result.id] = sample.numbers(row, result, kind)
    }
    if kept.count > 4 * incumbents.front.count + 64 { forget() }
  }

  /// Drops rows of points that are no longer on the front.
  private mutating func forget() {
    var needed = Set(incumbents.front.map(\.id))
    if let id = incumbents.nearest?.point.id { needed.insert(id) }
    if let start { needed.insert(start.result.id) }
    kept = kept.filter { needed.contains($0.key) }
  }

  /// Coordinates that are neither pinned nor of one value.
  var free: [Int] {
    let space = description.spec.space
    let fixed = Set(description.fixed.keys.compactMap(space.coordinate))
    return (0..<space.dimension).filter { !fixed.contains($0) && space.parameter(at: $0).min < space.parameter(at: $0).max }
  }

  /// The design that pages speak of first: the best, of several the front's middle, else the nearest to feasible.
  public var chosen: Incumbents.Point? { incumbents.best ?? knee ?? incumbents.nearest?.point }

  /// Further designs worth a picture: both ends of a front, or the first answer.
  public var otherDesigns: [UInt64] {
    let front = incumbents.front
    if front.count > 1 {
      return [front.min { $0.losses[0] < $1.losses[0] }, front.max { $0.losses[0] < $1.losses[0] }].compactMap { $0?.id }
    }
    return start.map { [$0.result.id] } ?? []
  }

  /// Of a front: the point closest to the ideal, each objective counted by its extent on the front.
  private var knee: Incumbents.Point? {
    let front = incumbents.front
    guard let first = front.first else { return nil }
    let ranges = first.losses.indices.map { j in
      let values = front.map { $0.losses[j] }
      return (values.min() ?? 0, max((values.max() ?? 0) - (values.min() ?? 0), .leastNonzeroMagnitude))
    }
    func distance(_ p: Incumbents.Point) -> Double {
      zip(p.losses, ranges).reduce(0) { $0 + (($1.0 - $1.1.0) / $1.1.1) * (($1.0 - $1.1.0) / $1.1.1) }
    }
    return front.min { distance($0) < distance($1) }
  }
}
