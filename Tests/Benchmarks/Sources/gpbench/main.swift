// dmo's side of gp.py. Each line of standard input is a problem in JSON: `dimension`, `x` (row major, unit cube), `y` (to
// minimise), `kernel`, `seed`, and optionally `lengthscales` and `noise`. Each line of output: what a search with these
// answers takes to fit and propose, and what it found. With hyperparameters given only the proposal is made.

import DMOCore
import DMONumerics
import DMOSearch
import DMOSurrogates
import Foundation

struct Problem: Decodable {
  var dimension: Int
  var x: [Double]
  var y: [Double]
  var kernel: String
  var seed: UInt64
  var lengthscales: [Double]?
  var noise: Double?
}

struct Answer: Encodable {
  /// Seconds of wall clock and of this thread's processor time from the last answer to the next proposal.
  var wall: Double
  var cpu: Double
  var proposal: [Double]
  /// The log posterior density (likelihood and priors) of the hyperparameters that a fit finds, and seconds it takes.
  var logPosterior: Double
  var lengthscales: [Double]
  var noise: Double
}

/// A process whose hyperparameters are given.
struct GivenTrainer: SurrogateTrainer {
  var hyperparameters: GPHyperparameters
  var lastLoss = Double.nan

  mutating func fit(_ data: Dataset) throws -> any Surrogate {
    guard let process = GaussianProcess(inputs: data.inputs, targets: data.targets, hyperparameters: hyperparameters)
    else { throw SurrogateError(.nothingToLearn, "the covariance is not positive definite") }
    return GPSurrogate(inputCount: data.inputCount, outputs: [.process(process)])
  }
}

func processorTime() -> Double {
  var t = timespec()
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t)
  return Double(t.tv_sec) + 1e-9 * Double(t.tv_nsec)
}

func answer(_ p: Problem) throws -> Answer {
  let (n, d) = (p.y.count, p.dimension)
  let correlation = Correlation(rawValue: p.kernel) ?? .matern52
  let scale = GaussianProcess.Scale(p.y)
  let likelihood = GPLikelihood(
    inputs: p.x, dimension: d, targets: p.y.map { ($0 - scale.mean) / scale.deviation }, correlation: correlation)
  let fit = likelihood.fit(from: GPPriors.mode(dimension: d, correlation: correlation))

  let outputs = OutputSpace([Output(id: "y", role: .minimize)])
  let setup = SearchSetup(
    space: SearchSpace(ParameterSpace((0..<d).map { Parameter(id: "z\($0)") })), outputs: outputs,
    goals: Goals(outputs), seed: Seed(p.seed), budget: n + 1)
  var trainer: any SurrogateTrainer = try TrainerRegistry.make(
    id: "gp", options: ["kernel=\(p.kernel)"], setup: TrainerSetup(seed: Seed(p.seed)))
  if let lengths = p.lengthscales, let noise = p.noise {
    trainer = GivenTrainer(
      hyperparameters: GPHyperparameters(correlation: correlation, lengthscales: lengths, noise: noise))
  }
  var search = try StrategyRegistry.make("bayes", options: ["initial": "1"], setup: setup, trainer: trainer)
  for i in 0..<n {
    let x = Array(p.x[i * d..<(i + 1) * d])
    search.tell(Observation(x: x, result: EvaluationResult(id: UInt64(i + 1), status: .ok, y: [p.y[i]])))
  }
  let (wall, cpu) = (Date().timeIntervalSince1970, processorTime())
  let proposal = try search.ask(1)
  return Answer(
    wall: Date().timeIntervalSince1970 - wall, cpu: processorTime() - cpu, proposal: proposal.first?.x ?? [],
    logPosterior: fit.logPosterior, lengthscales: fit.hyperparameters.lengthscales, noise: fit.hyperparameters.noise)
}

while let line = readLine() {
  let problem = try JSONDecoder().decode(Problem.self, from: Data(line.utf8))
  let result = try JSONEncoder().encode(try answer(problem))
  FileHandle.standardOutput.write(result + Data("\n".utf8))
}
