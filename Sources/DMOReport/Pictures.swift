import DMOCore

/// The plugin's own pictures of some designs, small enough for a page.
public struct Pictures: Encodable, Sendable {
  struct Picture: Encodable, Sendable {
    /// `series`, `image` or `points`.
    var kind: String
    var id, title, xLabel, xUnit, yLabel, yUnit, panel: String
    var xLog, yLog: Bool
    var rows, columns: Int
    var x, y: Column
    /// Numbers of the picture as the plugin drew it, when it was thinned.
    var thinnedFrom: Int?
  }
  struct Design: Encodable, Sendable {
    var id: UInt64
    var pictures: [Picture]
    /// Why there are none.
    var reason: String?
  }
  var designs: [Design] = []
  /// Why there are none at all; nil when there are.
  public var reason: String?

  public init(reason: String? = nil) { self.reason = reason }

  public mutating func add(id: UInt64, _ artifacts: [Artifact]) {
    designs.append(Design(id: id, pictures: artifacts.map(Picture.init)))
  }

  public mutating func add(id: UInt64, failure: String) {
    designs.append(Design(id: id, pictures: [], reason: failure))
  }
}

extension Pictures.Picture {
  /// Points of a curve, and side of an image, that a page bears many of.
  private static let curveLimit = 3000
  private static let sideLimit = 240

  init(_ a: Artifact) {
    switch a.kind {
    case .series: kind = "series"
    case .image: kind = "image"
    case .points: kind = "points"
    }
    (id, title, xLabel, xUnit) = (a.id, a.title, a.xLabel, a.xUnit)
    (yLabel, yUnit, panel, xLog, yLog) = (a.yLabel, a.yUnit, a.panel, a.xLog, a.yLog)
    (rows, columns) = (a.rows, a.columns)
    (x, y) = (Column(single: a.x), Column(single: a.y))
    if a.kind == .image {
      let step = (max(a.rows, a.columns) + Self.sideLimit - 1) / Self.sideLimit
      if step > 1 { pool(a, step) }
    } else if a.columns > Self.curveLimit {
      thin(a)
    }
  }

  /// Means of squares of `step` pixels.
  private mutating func pool(_ a: Artifact, _ step: Int) {
    (rows, columns) = ((a.rows + step - 1) / step, (a.columns + step - 1) / step)
    var values: [Double] = []
    for r in 0..<rows {
      for c in 0..<columns {
        var (sum, n) = (0.0, 0.0)
        for i in r * step..<min((r + 1) * step, a.rows) {
          for j in c * step..<min((c + 1) * step, a.columns) { (sum, n) = (sum + a.y[i * a.columns + j], n + 1) }
        }
        values.append(sum / n)
      }
    }
    y = Column(single: values)
    thinnedFrom = a.rows * a.columns
  }

  /// The least and the greatest point of each of many stretches, so that no peak is lost.
  private mutating func thin(_ a: Artifact) {
    let stretches = Self.curveLimit / 2
    var chosen: [Int] = []
    for k in 0..<stretches {
      let part = k * a.columns / stretches..<(k + 1) * a.columns / stretches
      guard let low = part.min(by: { a.y[$0] < a.y[$1] }), let high = part.max(by: { a.y[$0] < a.y[$1] }) else { continue }
      chosen += low == high ? [low] : [min(low, high), max(low, high)]
    }
    (x, y) = (Column(single: chosen.map { a.x[$0] }), Column(single: chosen.map { a.y[$0] }))
    columns = chosen.count
    thinnedFrom = a.columns
  }
}
