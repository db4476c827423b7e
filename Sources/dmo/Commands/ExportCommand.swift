import ArgumentParser
import DMOCore
import DMOExchange
import DMOStudy
import Foundation

/// `dmo export`: a study's evaluations as a table.
struct ExportCommand: ParsableCommand {
  enum Format: String, ExpressibleByArgument, CaseIterable { case csv, json, hdf5 }

  static let configuration = CommandConfiguration(
    commandName: "export", abstract: "A study's evaluations as CSV, JSON or HDF5.",
    discussion: """
      One line an evaluation: its number, the parameters, the outputs, status, message and more; units in the second \
      header line with --units, in JSON an object before the evaluations. A study without evaluations gives the header \
      alone, or []. HDF5 has dmosopt's layout: parameters, objectives and constraints of what ended OK, in 32 bits.

        dmo export opamp-fom-1.dmo --format csv --status ok -o table.csv
        dmo export opamp-spec-1.dmo --format hdf5 -o opamp.h5
        dmo export opamp-fom-1.dmo --telemetry -o telemetry.csv
      """)

  @Argument(help: "The study's file.")
  var study: String
  @Option(help: "csv, json, or hdf5 in dmosopt's layout.")
  var format: Format = .csv
  @Option(name: .shortAndLong, help: "The file to write, or '-'.")
  var output = "-"
  @Option(help: ArgumentHelp("Only these columns, in this order.", valueName: "a,b,…"))
  var columns: String?
  @Option(help: "Only evaluations of this status: ok, infeasible, failed, crashed, timed-out, bad-output, …")
  var status: String?
  @Flag(help: "The units: a second header line (CSV), or a first object of units (JSON).")
  var units = false
  @Flag(help: "Instead of the evaluations, one line a decision of the search: what it told of itself (docs/search.md).")
  var telemetry = false
  @Flag(help: "Errors as a JSON line.")
  var json = false

  func run() throws {
    let store = try StudyStore.open(path: study)
    if format == .hdf5 { return try exportHDF5(store) }
    if telemetry { return try exportTelemetry(store) }
    let table = StudyTable(store.description)
    let chosen = try table.select(columns.map { $0.split(separator: ",").map(String.init) }, path: study)
    let wanted = try wantedStatus()
    let sink = try Sink(output)
    var isFirst = true
    func writeObject(_ members: [(String, JSON)]) {
      sink.write((isFirst ? "\n" : ",\n") + JSON.object(members).text)
      isFirst = false
    }
    if format == .csv {
      sink.write(CSV.line(chosen.map(\.name)) + "\n")
      if units { sink.write(CSV.line(chosen.map(\.unit)) + "\n") }
    } else {
      sink.write("[")
      if units { writeObject([("units", .object(chosen.map { ($0.name, .string($0.unit)) }))]) }
    }
    try store.forEachRow { row in
      guard wanted == nil || row.result?.status == wanted else { return }
      let cells = chosen.map { $0.value(row) }
      if format == .csv {
        sink.write(CSV.line(cells.map(Self.text)) + "\n")
      } else {
        writeObject(zip(chosen, cells).map { ($0.name, Self.json($1)) })
      }
    }
    if format == .json { sink.write(isFirst ? "]\n" : "\n]\n") }
    try sink.close()
  }

  private func wantedStatus() throws -> EvaluationStatus? {
    try status.map { word in
      guard let s = EvaluationStatus(word: word) else {
        throw UserError("--status \(word): there is no such status", hint: "`dmo show` tells those of this study")
      }
      return s
    }
  }

  /// - Throws: `ExchangeError`, `UserError` for what the layout has no place for.
  private func exportHDF5(_ store: StudyStore) throws {
    guard columns == nil, status == nil || status == "ok", !units, !telemetry else {
      throw UserError(
        "--format hdf5: dmosopt's layout holds parameters, objectives and constraints of what ended OK",
        hint: "leave --columns, --status, --units and --telemetry away, or choose csv or json")
    }
    guard output != "-" else { throw UserError("--format hdf5 needs a file", hint: "name it with --output FILE.h5") }
    try Sink.refuseDatabase(output)
    let library = try HDF5Library()
    // Beside and then renamed: no half-written file stays.
    let draft = output + ".part"
    defer { unlink(draft) }
    let writer = try DmosoptWriter(path: draft, store.description, library: library)
    try store.forEachRow { try writer.add($0) }
    try writer.close()
    guard rename(draft, output) == 0 else {
      throw UserError(
        "\(output): cannot be written: \(String(cString: strerror(errno)))", hint: "choose another file with --output",
        exit: Exit.storage)
    }
  }

  private func exportTelemetry(_ store: StudyStore) throws {
    guard columns == nil, status == nil, !units else {
      throw UserError("--telemetry: takes neither --columns, --status nor --units", hint: "leave them away")
    }
    let table = TelemetryTable(try store.decisions())
    let sink = try Sink(output)
    let names = ["decision", "after"] + table.names
    if format == .csv {
      sink.write(CSV.line(names) + "\n")
      for row in table.rows {
        sink.write(CSV.line(["\(row.decision)", "\(row.after)"] + row.values.map(CSV.number)) + "\n")
      }
    } else {
      let objects = table.rows.map { row -> String in
        let numbers: [JSON] = row.values.map { $0.isNaN ? .null : .number($0) }
        return JSON.object(Array(zip(names, [.integer(Int(row.decision)), .integer(row.after)] + numbers))).text
      }
      sink.write(objects.isEmpty ? "[]\n" : "[\n" + objects.joined(separator: ",\n") + "\n]\n")
    }
    try sink.close()
  }

  private static func text(_ cell: StudyTable.Cell) -> String {
    switch cell {
    case .none: return ""
    case .integer(let i): return "\(i)"
    case .number(let d): return CSV.number(d)
    case .text(let t): return t
    }
  }

  private static func json(_ cell: StudyTable.Cell) -> JSON {
    switch cell {
    case .none: return .null
    case .integer(let i): return .integer(i)
    case .number(let d): return .number(d)
    case .text(let t): return .string(t)
    }
  }
}
