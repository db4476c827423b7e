import Bridge
import DMOPluginKit
import Glibc
import ProblemFile

/// Any executable as a problem: a file of parameters in, a file of results out.
struct CommandProblem: Simulator {
  static let about = About(
    id: "command", name: "Command", summary: "any executable: a parameters file in, a results file out",
    traits: [.hiddenConstraints],
    options: [
      .string(
        "run", help: "program and arguments, without a shell; {params} and {results} name the files", required: true),
      .path("problem", help: "the problem's description, TOML or JSON (docs/bridges.md)", required: true),
      .choice("format", help: "how both files are written", of: ["dakota", "json"], default: "dakota"),
      .path("template", help: "a file whose {{parameter}} are filled in and that is put into the work folder"),
      .path("keep", help: "a folder in which each evaluation's work folder stays"),
    ])

  private let problem: BridgedProblem
  private let command: [String]
  private let isJSON: Bool
  private let template: Template?
  /// Where work folders are made, and whether they stay.
  private let base: String
  private let isKept: Bool

  init(_ declare: inout Declaration, options: Options, host: Host) throws {
    do {
      problem = try BridgedProblem(ProblemFile(path: try options.text("problem")), into: &declare)
    } catch let error as ProblemFileError { throw BadInput("\(error.description): \(error.hint)") }
    var words = try CommandLineText.words(try options.text("run"))
    if !words.contains(where: { $0.contains("{params}") || $0.contains("{results}") }) {
      words += ["{params}", "{results}"]
    }
    // The work folder is another one: a program named relative to where dmo runs must still be found.
    if let program = words.first, program.contains("/"), let absolute = realpath(program, nil) {
      words[0] = String(cString: absolute)
      free(absolute)
    }
    command = words
    isJSON = try options.text("format") == "json"
    let labels = Set(problem.parameterLabels)
    template = try options["template"].map { try Template(path: $0, labels: labels) }
    isKept = options["keep"] != nil
    guard let folder = options["keep"] ?? host.scratchDirectory else {
      throw Unsupported("the host offers no scratch folder to work in")
    }
    base = try Files.absolute(folder)
  }

  func evaluate(_ point: Evaluation) throws {
    let folder = "\(base)/eval-\(point.id)"
    try Files.makeFolder(folder)
    defer { if !isKept { Files.remove(folder) } }
    let values = problem.texts(point.x)
    let (params, results) = isJSON ? ("params.json", "results.json") : ("params.in", "results.out")
    let writer = ParameterFile(problem: problem, values: values)
    try Files.write(isJSON ? writer.json : writer.dakota(point.id), to: "\(folder)/\(params)")
    if let template { try template.write(into: folder, zip(problem.parameterLabels, values)) }
    unlink("\(folder)/\(results)")
    let words = command.map {
      $0.replacing("{params}", with: params).replacing("{results}", with: results)
    }
    let child = try ChildProcess(
      words[0], Array(words.dropFirst()), folder: folder,
      environment: ["DMO_EVALUATION": "\(point.id)", "DMO_SEED": "\(point.seed)"])
    try child.wait(point)
    if let fault = child.fault { throw Failed("\(words[0]): \(fault)") }
    let text = try Files.read("\(folder)/\(results)", orElse: "\(words[0]) wrote no \(results)")
    let labels = problem.outputLabels
    let answer = try isJSON ? ResultFile(json: text, labels) : ResultFile(dakota: text, labels)
    for (k, value) in answer.values.enumerated() where !value.isNaN { point.y[k] = value }
    if let reason = answer.infeasible { throw Infeasible(reason) }
    if let reason = answer.failed { throw Failed(reason) }
    // NaN is an answer where the description says that it may be one.
    var start = 0
    for o in problem.file.output {
      for k in start..<start + max(1, o.count ?? 1) where answer.values[k].isNaN {
        guard o.mayBeNaN == true else { throw Failed("\(words[0]): \(results) has no number for \(labels[k])") }
        point.y[k] = .nan
      }
      start += max(1, o.count ?? 1)
    }
  }
}

let plugin = Plugin(
  id: "org.dmo.command", name: "Command bridge", version: "1.0.0", vendor: "dmo", license: "Apache-2.0",
  problems: [Problem(CommandProblem.self)])

@c(dmo_plugin_v1)
public func entry(_ host: UnsafePointer<dmo_host>?) -> UnsafePointer<dmo_plugin>? { plugin.export(host) }
