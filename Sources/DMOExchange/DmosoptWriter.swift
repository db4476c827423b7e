import CHDF5
import DMOCore
import DMOStudy

/// Writes a study as dmosopt writes its own: one HDF5 file that dmosopt's analysis tools open.
///
/// Layout, below a group named as the problem: committed types and tables that name parameters, objectives and
/// constraints, and in the group `0` one record for each evaluation in `parameters`, `objectives`, `constraints`,
/// `predictions` (dmo keeps none: NaN) and `epochs` (the decision that asked for the point, counted from 0). Numbers
/// are 32-bit, as dmosopt's are. Objectives are minimised (a maximised one is written negated), and a constraint is met
/// where its number is above 0: y − lower or upper − y; a two-sided one gives two columns. Evaluations without an
/// answer, and observed outputs, have no place in this layout.
public final class DmosoptWriter {
  private let file: HDF5File
  private let group: String
  private let parameters: Column, objectives: Column, constraints: Column?, predictions: Column, epochs: HDF5Handle
  private let epochType: HDF5Handle
  private let goals: Goals
  private let sides: [ConstraintSide]
  private var waiting = (x: [Double](), f: [Double](), g: [Double](), epochs: [UInt32]())
  private var statistics: DmosoptStatistics
  /// Records written so far.
  public private(set) var count = 0

  /// Records that are written together.
  private static let blockSize = 4096

  private struct Column {
    var table: HDF5Handle
    /// A record of doubles with the same names.
    var memory: HDF5Handle
  }

  /// - Throws: `ExchangeError`: no library, the file cannot be written, or the study has no objective.
  public init(path: String, _ description: StudyDescription, library: HDF5Library) throws {
    goals = description.goals
    sides = ConstraintSide.all(of: goals)
    guard !goals.objectives.isEmpty else {
      throw ExchangeError(
        .mismatch, path: path, detail: "dmosopt's layout needs an objective, and the study has none",
        hint: "export it as csv or json")
    }
    let (file, group) = (try HDF5File(creating: path, library), description.problem)
    (self.file, self.group) = (file, group)
    try file.makeGroup(group)
    let layout = DmosoptLayout(file: file, group: group)
    let (names, wishes, bounds) = (
      description.spec.space.labels, goals.objectives.map(\.label), sides.map(\.name)
    )
    try layout.writeHead(description, objectives: wishes, constraints: bounds)
    try file.makeGroup(group + "/0")
    func column(_ name: String, _ type: String, _ members: [String]) throws -> Column {
      let rowType = try layout.type(type)
      let table = try file.makeTable(
        "\(group)/0/\(name)", rowType, count: 0, limit: nil, chunk: layout.chunk(rowType))
      return Column(table: table, memory: try file.doubles(members))
    }
    parameters = try column("parameters", "parameter_space_type", names)
    objectives = try column("objectives", "objective_type", wishes)
    constraints = bounds.isEmpty ? nil : try column("constraints", "constraint_type", bounds)
    predictions = try column("predictions", "surrogate_objective_type", wishes)
    epochType = try file.type(.uint32)
    epochs = try file.makeTable(
      group + "/0/epochs", epochType, count: 0, limit: nil, chunk: DmosoptLayout.chunk(recordBytes: 4))
    try file.makeGroup(group + "/optimizer_stats")
    statistics = DmosoptStatistics()
  }

  /// Takes one evaluation; those that did not end OK are passed over. - Throws: `ExchangeError`.
  public func add(_ row: StudyRow) throws {
    guard let result = row.result, result.status == .ok else { return }
    let epoch = UInt32(clamping: max(0, row.decision - 1))
    if let done = statistics.begin(epoch) { try write(done) }
    statistics.add(result)
    waiting.x += row.request.x
    waiting.f += goals.losses(result.y)
    waiting.g += sides.map { $0.value(result.y) }
    waiting.epochs.append(epoch)
    if waiting.epochs.count == Self.blockSize { try flush() }
  }

  /// Writes what is left. - Throws: `ExchangeError`.
  public func close() throws {
    try flush()
    if let last = statistics.end() { try write(last) }
  }

  private func flush() throws {
    let added = waiting.epochs.count
    guard added > 0 else { return }
    let unknown = [Double](repeating: .nan, count: added * goals.objectives.count)
    var columns = [(parameters, waiting.x), (objectives, waiting.f), (predictions, unknown)]
    if let constraints { columns.append((constraints, waiting.g)) }
    for (column, values) in columns {
      try file.resize(column.table, to: count + added)
      try values.withUnsafeBytes { bytes in
        guard let base = bytes.baseAddress else { return }
        try file.write(base, count: added, at: count, of: column.table, as: column.memory)
      }
    }
    try file.resize(epochs, to: count + added)
    try waiting.epochs.withUnsafeBytes { bytes in
      guard let base = bytes.baseAddress else { return }
      try file.write(base, count: added, at: count, of: epochs, as: epochType)
    }
    count += added
    waiting = ([], [], [], [])
  }

  private func write(_ done: (epoch: UInt32, values: [Double])) throws {
    let folder = "\(group)/optimizer_stats/\(done.epoch)"
    try file.makeGroup(folder)
    let type = try file.record(DmosoptStatistics.names.map { ($0, try file.type(.float64)) })
    let table = try file.makeTable(
      folder + "/stats", type, count: 1, limit: nil, chunk: DmosoptLayout.chunk(recordBytes: 8 * done.values.count))
    try done.values.withUnsafeBytes { bytes in
      guard let base = bytes.baseAddress else { return }
      try file.write(base, count: 1, at: 0, of: table, as: type)
    }
  }
}

/// One side of a constraint as dmosopt sees it: met where the value is above 0.
struct ConstraintSide {
  var name: String
  private var index: Int
  private var bound: Double
  private var isLower: Bool

  func value(_ y: [Double]) -> Double { isLower ? y[index] - bound : bound - y[index] }

  static func all(of goals: Goals) -> [ConstraintSide] {
    goals.constraints.flatMap { c -> [ConstraintSide] in
      let both = c.lower != nil && c.upper != nil
      return [(c.lower, true), (c.upper, false)].compactMap { bound, isLower in
        bound.map {
          ConstraintSide(
            name: both ? c.label + (isLower ? "_lower" : "_upper") : c.label, index: c.index, bound: $0,
            isLower: isLower)
        }
      }
    }
  }
}
