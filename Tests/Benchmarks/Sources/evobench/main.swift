// The evolutionary strategies and indicators, timed or run in process; evolution.py runs it beside its peers.
import DMOCore
import DMONumerics
import DMOSearch
import DMOSurrogates
import Foundation
import TestProblemSuite

/// Ends the program with what is wrong with its arguments.
func refuse(_ why: String) -> Never {
  FileHandle.standardError.write(Data("evobench: \(why)\n".utf8))
  exit(2)
}

/// A test function as a search sees it, without the plugin boundary.
struct Problem {
  let function: TestFunction
  let space: ParameterSpace
  let outputs: OutputSpace

  init(_ id: String, n: Int?) throws {
    guard let problem = Catalogue.functions.first(where: { $0.id == id }) else { refuse("there is no problem '\(id)'") }
    let function = try problem.function(n: n)
    self.function = function
    space = ParameterSpace(
      function.variables.enumerated().map { k, variable in
        guard case .real(let range, _, _) = variable else { refuse("\(id) has discrete parameters") }
        return Parameter(id: "x\(k)", min: range.lowerBound, max: range.upperBound)
      })
    outputs = OutputSpace(
      (0..<function.objectives).map { Output(id: "f\($0)", role: .minimize) }
        + (0..<function.constraints).map { Output(id: "g\($0)", role: .atMost(0)) })
  }

  func evaluate(_ x: [Double]) -> EvaluationResult {
    var y = [Double](repeating: 0, count: function.objectives + function.constraints)
    var status = EvaluationStatus.ok
    x.withUnsafeBufferPointer { x in
      y.withUnsafeMutableBufferPointer { y in
        let f = UnsafeMutableBufferPointer(rebasing: y[..<function.objectives])
        let g = UnsafeMutableBufferPointer(rebasing: y[function.objectives...])
        do { try function.formula(x, f, g) } catch { status = .infeasible }
      }
    }
    return EvaluationResult(id: 0, status: status, y: y)
  }

  /// - Parameter id: a strategy, or one with a trainer, such as `nsga2+mae`.
  func strategy(_ id: String, options: [String: String], budget: Int, seed: UInt64) throws -> any SearchStrategy {
    let words = id.split(separator: "+").map(String.init)
    return try StrategyRegistry.make(
      words[0], options: options,
      setup: SearchSetup(
        space: SearchSpace(space), outputs: outputs, goals: Goals(outputs), seed: Seed(seed).derived("search"),
        budget: budget),
      trainer: words.count > 1
        ? TrainerRegistry.make(id: words[1], setup: TrainerSetup(seed: Seed(seed).derived("trainer"))) : nil)
  }
}

/// Prints, for each seed, the feasible front of all points evaluated, as a JSON line. Population 0: the default.
func search(_ strategyID: String, _ problemID: String, budget: Int, population: Int, seeds: [UInt64]) throws {
  let problem = try Problem(problemID, n: nil)
  for seed in seeds {
    let options = population > 0 ? ["population-size": "\(population)"] : [:]
    var strategy = try problem.strategy(strategyID, options: options, budget: budget, seed: seed)
    var results: [EvaluationResult] = []
    while results.count < budget, let proposal = try strategy.ask(1).first {
      let result = problem.evaluate(proposal.x)
      results.append(result)
      strategy.tell(Observation(x: proposal.x, result: result))
    }
    let goals = Goals(problem.outputs)
    let front = Ranking.paretoFront(results, goals).map { goals.losses(results[$0].y) }
    print("{\"seed\": \(seed), \"front\": \(front)}")
  }
}

/// Milliseconds of a generation on ZDT1 with 30 parameters, evaluations included.
func generation(population: Int, generations: Int) throws {
  let problem = try Problem("zdt1", n: 30)
  let budget = population * (generations + 1)
  var strategy = try problem.strategy(
    "nsga2", options: ["population-size": "\(population)"], budget: budget, seed: 1)
  let clock = ContinuousClock()
  var start = clock.now
  for k in 0..<budget {
    if k == population { start = clock.now }
    guard let proposal = try strategy.ask(1).first else { break }
    strategy.tell(Observation(x: proposal.x, result: problem.evaluate(proposal.x)))
  }
  print(milliseconds(clock.now - start) / Double(generations))
}

func milliseconds(_ d: Duration) -> Double { Double(d.components.seconds) * 1e3 + Double(d.components.attoseconds) * 1e-15 }

/// Milliseconds and value of the hypervolume of a table of numbers, reference 1.1 everywhere.
func hypervolume(_ path: String) throws {
  let rows = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
    .map { $0.split(separator: " ").compactMap { Double($0) } }
  let m = rows[0].count
  let flat = rows.flatMap(\.self)
  let reference = [Double](repeating: 1.1, count: m)
  var value = 0.0
  var repeats = 1
  let clock = ContinuousClock()
  while true {
    let time = clock.measure {
      for _ in 0..<repeats { value = Hypervolume.exact(flat, objectives: m, reference: reference) }
    }
    if milliseconds(time) > 100 {
      print(milliseconds(time) / Double(repeats), value)
      return
    }
    repeats *= 2
  }
}

/// Evaluations until the loss is below 1e-8, for each seed; −1 where the budget did not suffice.
func convergence(_ function: String, n: Int, budget: Int, seeds: [UInt64]) throws {
  let space = ParameterSpace((0..<n).map { Parameter(id: "x\($0)", min: -5, max: 5) })
  let outputs = OutputSpace([Output(id: "f", role: .minimize)])
  let shift = (0..<n).map { 0.5 + Double($0 % 3) * 0.7 }
  func value(_ x: [Double]) -> Double {
    let z = x.indices.map { x[$0] - shift[$0] }
    let count = Double(n)
    switch function {
    case "sphere": return z.reduce(0) { $0 + $1 * $1 }
    case "ellipsoid": return z.indices.reduce(0) { $0 + pow(1e6, Double($1) / (count - 1)) * z[$1] * z[$1] }
    case "rosenbrock":
      return (0..<n - 1).reduce(0) { sum, i in
        let (a, b) = (z[i] + 1, z[i + 1] + 1)
        return sum + 100 * (a * a - b) * (a * a - b) + (1 - a) * (1 - a)
      }
    default:
      let square = z.reduce(0) { $0 + $1 * $1 } / count
      let cosine = z.reduce(0) { $0 + cos(2 * .pi * $1) } / count
      return 20 - 20 * exp(-0.2 * square.squareRoot()) + exp(1) - exp(cosine)
    }
  }
  var counts: [Int] = []
  for seed in seeds {
    var strategy = try StrategyRegistry.make(
      "cmaes",
      setup: SearchSetup(
        space: SearchSpace(space), outputs: outputs, goals: Goals(outputs), seed: Seed(seed), budget: budget))
    var count = 0
    var reached = -1
    while count < budget, reached < 0, let proposal = try strategy.ask(1).first {
      count += 1
      let y = value(proposal.x)
      if y < 1e-8 { reached = count }
      strategy.tell(Observation(x: proposal.x, result: EvaluationResult(id: 0, status: .ok, y: [y])))
    }
    counts.append(reached)
  }
  print(counts)
}

let words = CommandLine.arguments.dropFirst().map { $0 }
switch words.first {
case "search" where words.count == 6:
  try search(
    words[1], words[2], budget: Int(words[3]) ?? 1000, population: Int(words[4]) ?? 100,
    seeds: Array(1...(UInt64(words[5]) ?? 10)))
case "generation" where words.count == 3:
  try generation(population: Int(words[1]) ?? 200, generations: Int(words[2]) ?? 50)
case "hypervolume" where words.count == 2: try hypervolume(words[1])
case "convergence" where words.count == 5:
  try convergence(
    words[1], n: Int(words[2]) ?? 10, budget: Int(words[3]) ?? 100_000, seeds: Array(1...(UInt64(words[4]) ?? 10)))
default:
  print(
    """
    evobench search STRATEGY[+TRAINER] PROBLEM BUDGET POPULATION SEEDS
    evobench generation POPULATION GENERATIONS
    evobench hypervolume FILE
    evobench convergence sphere|ellipsoid|rosenbrock|ackley N BUDGET SEEDS
    """)
  exit(2)
}
