import DMONumerics
#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Medians with quartile bands over a common axis, as an SVG picture of 720 × 440 pixels.
public struct CurvePlot {
  struct Series {
    var name: String
    /// Shape (points).
    var x, median, low, high: [Double]
  }
  private static let colours = [
    "#4c78a8", "#f58518", "#54a24b", "#e45756", "#72b7b2", "#b279a2", "#9d755d", "#eeca3b", "#79706e", "#d67195",
  ]
  private static let (width, height) = (720.0, 440.0)
  private static let (left, right, top, bottom) = (70.0, 170.0, 36.0, 50.0)

  let title: String
  let xLabel: String
  let yLabel: String
  let series: [Series]
  /// Logarithmic y: for losses that fall over decades. All values must be positive then.
  let isLogarithmic: Bool

  init(title: String, xLabel: String, yLabel: String, series: [Series], isLogarithmic: Bool = false) {
    self.title = title
    self.xLabel = xLabel
    self.yLabel = yLabel
    self.series = series
    self.isLogarithmic =
      isLogarithmic && series.allSatisfy { s in (s.median + s.low + s.high).allSatisfy { !($0 <= 0) } }
  }

  /// Best so far per query.
  public init(_ task: PaperTask, curves: [(method: String, runs: [RunCurve])]) {
    let series = curves.map { method, runs -> Series in
      let count = runs.map(\.perQuery.count).min() ?? 0
      var s = Series(name: method, x: [], median: [], low: [], high: [])
      for k in 0..<count {
        let v = runs.map { $0.perQuery[k] }
        guard v.allSatisfy(\.isFinite) else { continue }
        s.x.append(Double(k + 1))
        s.median.append(Statistics.quantile(v, 0.5))
        s.low.append(Statistics.quantile(v, 0.25))
        s.high.append(Statistics.quantile(v, 0.75))
      }
      return s
    }
    let seeds = curves.first?.runs.count ?? 0
    self.init(
      title: "\(task.title): median and quartiles of \(seeds) seeds", xLabel: "queries", yLabel: task.objective,
      series: series, isLogarithmic: !task.isMaximised)
  }

  private func map(_ y: Double) -> Double { isLogarithmic ? log10(y) : y }

  public var svg: String {
    let ys = series.flatMap { $0.low + $0.high }.filter(\.isFinite).map(map)
    let xs = series.flatMap(\.x)
    let (y0, y1) = Self.range(ys)
    let (x0, x1) = Self.range(xs)
    func px(_ x: Double) -> String {
      BenchText.number(Self.left + (x - x0) / (x1 - x0) * (Self.width - Self.left - Self.right), digits: 1)
    }
    func py(_ y: Double) -> String {
      BenchText.number(
        Self.height - Self.bottom - (map(y) - y0) / (y1 - y0) * (Self.height - Self.top - Self.bottom), digits: 1)
    }
    var out = """
      <svg xmlns="http://www.w3.org/2000/svg" width="720" height="440" font-family="sans-serif" font-size="12">
      <rect width="720" height="440" fill="white"/>
      <text x="70" y="22" font-size="14">\(Self.escaped(title))</text>
      <text x="310" y="430" text-anchor="middle">\(Self.escaped(xLabel))</text>
      <text x="16" y="210" text-anchor="middle" transform="rotate(-90 16 210)">\(Self.escaped(yLabel))</text>

      """
    for tick in Self.ticks(x0, x1) {
      out += "<text x=\"\(px(tick))\" y=\"406\" text-anchor=\"middle\">\(Self.label(tick))</text>\n"
    }
    for tick in Self.ticks(y0, y1) {
      let value = isLogarithmic ? pow(10, tick) : tick
      out += "<line x1=\"70\" x2=\"550\" y1=\"\(py(value))\" y2=\"\(py(value))\" stroke=\"#dddddd\"/>\n"
      out +=
        "<text x=\"64\" y=\"\(py(value))\" text-anchor=\"end\" dominant-baseline=\"middle\">"
        + "\(Self.label(value))</text>\n"
    }
    for (k, s) in series.enumerated() where !s.x.isEmpty {
      let colour = Self.colours[k % Self.colours.count]
      let upper = zip(s.x, s.high).map { "\(px($0)),\(py($1))" }
      let lower = zip(s.x, s.low).reversed().map { "\(px($0)),\(py($1))" }
      out += "<polygon points=\"\((upper + lower).joined(separator: " "))\" fill=\"\(colour)\" opacity=\"0.15\"/>\n"
      let line = zip(s.x, s.median).map { "\(px($0)),\(py($1))" }.joined(separator: " ")
      out += "<polyline points=\"\(line)\" fill=\"none\" stroke=\"\(colour)\" stroke-width=\"1.8\"/>\n"
      let y = 46 + 18 * k
      out += "<line x1=\"562\" x2=\"582\" y1=\"\(y)\" y2=\"\(y)\" stroke=\"\(colour)\" stroke-width=\"3\"/>\n"
      out += "<text x=\"588\" y=\"\(y)\" dominant-baseline=\"middle\">\(Self.escaped(s.name))</text>\n"
    }
    return out + "</svg>\n"
  }

  /// Never empty, so that something can be divided by it.
  private static func range(_ v: [Double]) -> (Double, Double) {
    let (low, high) = (v.min() ?? 0, v.max() ?? 1)
    return high > low ? (low, high) : (low - 0.5, high + 0.5)
  }

  /// Round numbers 1, 2 or 5 times a power of ten apart, about five of them.
  static func ticks(_ low: Double, _ high: Double) -> [Double] {
    let raw = (high - low) / 5
    let power = pow(10, log10(raw).rounded(.down))
    let step = ([1, 2, 5, 10].first { $0 * power >= raw } ?? 10) * power
    return stride(from: (low / step).rounded(.up) * step, through: high, by: step).map { abs($0) < step / 1e6 ? 0 : $0 }
  }

  private static func label(_ v: Double) -> String {
    let digits = v == 0 || abs(v) >= 100 ? 0 : max(0, min(6, 2 - Int(log10(abs(v)).rounded(.down))))
    return BenchText.number(v, digits: digits)
  }

  private static func escaped(_ text: String) -> String {
    text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
  }
}
