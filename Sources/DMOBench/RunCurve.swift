import DMOCore
import DMOStudy

/// The best feasible objective of one run, as it fell (or rose).
public struct RunCurve: Sendable, Equatable {
  public let method: String
  public let seed: UInt64
  /// Best after each query; shape (queries). NaN while nothing is feasible.
  public let perQuery: [Double]
  /// Best after each iteration, the initial design before; shape (iterations). For a search without iterations one query
  /// after the design is one.
  public let perIteration: [Double]

  init(method: String, seed: UInt64, perQuery: [Double], perIteration: [Double]) {
    self.method = method
    self.seed = seed
    self.perQuery = perQuery
    self.perIteration = perIteration
  }

  /// - Parameters:
  ///   - initial: points of the design before the first iteration, for searches that tell of none.
  ///   - answered: the study's answered rows in the order of answers.
  ///   - iterations: the iteration that each decision belongs to, by its number; searches without iterations: empty.
  init(
    method: String, seed: UInt64, goals: Goals, answered: [StudyRow], iterations: [Int64: Int], initial: Int
  ) {
    var best = Double.nan
    var perQuery: [Double] = []
    var perIteration: [Double] = []
    let sign: Double = goals.objectives.first?.maximize == true ? -1 : 1
    for (k, row) in answered.enumerated() {
      if let result = row.result, goals.isFeasible(result), let loss = goals.losses(result.y).first, !loss.isNaN {
        best = best.isNaN ? sign * loss : sign * min(sign * best, loss)
      }
      perQuery.append(best)
      let iteration = iterations.isEmpty ? k + 1 - initial : iterations[row.decision] ?? 0
      if iteration > perIteration.count {
        perIteration += Array(repeating: best, count: iteration - perIteration.count)
      }
      if iteration > 0 { perIteration[perIteration.count - 1] = best }
    }
    self.init(method: method, seed: seed, perQuery: perQuery, perIteration: perIteration)
  }

  /// Reads a finished run. - Throws: `StudyError`.
  public init(_ job: BenchJob, store: StudyStore) throws {
    let answered = try store.rows().filter { $0.answer != nil }.sorted { ($0.answer ?? 0) < ($1.answer ?? 0) }
    var iterations: [Int64: Int] = [:]
    for decision in try store.decisions() {
      if let iteration = decision.telemetry["iteration"] { iterations[decision.id] = Int(iteration) }
    }
    self.init(
      method: job.method.id, seed: job.seed, goals: store.description.goals, answered: answered,
      iterations: iterations, initial: job.task.initial)
  }

  /// The first query after which the best is at least as good as `value`; nil when none is.
  func queries(toReach value: Double, isMaximised: Bool) -> Int? {
    perQuery.firstIndex { isMaximised ? $0 >= value : $0 <= value }.map { $0 + 1 }
  }
}
