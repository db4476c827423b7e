import CHDF5
import DMOCore
import DMOStudy
import Foundation

/// The names and types at the head of dmosopt's layout.
struct DmosoptLayout {
  let file: HDF5File
  let group: String

  /// dmosopt keeps the path of a parameter's name in at most so many parts of so many bytes.
  static let pathParts = 10
  static let partBytes = 128

  /// How many records h5py lays together when it is left to choose, which dmosopt does: 1024 records are halved until
  /// they are near the size that h5py aims at (16 KiB · 2^log₁₀(MiB), at least 8 KiB).
  static func chunk(recordBytes: Int) -> Int {
    var records = 1024
    let aim = max(8192, 16384 * pow(2, log10(Double(records * recordBytes) / 1_048_576)))
    func bytes() -> Double { Double(records * recordBytes) }
    while records > 1 && !(bytes() < aim || abs(bytes() - aim) / aim < 0.5) { records = (records + 1) / 2 }
    return records
  }

  func chunk(_ type: HDF5Handle) -> Int { Self.chunk(recordBytes: file.api.H5Tget_size(type.id)) }

  func type(_ name: String) throws -> HDF5Handle {
    guard let type = try file.object("\(group)/\(name)") else {
      throw ExchangeError(.badFormat, path: file.path, detail: "has no type \(name)", hint: "write it again")
    }
    return type
  }

  /// Names the parameters, objectives and constraints.
  func writeHead(_ description: StudyDescription, objectives: [String], constraints: [String]) throws {
    let space = description.spec.space
    for name in space.labels where name.utf8.count >= Self.partBytes {
      throw ExchangeError(
        .mismatch, path: file.path, detail: "dmosopt's layout has no room for the long name \(name)",
        hint: "export it as csv or json")
    }
    let float = try file.type(.float32)
    func numbers(_ names: [String]) throws -> HDF5Handle { try file.record(names.map { ($0, float) }) }
    try file.commit(try numbers(space.labels), group + "/parameter_space_type")
    try file.commit(try numbers(objectives), group + "/objective_type")
    try file.commit(try numbers(objectives), group + "/surrogate_objective_type")
    try writeNames(objectives, "objective")
    if !constraints.isEmpty {
      try file.commit(try numbers(constraints), group + "/constraint_type")
      try writeNames(constraints, "constraint")
    }
    try writeParameters(space)
    let whole = try file.type(.int32)
    for (name, value) in [
      ("problem_ids", Int32(0)), ("random_seed", Int32(truncatingIfNeeded: description.seed.value)),
    ] {
      let table = try file.makeTable("\(group)/\(name)", whole, count: 1, limit: 1, chunk: nil)
      var number = value
      try file.write(&number, count: 1, at: 0, of: table, as: whole)
    }
  }

  /// `objective_enum`, `objective_spec_type` and the table `objective_spec`, or the same of the constraints.
  private func writeNames(_ names: [String], _ word: String) throws {
    let numbered = try file.enumeration(names)
    try file.commit(numbered, "\(group)/\(word)_enum")
    let row = try file.record([(word, numbered)])
    try file.commit(row, "\(group)/\(word)_spec_type")
    let table = try makeTable("\(word)_spec", row, count: names.count)
    try file.write(names.indices.map { UInt16($0) }, count: names.count, at: 0, of: table, as: row)
  }

  private func writeParameters(_ space: ParameterSpace) throws {
    let labels = space.labels
    let numbered = try file.enumeration(labels)
    try file.commit(numbered, group + "/parameter_enum")
    let (truth, float) = (try file.boolean(), try file.type(.float32))
    let row = try file.record([("parameter", numbered), ("is_integer", truth), ("lower", float), ("upper", float)])
    try file.commit(row, group + "/parameter_spec_type")
    let table = try makeTable("parameter_spec", row, count: labels.count)
    var bytes: [UInt8] = []
    for i in labels.indices {
      let p = space.parameter(at: i)
      let isWhole: UInt8 = p.kind == .real ? 0 : 1
      bytes +=
        Self.bytes(UInt16(i)) + [isWhole] + Self.bytes(Float(p.min).bitPattern) + Self.bytes(Float(p.max).bitPattern)
    }
    try file.write(bytes, count: labels.count, at: 0, of: table, as: row)
    // Parameters that dmosopt holds constant: pinned ones are columns of every record here, so there are none.
    let constant = try file.record([("parameter", numbered), ("is_integer", truth), ("value", float)])
    try file.commit(constant, group + "/problem_parameters_type")
    _ = try makeTable("problem_parameters", constant, count: 0)
    try writePaths(labels, numbered)
  }

  /// A parameter's name as the parts of a path; dmo's names have one part.
  private func writePaths(_ labels: [String], _ numbered: HDF5Handle) throws {
    let parts = try file.texts(bytes: Self.partBytes, count: Self.pathParts)
    let row = try file.record([("parameter", numbered), ("path_length", try file.type(.int32)), ("components", parts)])
    try file.commit(row, group + "/parameter_path_type")
    let table = try makeTable("parameter_paths", row, count: labels.count)
    var bytes: [UInt8] = []
    for (i, label) in labels.enumerated() {
      let text = Array(label.utf8)
      bytes += Self.bytes(UInt16(i)) + Self.bytes(UInt32(1)) + text
      bytes += [UInt8](repeating: 0, count: Self.partBytes * Self.pathParts - text.count)
    }
    try file.write(bytes, count: labels.count, at: 0, of: table, as: row)
  }

  /// A table of fixed length. Its type is a copy, which dmosopt's tables of names do not share with the named type.
  private func makeTable(_ name: String, _ type: HDF5Handle, count: Int) throws -> HDF5Handle {
    let copy = try file.handle(file.api.H5Tcopy(type.id), "copy a type", file.api.H5Tclose)
    return try file.makeTable("\(group)/\(name)", copy, count: count, limit: count, chunk: chunk(copy))
  }

  private static func bytes(_ value: some FixedWidthInteger) -> [UInt8] {
    withUnsafeBytes(of: value.littleEndian) { Array($0) }
  }
}
