// Strategies on problems of the test suite, in process: hypervolume over the evaluations as JSON lines.
// Arguments: STRATEGY PROBLEM BUDGET SEEDS REFERENCE (comma-separated) [option=value …]; a strategy's trainer is its
// default.

import DMOCore
import DMONumerics
import DMOSearch
import DMOSurrogates
import Foundation
import TestProblemSuite

let arguments = Array(CommandLine.arguments.dropFirst())
guard arguments.count >= 5, let budget = Int(arguments[2]), let seeds = UInt64(arguments[3]) else {
  print("usage: jointsearch STRATEGY PROBLEM BUDGET SEEDS REFERENCE [option=value …]")
  exit(2)
}
let reference = arguments[4].split(separator: ",").compactMap { Double($0) }
let given = arguments.dropFirst(5).map { $0.split(separator: "=", maxSplits: 1).map(String.init) }
let options = Dictionary(uniqueKeysWithValues: given.map { ($0[0], $0[1]) })

guard let entry = Catalogue.functions.first(where: { $0.id == arguments[1] }) else {
  print("there is no problem '\(arguments[1])'")
  exit(2)
}
let function = try entry.function(n: nil)
let space = ParameterSpace(
  function.variables.enumerated().map { k, variable in
    guard case .real(let range, _, _) = variable else {
      print("\(arguments[1]) has discrete parameters")
      exit(2)
    }
    return Parameter(id: "x\(k)", min: range.lowerBound, max: range.upperBound)
  })
let outputs = OutputSpace(
  (0..<function.objectives).map { Output(id: "f\($0)", role: .minimize) }
    + (0..<function.constraints).map { Output(id: "g\($0)", role: .atMost(0)) })
let goals = Goals(outputs)

func evaluate(_ x: [Double]) -> EvaluationResult {
  var f = [Double](repeating: 0, count: function.objectives)
  var g = [Double](repeating: 0, count: function.constraints)
  var status = EvaluationStatus.ok
  x.withUnsafeBufferPointer { x in
    f.withUnsafeMutableBufferPointer { f in
      g.withUnsafeMutableBufferPointer { g in
        do { try function.formula(x, f, g) } catch { status = .infeasible }
      }
    }
  }
  return EvaluationResult(id: 0, status: status, y: f + g)
}

for seed in 1...seeds {
  let start = clock()
  let search = SearchSpace(space)
  let pair = try StrategyRegistry.pair(search: arguments[0], trainer: nil)
  let trainer = try pair.trainer.map {
    try TrainerRegistry.make(
      id: $0, setup: TrainerSetup(seed: Seed(seed).derived("trainer"), featureGroups: search.featureGroups))
  }
  var strategy = try StrategyRegistry.make(
    arguments[0], options: options,
    setup: SearchSetup(space: search, outputs: outputs, goals: goals, seed: Seed(seed), budget: budget),
    trainer: trainer)
  var results: [EvaluationResult] = []
  var marks: [String] = []
  var firstFeasible = -1
  var sources: [String: Int] = [:]
  while results.count < budget, let proposal = try strategy.ask(1).first {
    let result = evaluate(proposal.x)
    results.append(result)
    sources[proposal.source, default: 0] += 1
    if firstFeasible < 0 && goals.isFeasible(result) { firstFeasible = results.count }
    strategy.tell(Observation(x: proposal.x, result: result))
    if [50, 100, 140, 200, 206, 300, 400, 500].contains(results.count) || results.count == budget {
      let front = Ranking.paretoFront(results, goals).map { goals.losses(results[$0].y) }
      let volume = Hypervolume.of(front, reference: reference)
      marks.append("\"\(results.count)\": \(String(format: "%.5g", volume))")
    }
  }
  let seconds = Double(clock() - start) / Double(CLOCKS_PER_SEC)
  let counts = sources.sorted { $0.key < $1.key }.map { "\"\($0.key)\": \($0.value)" }.joined(separator: ", ")
  print(
    "{\"strategy\": \"\(arguments[0])\", \"problem\": \"\(arguments[1])\", \"seed\": \(seed), "
      + "\"first_feasible\": \(firstFeasible), \"hypervolume\": {\(marks.joined(separator: ", "))}, "
      + "\"cpu_s\": \(String(format: "%.1f", seconds)), \"sources\": {\(counts)}}")
  fflush(nil)
}
