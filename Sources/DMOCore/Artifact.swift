/// Something a person would look at: a waveform, an image, markers.
public struct Artifact: Equatable, Sendable, Codable {
  public enum Kind: UInt32, Sendable, Codable { case series = 0, image = 1, points = 2 }
  public var kind: Kind
  public var id, title, xLabel, xUnit, yLabel, yUnit: String
  /// Artifacts of one panel share the x axis; empty: its own.
  public var panel: String
  public var xLog, yLog: Bool
  /// Series and points: rows = 1, columns = points.
  public var rows, columns: Int
  /// Shape (columns); empty for images.
  public var x: [Double]
  /// Row major, shape (rows, columns).
  public var y: [Double]

  public init(
    kind: Kind, id: String, title: String = "", xLabel: String = "", xUnit: String = "", yLabel: String = "",
    yUnit: String = "", panel: String = "", xLog: Bool = false, yLog: Bool = false, rows: Int, columns: Int,
    x: [Double], y: [Double]
  ) {
    self.kind = kind
    (self.id, self.title, self.panel) = (id, title, panel)
    (self.xLabel, self.xUnit, self.yLabel, self.yUnit) = (xLabel, xUnit, yLabel, yUnit)
    (self.xLog, self.yLog) = (xLog, yLog)
    (self.rows, self.columns) = (rows, columns)
    (self.x, self.y) = (x, y)
  }
}
