import DMOCore
import DMOStudy
import Foundation

/// A report in the making: studies as they were read, with what was learnt and drawn of each.
public struct Report {
  public struct Part {
    public var digest: StudyDigest
    public var insights: Insights?
    public var pictures: Pictures?
    /// Designs that the plugin's author names: what it is, and its outputs in table order.
    public var references: [(name: String, y: [Double])] = []
    public init(_ digest: StudyDigest) { self.digest = digest }
  }
  public var parts: [Part]
  public var comparison: Comparison?
  /// Seconds between two questions of a live page; nil for a report.
  public var interval: Double?

  public init(_ parts: [Part]) { self.parts = parts }

  /// The rows that each of several studies may have on one page; nil: the usual.
  public static func rows(for studies: Int) -> Int? {
    studies > 1 ? max(200, RowSample.rowLimit / (2 * studies)) : nil
  }

  /// - Parameters:
  ///   - plotly: nil: a page of tables.
  ///   - moment: when the page is made, for people.
  ///   - nonce: random, new for each page; its policy runs only scripts that carry it.
  /// - Throws: `EncodingError`.
  public func html(plotly: PlotlyLibrary?, moment: String, nonce: String) throws -> String {
    let title = parts.count == 1 ? PageStudy.name(of: parts[0].digest.path) : "\(parts.count) studies"
    let contents = ReportPage.Contents(
      title: "\(title) – dmo", made: made(moment), studies: parts.map { $0.page() }, comparison: comparison,
      live: interval.map { .init(interval: Int($0 * 1000)) }, plotHint: plotly == nil ? PlotlyLibrary.hint : nil)
    return try ReportPage(contents: contents, plotly: plotly?.source).html(nonce: nonce)
  }

  private func made(_ moment: String) -> String { "\(moment) by dmo \(Version.current)" }

  /// What a live page is told of one study: the rows with a larger number of the answer, all else anew.
  /// - Throws: `EncodingError`.
  public func news(of k: Int, after answer: Int, moment: String) throws -> Data {
    struct News: Encodable {
      var made: String
      var study: PageStudy
    }
    return try ReportPage.encoder.encode(News(made: made(moment), study: parts[k].page(after: answer)))
  }
}

extension Report.Part {
  func page(after answer: Int = 0) -> PageStudy {
    let columns = digest.sample.columns.y
    return PageStudy(
      digest, after: answer, insights: insights, pictures: pictures,
      baselines: references.map { reference in
        PageStudy.Baseline(name: reference.name, values: columns.map { reference.y[$0].isNaN ? nil : reference.y[$0] })
      })
  }
}
