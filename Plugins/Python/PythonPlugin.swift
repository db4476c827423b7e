import Bridge
import DMOPluginKit
import Glibc
import ProblemFile

/// A Python function as a problem.
final class PythonProblem: Simulator {
  static let about = About(
    id: "python", name: "Python", summary: "a function of a Python module",
    traits: [.hiddenConstraints],
    options: [
      .string("module", help: "the module's name, or its file ending with .py", required: true),
      .string("function", help: "what evaluates a point", default: "evaluate"),
      .path("path", help: "a folder where modules are looked for; otherwise where dmo runs"),
      .string("python", help: "the interpreter; otherwise that of $VIRTUAL_ENV, else python3"),
      .string("options", help: "a JSON object of keyword arguments for the module's setup()"),
    ])

  private let problem: BridgedProblem
  private let python: String
  private let arguments: [String]
  private var process: PythonProcess?
  /// Longer descriptions and messages than this are none.
  private static let textLimit: UInt64 = 1 << 26
  private static let driver = String(decoding: PackageResources.driver_py, as: UTF8.self)

  init(_ declare: inout Declaration, options: Options, host: Host) throws {
    python = options["python"] ?? getenv("VIRTUAL_ENV").map { String(cString: $0) + "/bin/python" } ?? "python3"
    arguments = [
      try options.text("module"), try options.text("function"), options["path"] ?? "", options["options"] ?? "",
    ]
    do {
      let started = try PythonProcess(python: python, driver: Self.driver, arguments: arguments)
      let text = try Self.describe(started)
      problem = try BridgedProblem(
        ProblemFile(text: text, isJSON: true, name: "module \(arguments[0])"), into: &declare)
      process = started
    } catch let error as ProblemFileError {
      throw BadInput("\(error.description): \(error.hint)")
    } catch let error as Failed { throw BadInput(error.reason) }
  }

  /// What the module says of itself, as JSON. - Throws: ``BadInput`` when it cannot be loaded.
  private static func describe(_ process: PythonProcess) throws -> String {
    let head = try process.receive(16)
    let (flag, length) = (PythonWire.word(head, at: 0), PythonWire.word(head, at: 1))
    guard length <= textLimit else { throw BadInput("Python's description of the module is too long") }
    let text = String(decoding: try process.receive(Int(length)), as: UTF8.self)
    guard flag == 0 else { throw BadInput(text) }
    return text
  }

  func evaluate(_ point: Evaluation) throws {
    let running: PythonProcess
    if let process {
      running = process
    } else {
      // The one before crashed or was stopped.
      running = try PythonProcess(python: python, driver: Self.driver, arguments: arguments)
      _ = try Self.describe(running)
    }
    // Taken back only after a whole answer: whatever goes wrong in between, the next point gets a fresh interpreter.
    process = nil
    try running.send(PythonWire.bytes([point.id, point.seed, UInt64(point.fidelity)], point.x))
    let size = 16 + 8 * point.y.count
    let answer = try running.receive(size) { point.isCancelled }
    let length = PythonWire.word(answer, at: 1)
    guard length <= Self.textLimit else { throw Failed("Python's answer makes no sense") }
    let message = String(decoding: try running.receive(Int(length)), as: UTF8.self)
    process = running
    let status = Int64(bitPattern: PythonWire.word(answer, at: 0))
    var values = (0..<point.y.count).map { Double(bitPattern: PythonWire.word(answer, at: 2 + $0)) }
    if status == Int64(DMO_INFEASIBLE) {
      for (k, value) in values.enumerated() where value.isFinite { point.y[k] = value }
      throw Infeasible(message)
    }
    guard status == Int64(DMO_OK) else { throw Failed(message) }
    // An ordinary NaN, not one that the host could take for its own.
    for k in values.indices where values[k].isNaN { values[k] = .nan }
    for (k, value) in values.enumerated() { point.y[k] = value }
  }
}

let plugin = Plugin(
  id: "org.dmo.python", name: "Python bridge", version: "1.0.0", vendor: "dmo", license: "Apache-2.0",
  problems: [Problem(PythonProblem.self)])

@c(dmo_plugin_v1)
public func entry(_ host: UnsafePointer<dmo_host>?) -> UnsafePointer<dmo_plugin>? { plugin.export(host) }
