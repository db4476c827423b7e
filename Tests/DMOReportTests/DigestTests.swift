import DMOCore
import DMONumerics
import DMOStudy
import Foundation
import Testing

@testable import DMOReport

@Suite("what a page is made from")
struct DigestTests {
  @Test("thinning keeps every n-th answer, and never loses the best")
  func thinning() {
    let rows = (1...1000).map { Made.row($0, y: [$0 == 617 ? -1 : Double($0), -1]) }
    let digest = Made.digest(Made.description(), rows, capacity: 40)
    let width = digest.sample.columns.width
    let answers = (0..<digest.sample.count).map { Int(digest.sample.numbers[$0 * width + 1]) }
    #expect(digest.sample.count <= 40 && digest.sample.count > 20)
    #expect(answers == Array(stride(from: 1, through: 1000, by: digest.sample.stride)))
    #expect(digest.incumbents.best?.id == 617)
    #expect(digest.kept[617]?[0] == 617)
    #expect(digest.incumbents.total == 1000)
  }

  @Test("bins grow, and lose no answer")
  func bins() {
    var bins = AnswerBins(constraints: 1)
    for k in 0..<5000 { bins.add(k % 3 == 0 ? .failed : .feasible, violations: k % 3 == 0 ? nil : [k % 2 == 0 ? 1 : -1]) }
    #expect(bins.bins.count <= AnswerBins.limit)
    #expect(bins.width == 16)
    #expect(bins.bins.reduce(0) { $0 + $1.classes[2] } == 1667)
    #expect(bins.bins.reduce(0) { $0 + $1.classes[0] } == 3333)
    #expect(bins.bins.reduce(0) { $0 + $1.known[0] } == 3333)
    #expect(bins.bins.dropLast().allSatisfy { $0.classes.reduce(0, +) == 16 })
  }

  @Test("feasible, infeasible and failed: by status and bounds")
  func classes() {
    let goals = Made.description().goals
    func kind(_ status: EvaluationStatus, _ y: [Double]) -> PointClass {
      PointClass(EvaluationResult(id: 1, status: status, y: y), goals)
    }
    #expect(kind(.ok, [1, 0]) == .feasible)
    #expect(kind(.ok, [1, 0.1]) == .infeasible)
    #expect(kind(.ok, [1, .nan]) == .infeasible)
    #expect(kind(.infeasible, [.nan, .nan]) == .infeasible)
    for status in [EvaluationStatus.failed, .crashed, .timedOut, .badOutput, .fatal] { #expect(kind(status, [1, 0]) == .failed) }
  }

  @Test("the volume's history ends with the volume of the front")
  func volume() {
    var stream = Seed(3).generator
    let rows = (1...300).map { Made.row($0, y: [stream.uniform(), stream.uniform(), -1]) }
    let digest = Made.digest(Made.description(objectives: 2), rows)
    let losses = digest.incumbents.front.map(\.losses)
    let reference = FrontHistory.reference(losses)
    let volumes = digest.history.volumes(reference: reference)
    #expect(volumes.values == volumes.values.sorted())
    #expect(abs((volumes.values.last ?? 0) - Hypervolume.of(losses, reference: reference)) < 1e-12)
  }

  @Test("columns carry every bit")
  func column() throws {
    struct Coded: Decodable { var f8: String }
    let values = [0.1, -0.0, .nan, .infinity, 1e-300]
    let data = try JSONEncoder().encode(Column(values))
    let text = try JSONDecoder().decode(Coded.self, from: data).f8
    let bytes = try #require(Data(base64Encoded: text))
    let read = (0..<values.count).map { k in
      bytes.withUnsafeBytes { Double(bitPattern: UInt64(littleEndian: $0.loadUnaligned(fromByteOffset: 8 * k, as: UInt64.self))) }
    }
    #expect(read.map(\.bitPattern) == values.map(\.bitPattern))
  }

  @Test("no text of a study can leave the data of a page")
  func injection() throws {
    let evil = "</script><script>alert(1)</script><!--"
    let rows = [Made.row(1, .failed, y: [.nan, .nan], message: evil), Made.row(2, y: [1, -1])]
    let report = Report([Report.Part(Made.digest(Made.description(problem: evil), rows))])
    let page = try report.html(plotly: nil, moment: "now", nonce: "n")
    #expect(page.components(separatedBy: "<script").count == 3)
    #expect(page.components(separatedBy: "</script>").count == 3)
    #expect(!page.contains("<!--"))
    #expect(page.contains("script-src 'nonce-n'"))
    #expect(page.contains("connect-src 'none'"))
  }

  @Test("a page of a hundred thousand evaluations stays below 5 MB")
  func size() throws {
    var digest = StudyDigest(path: "s.dmo", Made.description())
    var stream = Seed(1).generator
    for id in 1...100_000 {
      let row = Made.row(id, a: stream.uniform(), y: [stream.uniform(), stream.uniform() - 0.5])
      if let result = row.result { digest.add(row, result) }
    }
    let page = try Report([Report.Part(digest)]).html(plotly: nil, moment: "now", nonce: "n")
    #expect(page.utf8.count < 5_000_000)
    #expect(digest.sample.count > 5000)
  }

  @Test("health checks name the bound that the best design lies on, and what to do")
  func health() {
    let rows = (1...30).map { Made.row($0, a: $0 == 5 ? 1 : 0.5, y: [$0 == 5 ? 0 : 1, -1]) }
    let checks = HealthReport(digest: Made.digest(Made.description(), rows)).checks()
    #expect(checks.contains { $0.title.contains("upper bound of a") && !$0.advice.isEmpty })
    #expect(checks.contains { $0.level == .good && $0.title.contains("every evaluation ran") })
    let failing = (1...30).map { Made.row($0, $0 % 2 == 0 ? .crashed : .ok, y: [1, 1]) }
    let bad = HealthReport(digest: Made.digest(Made.description(), failing)).checks()
    #expect(bad.first?.level == .bad)
    #expect(bad.contains { $0.title.contains("15 of 30 evaluations failed (50 %)") })
    #expect(bad.contains { $0.title.contains("no feasible design") })
  }

  @Test("Plotly.js: the user's file, the environment's, the active Python's, the system's, in this order")
  func plotly() {
    let paths = PlotlyLibrary.candidates(
      named: nil, program: "/opt/bin", environment: ["DMO_PLOTLY": "/a.js", "XDG_DATA_HOME": "/data"])
    #expect(paths.prefix(3) == ["/a.js", "/opt/bin/../share/dmo/plotly.min.js", "/data/dmo/plotly.min.js"])
    #expect(paths.last == "/usr/share/python3-plotly/plotly.js")
    #expect(PlotlyLibrary.candidates(named: "/b.js", program: "", environment: ["DMO_PLOTLY": "/a.js"]) == ["/b.js"])
  }

  @Test("calibration counts shares, and scores them by their squared error")
  func calibration() throws {
    let c = try #require(InsightMaker.calibration([0.95, 0.95, 0.05, 0.05], [true, false, false, false]))
    #expect(c.observed.values == [0, 0.5])
    #expect(c.count.values == [2, 2])
    #expect(abs(c.brier - (0.0025 + 0.9025 + 0.0025 + 0.0025) / 4) < 1e-12)
    #expect(c.constant == 0.1875)
  }
}
