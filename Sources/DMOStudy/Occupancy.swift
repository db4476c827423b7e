/// How much of their time a study's workers computed.
public enum Occupancy {
  /// The evaluations' own seconds over what all workers had from the first point asked to the last one asked; after that
  /// there is nothing left to give out. Time during which a study was interrupted counts as idle.
  /// - Returns: nil when there are too few answers to tell.
  public static func share(_ rows: [StudyRow], workers: Int) -> Double? {
    let answered = rows.filter { $0.result != nil && $0.answeredAt != nil }
    guard let start = rows.map(\.askedAt).min(), let end = rows.map(\.askedAt).max(), end > start,
      answered.count > 2 * workers
    else { return nil }
    let busy = answered.reduce(0) { sum, row in
      // Counted back from its end: a point may wait for its worker.
      let ended = row.answeredAt ?? row.askedAt
      let began = max(ended - (row.result?.wallSeconds ?? 0), row.askedAt)
      return sum + max(0, min(ended, end) - began)
    }
    return busy / (Double(workers) * (end - start))
  }
}
