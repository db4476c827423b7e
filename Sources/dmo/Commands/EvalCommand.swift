import ArgumentParser
import DMOCore
import DMOStudy
import Foundation

/// `dmo eval`: answers for given points, without any search.
struct EvalCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "eval", abstract: "Evaluate given points: one, or a table of them.",
    discussion: """
      The header of the input names the parameters in any order, a block's as phase[0], phase[1], …. The output holds \
      the parameters, then the outputs, then status and message, in full precision, one line for each line of the input. \
      Nothing runs before all points are checked. '-' stands for the standard streams.

        dmo eval --plugin libopamp.so --input points.csv --output out.csv
        dmo eval --plugin libopamp.so --at w_bias=10 --at l_bias=0.5 …
      """)

  @OptionGroup var problem: ProblemOptions
  @Option(help: ArgumentHelp("A value of one parameter of a single point.", valueName: "parameter=value"))
  var at: [String] = []
  @Option(name: .shortAndLong, help: "A CSV table of points, or '-'.")
  var input: String?
  @Option(name: .shortAndLong, help: "Where the answers go as CSV, or '-'.")
  var output: String?
  @Option(help: "The seed of problems with randomness; each row has a stream of its own.")
  var seed: UInt64 = 1
  @OptionGroup var words: ConsoleOptions

  func validate() throws {
    if at.isEmpty == (input == nil) { throw ValidationError("give either --input FILE or --at parameter=value …") }
  }

  func run() throws {
    let console = words.console
    let session = try Session(problem, console: console)
    defer { session.evaluator.shutdown() }
    let points: [[Double]]
    if let input {
      points = try Points.table(try Self.read(input), name: input == "-" ? "standard input" : input, spec: session.spec)
    } else {
      points = [try Points.point(at, in: session.spec.space)]
    }
    if !at.isEmpty && output == nil && !words.json {
      evaluate(points, session) { _, x, result in Console.out(Self.report(x, result, session)) }
      return
    }
    let sink = try Sink(output ?? "-")
    if words.json {
      evaluate(points, session) { row, x, result in
        sink.write(StudyText.json(row: row, x: x, result, spec: session.spec).text + "\n")
      }
    } else {
      sink.write(CSV.line(session.spec.space.labels + session.spec.outputs.labels + ["status", "message"]) + "\n")
      evaluate(points, session) { _, x, result in
        sink.write(CSV.line(Self.cells(x, result, session.spec)) + "\n")
      }
    }
    try sink.close()
  }

  /// Evaluates all points, `capacity` ahead at a time, and hands the answers over in the order of the points.
  private func evaluate(_ points: [[Double]], _ session: Session, _ body: (Int, [Double], EvaluationResult) -> Void) {
    let evaluator = session.evaluator
    var submitted = 0
    var waiting: [Int: EvaluationResult] = [:]
    var next = 0
    // Far enough ahead to keep every worker busy while one slow point holds up the order; memory stays bounded.
    let window = evaluator.capacity * 8
    while next < points.count {
      while submitted < points.count && submitted - next < window {
        let id = UInt64(submitted + 1)
        evaluator.submit(
          EvaluationRequest(id: id, x: points[submitted], seed: Seed(seed).derived("evaluation", id).value))
        submitted += 1
      }
      guard let result = evaluator.next(timeout: nil) else { break }
      waiting[Int(result.id) - 1] = result
      while let ready = waiting.removeValue(forKey: next) {
        body(next + 1, points[next], ready)
        next += 1
      }
    }
  }

  private static func cells(_ x: [Double], _ result: EvaluationResult, _ spec: ProblemSpec) -> [String] {
    x.indices.map { Text.value(x[$0], of: spec.space.parameter(at: $0), full: true) }
      + result.y.map(CSV.number) + [result.status.description, result.message]
  }

  /// One point for people: outputs with units, and which constraint is violated.
  private static func report(_ x: [Double], _ result: EvaluationResult, _ session: Session) -> String {
    var text = "\(session.problem.id): \(result.status)"
    if !result.message.isEmpty { text += " (\(result.message))" }
    text += String(format: ", %.3g s\n", result.wallSeconds)
    if !result.printed.isEmpty { text += "the plugin printed: \(result.printed)\n" }
    return text + StudyText.outputs(result.y, spec: session.spec, goals: Goals(session.spec.outputs))
  }

  private static func read(_ path: String) throws -> String {
    let name = path == "-" ? "standard input" : path
    func unreadable(_ cause: String) -> UserError {
      UserError("\(name): cannot be read: \(cause)", hint: "check the name given to --input", exit: Exit.storage)
    }
    // Foundation's own words for a missing file or a folder do not say what the system said.
    if path != "-" {
      let file = open(path, O_RDONLY)
      var information = stat()
      let isReadable = file >= 0 && fstat(file, &information) == 0
      let cause = errno
      if file >= 0 { close(file) }
      guard isReadable else { throw unreadable(String(cString: strerror(cause))) }
      if information.st_mode & S_IFMT == S_IFDIR { throw unreadable(String(cString: strerror(EISDIR))) }
    }
    let data: Data
    do {
      data =
        path == "-"
        ? try FileHandle.standardInput.readToEnd() ?? Data() : try Data(contentsOf: URL(fileURLWithPath: path))
    } catch {
      throw unreadable(error.localizedDescription)
    }
    guard let text = String(data: data, encoding: .utf8) else {
      throw UserError("\(name): is not UTF-8 text", hint: "save the table as CSV in UTF-8")
    }
    return text
  }
}
