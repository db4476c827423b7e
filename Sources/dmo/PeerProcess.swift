import DMOBench
import DMOCore
import DMOSearch
import Foundation

/// Another program's search behind dmo's loop: a Python script that is told answers and asked for points, a JSON object a
/// line each way (Tests/Benchmarks/suite_peer.py). The same evaluator, the same study file, the same figures.
final class PeerProcess: StorableStrategy {
  private struct Setup: Encodable {
    var method: String
    var lower, upper, reference: [Double]
    var objectives, constraints, budget: Int
    var seed: UInt64
  }
  private struct Message: Encodable {
    var ask: Int?
    var x, f, c: [Double]?
  }
  private struct Reply: Decodable {
    var x: [[Double]]?
    var cpu_s: Double?
    var error: String?
  }

  private let goals: Goals
  private let name: String
  private let process = Process()
  private let input = Pipe()
  private let output = Pipe()
  private var buffer = Data()
  /// What the other program's processor has worked so far.
  private(set) var processorSeconds = 0.0
  var telemetry: [String: Double] { [TimedStrategy.remote: processorSeconds] }

  /// - Throws: `UserError` when the interpreter does not start, or lacks what the method needs.
  init(
    _ method: String, name: String, python: String, script: String, spec: ProblemSpec, goals: Goals,
    reference: [Double], budget: Int, seed: Seed
  ) throws {
    self.goals = goals
    self.name = name
    let parameters = spec.space.parameters
    guard spec.space.dimension == parameters.count else {
      throw UserError("\(name): the peers take single numbers only", hint: "leave the row away")
    }
    process.executableURL = URL(fileURLWithPath: python)
    process.arguments = [script]
    process.standardInput = input
    process.standardOutput = output
    do { try process.run() } catch {
      throw UserError(
        "\(python): cannot be started: \(error.localizedDescription)",
        hint: "name an interpreter that has pymoo or botorch with --python", exit: Exit.failed)
    }
    let setup = Setup(
      method: method, lower: parameters.map(\.min), upper: parameters.map(\.max), reference: reference,
      objectives: goals.objectives.count, constraints: goals.constraints.count, budget: budget,
      seed: seed.value & 0x7fff_ffff)
    _ = try exchange(setup)
  }

  // Its state lies in the other program, so a run of a peer begins anew where it was interrupted.
  static let stateFormat = "peer"
  let isReplayCostly = true
  func state() throws -> [UInt8] { throw SearchError(.badState, "\(name): keeps its state to itself") }
  func restore(_ state: [UInt8]) throws { throw SearchError(.badState, "\(name): keeps its state to itself") }

  deinit {
    try? input.fileHandleForWriting.close()
    if process.isRunning { process.terminate() }
    process.waitUntilExit()
  }

  private func send(_ message: some Encodable) throws {
    let encoder = JSONEncoder()
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    try input.fileHandleForWriting.write(contentsOf: encoder.encode(message) + Data("\n".utf8))
  }

  private func exchange(_ message: some Encodable) throws -> Reply {
    func failed(_ why: String) -> UserError {
      UserError(
        "\(name): \(why)", hint: "see its message above; --python names an interpreter that has what it needs",
        exit: Exit.failed)
    }
    do { try send(message) } catch { throw failed("the peer ended") }
    while true {
      if let end = buffer.firstIndex(of: 0x0a) {
        let line = buffer[buffer.startIndex..<end]
        buffer = Data(buffer[buffer.index(after: end)...])
        guard let reply = try? JSONDecoder().decode(Reply.self, from: line) else {
          throw failed("the peer said '\(String(decoding: line.prefix(200), as: UTF8.self))'")
        }
        if let error = reply.error { throw failed(error) }
        processorSeconds = reply.cpu_s ?? processorSeconds
        return reply
      }
      let more = output.fileHandleForReading.availableData
      if more.isEmpty { throw failed("the peer ended") }
      buffer += more
    }
  }

  func ask(_ count: Int) throws -> [Proposal] {
    (try exchange(Message(ask: count)).x ?? []).map { Proposal(x: $0, source: name) }
  }

  func tell(_ observation: Observation) {
    let y = observation.result.y
    let hasOutputs = observation.result.status == .ok
    // A broken pipe shows at the next question.
    try? send(
      Message(
        x: observation.x, f: hasOutputs ? goals.losses(y) : [], c: hasOutputs ? goals.violations(y) : []))
  }
}
