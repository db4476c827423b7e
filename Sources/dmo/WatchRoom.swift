import DMOReport
import DMOStudy
import Foundation

/// The studies that a live page shows, read on as they grow.
actor WatchRoom {
  /// Answers read at a time, so that a large study does not hold up the others.
  private static let batch = 20_000
  /// Seconds between two looks into a file, whoever asks.
  private static let pause = 0.5

  private let paths: [String]
  private let interval: Double
  private let plotly: PlotlyLibrary?
  private var stores: [StudyStore] = []
  private var report: Report
  private var looked: [Date] = []
  /// The last answers given: the same question within a moment costs nothing.
  private var lastPage: (made: Date, data: Data)?
  private var cache: [Int: (after: Int, answers: Int, data: Data)] = [:]

  /// Reads the studies as they are now. - Throws: `StudyError`, `UserError`.
  init(_ paths: [String], interval: Double, plotly: PlotlyLibrary?) throws {
    (self.paths, self.interval, self.plotly) = (paths, interval, plotly)
    stores = try ReportSources.open(paths)
    report = Report(try ReportSources.digests(stores).map(Report.Part.init))
    report.interval = interval
    looked = stores.map { _ in Date() }
  }

  var count: Int { stores.count }

  private func look(_ k: Int) throws {
    guard Date().timeIntervalSince(looked[k]) >= Self.pause else { return }
    try report.parts[k].digest.read(stores[k], limit: Self.batch)
    looked[k] = Date()
  }

  /// The page with all that is known a moment ago: many who ask at once share one. - Throws: `StudyError`,
  /// `EncodingError`.
  func page() throws -> Data {
    if let lastPage, Date().timeIntervalSince(lastPage.made) < 2 * Self.pause { return lastPage.data }
    for k in stores.indices { try look(k) }
    let data = Data(try report.html(plotly: plotly, moment: ReportSources.moment, nonce: ReportSources.secret()).utf8)
    lastPage = (Date(), data)
    return data
  }

  /// What is new in a study for a page that has all up to an answer; nil for a study that is not shown.
  /// - Throws: `StudyError`, `EncodingError`.
  func news(of k: Int, after answer: Int) throws -> Data? {
    guard stores.indices.contains(k) else { return nil }
    try look(k)
    let answers = report.parts[k].digest.answers
    if let known = cache[k], known.after == answer, known.answers == answers,
      Date().timeIntervalSince(looked[k]) < Self.pause
    {
      return known.data
    }
    let data = try report.news(of: k, after: answer, moment: ReportSources.moment)
    cache[k] = (answer, answers, data)
    return data
  }
}
