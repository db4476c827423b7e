/// What a person would look at: a waveform, a spectrum, a raster, an image (`dmo.artifact/1`).
public struct Artifact: Sendable {
  /// How it is drawn.
  public enum Kind: UInt32, Sendable {
    case series = 0, image, points
  }

  public let kind: Kind
  /// Unique among a problem's artifacts.
  public let id: String
  public let title: String
  /// Labels and units of the axes.
  public var xLabel: String?, xUnit: String?, yLabel: String?, yUnit: String?
  /// Artifacts of one panel share the x axis; `nil`: its own.
  public var panel: String?
  public var hasLogX = false, hasLogY = false
  let rows: Int
  let x: [Double]?, y: [Double]

  /// A line or a set of markers through (x, y), which have the same count.
  public init(_ kind: Kind, _ id: String, title: String, x: [Double], y: [Double]) {
    precondition(x.count == y.count && kind != .image, "artifact \(id): \(x.count) x and \(y.count) y")
    (self.kind, self.id, self.title, self.rows, self.x, self.y) = (kind, id, title, 1, x, y)
  }

  /// An image of `rows` rows, row major.
  public init(image id: String, title: String, rows: Int, values: [Double]) {
    precondition(rows > 0 && values.count % rows == 0, "artifact \(id): \(values.count) values in \(rows) rows")
    (self.kind, self.id, self.title, self.rows, self.x, self.y) = (.image, id, title, rows, nil, values)
  }

  /// Lets `body` see the C structure, whose memory lives as long as the call.
  func withTable(_ body: (UnsafePointer<dmo_artifact>) -> Void) {
    let arena = Arena()
    withExtendedLifetime(arena) {
      var table = dmo_artifact()
      table.struct_size = UInt32(MemoryLayout<dmo_artifact>.size)
      table.kind = kind.rawValue
      table.id = UnsafePointer(arena.text(id))
      table.title = UnsafePointer(arena.text(title))
      (table.x_label, table.x_unit) = (arena.text(xLabel), arena.text(xUnit))
      (table.y_label, table.y_unit) = (arena.text(yLabel), arena.text(yUnit))
      table.panel = arena.text(panel)
      (table.x_log, table.y_log) = (hasLogX ? 1 : 0, hasLogY ? 1 : 0)
      (table.rows, table.columns) = (UInt32(rows), UInt32(y.count / rows))
      (table.x, table.y) = (x.map { arena.array($0) }, arena.array(y))
      body(&table)
    }
  }
}

/// A simulator that has something to show.
public protocol ArtifactSimulator: Simulation {
  /// Evaluates the point again and hands over each picture. `point.y` is scratch memory.
  ///
  /// - Throws: as `evaluate`.
  func draw(_ point: Evaluation, emit: (Artifact) -> Void) throws
}
