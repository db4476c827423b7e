import DMOCore
import DMOSurrogates

@testable import DMOSearch

/// A function with goals, and the machinery to search it without processes.
struct TestProblem {
  var space: ParameterSpace
  var outputs: OutputSpace
  var fixed: [Int: Double] = [:]
  /// x to y; nil y with a status that is not OK.
  var answer: @Sendable ([Double]) -> (EvaluationStatus, [Double])

  var goals: Goals { Goals(outputs) }

  func setup(seed: UInt64 = 1, budget: Int = 200, workers: Int = 1) -> SearchSetup {
    SearchSetup(
      space: SearchSpace(space, fixed: fixed), outputs: outputs, goals: goals, seed: Seed(seed), budget: budget,
      workers: workers, background: .joined)
  }

  func evaluate(_ x: [Double], id: Int) -> EvaluationResult {
    let (status, y) = answer(x)
    return EvaluationResult(id: UInt64(id), status: status, y: y)
  }

  /// Reals z0 … in [0, 1] and answers that are always OK.
  static func smooth(
    _ n: Int, _ roles: [Role], periodic: Bool = false, _ f: @escaping @Sendable ([Double]) -> [Double]
  ) -> TestProblem {
    TestProblem(
      space: ParameterSpace((0..<n).map { Parameter(id: "z\($0)", isPeriodic: periodic) }),
      outputs: OutputSpace(roles.enumerated().map { Output(id: "y\($0.offset)", role: $0.element) }),
      answer: { (.ok, f($0)) })
  }

  /// The exact function in the trainer's place: targets from unit-cube features that are the coordinates themselves.
  var exactTrainer: ExactTrainer {
    let (search, goals, answer) = (SearchSpace(space, fixed: fixed), goals, answer)
    return ExactTrainer(inputCount: search.dimension) { z in
      var x = (0..<search.space.dimension).map { search.fixed[$0] ?? 0 }
      for (k, i) in search.free.enumerated() {
        let p = search.space.parameter(at: i)
        x[i] = p.min + z[k] * (p.max - p.min)  // no rounding: the surrogate is smooth
      }
      let y = answer(x).1
      return goals.losses(y) + goals.violations(y)
    }
  }

  /// A serial study. - Returns: all proposals and their results.
  func run(_ strategy: inout some SearchStrategy, _ count: Int) throws -> (x: [[Double]], results: [EvaluationResult]) {
    var points: [[Double]] = []
    var results: [EvaluationResult] = []
    while points.count < count, let proposal = try strategy.ask(1).first {
      let result = evaluate(proposal.x, id: points.count + 1)
      points.append(proposal.x)
      results.append(result)
      strategy.tell(Observation(x: proposal.x, result: result))
    }
    return (points, results)
  }
}

/// A surrogate that is the function itself; gradients by central differences.
struct ExactTrainer: SurrogateTrainer {
  struct Model: Surrogate {
    let inputCount: Int
    let outputCount: Int
    let function: @Sendable ([Double]) -> [Double]

    func predict(rows: Int, z: [Double]) -> [Double] {
      (0..<rows).flatMap { function(Array(z[$0 * inputCount..<($0 + 1) * inputCount])) }
    }

    func vjp(rows: Int, z: [Double], ybar: [Double]) -> [Double] {
      let h = 1e-6  // central differences in double
      var result: [Double] = []
      for r in 0..<rows {
        let row = Array(z[r * inputCount..<(r + 1) * inputCount])
        for i in 0..<inputCount {
          var (up, down) = (row, row)
          up[i] += h
          down[i] -= h
          let difference = zip(function(up), function(down)).map { ($0 - $1) / (2 * h) }
          result.append((0..<outputCount).reduce(0) { $0 + ybar[r * outputCount + $1] * difference[$1] })
        }
      }
      return result
    }
  }

  var inputCount: Int
  var function: @Sendable ([Double]) -> [Double]
  private(set) var lastLoss = Double.nan
  /// Rows of each data set it was given.
  private(set) var rows: [Int] = []

  init(inputCount: Int, _ function: @escaping @Sendable ([Double]) -> [Double]) {
    self.inputCount = inputCount
    self.function = function
  }

  mutating func fit(_ data: Dataset) throws -> any Surrogate {
    guard data.targets.contains(where: \.isFinite) else { throw SurrogateError(.nothingToLearn, "no finite target") }
    precondition(data.inputCount == inputCount, "the features are not the coordinates")
    rows.append(data.count)
    lastLoss = 0
    return Model(inputCount: inputCount, outputCount: data.outputCount, function: function)
  }
}
