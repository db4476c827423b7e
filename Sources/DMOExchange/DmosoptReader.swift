import CHDF5
import DMOCore

/// Reads the file of a dmosopt study.
public final class DmosoptReader {
  /// One evaluated point.
  public struct Record: Sendable {
    public var x: [Double]
    public var objectives: [Double]
    /// Met where above 0, as dmosopt has it.
    public var constraints: [Double]
    public var epoch: Int
  }
  public struct Parameter: Sendable, Equatable {
    public var name: String
    public var isInteger: Bool
    public var lower, upper: Double
  }

  private let file: HDF5File
  /// What dmosopt calls the study: the group at the file's root.
  public let name: String
  public let parameters: [Parameter]
  public let objectives: [String]
  public let constraints: [String]
  /// Nil when the file has none.
  public let seed: Int?
  public let count: Int
  private let tables: [(table: HDF5Handle, memory: HDF5Handle, width: Int)]
  private let epochs: HDF5Handle?

  /// Records that are read together.
  private static let blockSize = 4096

  /// - Parameters:
  ///   - path: an HDF5 file that dmosopt wrote.
  ///   - study: the group to read; nil: the only one that is a dmosopt study.
  ///   - problem: which of the problems that dmosopt optimises side by side.
  ///   - library: libhdf5, as it was found at run time.
  /// - Throws: `ExchangeError`: no library, no such file, or not dmosopt's layout.
  public init(path: String, study: String? = nil, problem: Int = 0, library: HDF5Library) throws {
    let file = try HDF5File(opening: path, library)
    self.file = file
    let groups = try file.names(in: "/").filter { try file.object($0 + "/parameter_spec") != nil }
    guard let group = study ?? (groups.count == 1 ? groups.first : nil), groups.contains(group) else {
      throw ExchangeError(
        .badFormat, path: path,
        detail: groups.isEmpty
          ? "is an HDF5 file, but has no dmosopt study" : "has the studies \(groups.joined(separator: ", "))",
        hint: groups.isEmpty ? "`h5dump -n \(path)` lists what it has" : "choose one with --group")
    }
    name = group
    func table(_ name: String) throws -> HDF5Handle? { try file.object("\(group)/\(name)") }
    guard let x = try table("\(problem)/parameters"), let f = try table("\(problem)/objectives"),
      let count = try file.count(x), try file.count(f) == count
    else {
      throw ExchangeError(
        .badFormat, path: path, detail: "has no evaluations of problem \(problem) in \(group)",
        hint: "`h5dump -n \(path)` lists what it has")
    }
    self.count = count
    let names = file.members(of: try file.rowType(of: x))
    objectives = file.members(of: try file.rowType(of: f))
    var found = [(x, try file.doubles(names), names.count), (f, try file.doubles(objectives), objectives.count)]
    if let g = try table("\(problem)/constraints"), try file.count(g) == count {
      constraints = file.members(of: try file.rowType(of: g))
      found.append((g, try file.doubles(constraints), constraints.count))
    } else {
      constraints = []
    }
    tables = found
    epochs = try table("\(problem)/epochs").flatMap { try file.count($0) == count ? $0 : nil }
    parameters = try Self.parameters(file, group, order: names)
    seed = try table("random_seed").flatMap { try Self.whole(file, $0) }
  }

  /// Visits the points in the file's order. - Throws: `ExchangeError`, or what `body` throws.
  public func forEach(_ body: (Record) throws -> Void) throws {
    let whole = try file.handle(file.api.H5Tcopy(file.api.H5T_NATIVE_INT64_g), "copy a type", file.api.H5Tclose)
    var start = 0
    while start < count {
      let n = min(Self.blockSize, count - start)
      let blocks = try tables.map { table, memory, width in
        var values = [Double](repeating: .nan, count: n * width)
        try file.read(&values, count: n, at: start, of: table, as: memory)
        return values
      }
      var numbers = [Int64](repeating: 0, count: n)
      if let epochs { try file.read(&numbers, count: n, at: start, of: epochs, as: whole) }
      for k in 0..<n {
        func part(_ j: Int) -> [Double] {
          j < blocks.count ? Array(blocks[j][k * tables[j].width..<(k + 1) * tables[j].width]) : []
        }
        try body(Record(x: part(0), objectives: part(1), constraints: part(2), epoch: Int(numbers[k])))
      }
      start += n
    }
  }

  /// The parameters' ranges in the order of the records' columns.
  private static func parameters(_ file: HDF5File, _ group: String, order: [String]) throws -> [Parameter] {
    func unknown(_ what: String) -> ExchangeError {
      ExchangeError(.badFormat, path: file.path, detail: "\(group)/parameter_spec \(what)", hint: "write it again")
    }
    guard let table = try file.object(group + "/parameter_spec"), let count = try file.count(table),
      let numbered = try file.object(group + "/parameter_enum")
    else { throw unknown("is missing") }
    let names = try file.names(ofEnumeration: numbered)
    var values = [Double](repeating: 0, count: count * 4)
    try file.read(
      &values, count: count, at: 0, of: table, as: try file.doubles(["parameter", "is_integer", "lower", "upper"]))
    var known: [String: Parameter] = [:]
    for k in 0..<count {
      let row = values[4 * k..<4 * k + 4].map { $0 }
      guard let number = Int(exactly: row[0]), let name = names[number] else { throw unknown("names no parameter") }
      known[name] = Parameter(name: name, isInteger: row[1] != 0, lower: row[2], upper: row[3])
    }
    return try order.map { name in
      guard let p = known[name] else { throw unknown("has no range of \(name)") }
      return p
    }
  }

  private static func whole(_ file: HDF5File, _ table: HDF5Handle) throws -> Int? {
    guard try file.count(table) == 1 else { return nil }
    var value: Int64 = 0
    let type = try file.handle(file.api.H5Tcopy(file.api.H5T_NATIVE_INT64_g), "copy a type", file.api.H5Tclose)
    try file.read(&value, count: 1, at: 0, of: table, as: type)
    return Int(value)
  }
}
