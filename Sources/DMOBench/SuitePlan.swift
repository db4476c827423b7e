/// One run of the suite: a study file.
public struct SuiteJob: Sendable, Equatable {
  public let problem: SuiteProblem
  public let method: SuiteMethod
  public let seed: UInt64
  /// Evaluations that the search is told of when it begins.
  public let planned: Int
  /// Evaluations to have at the end of this job; a later job may go on.
  public let budget: Int

  public init(problem: SuiteProblem, method: SuiteMethod, seed: UInt64, planned: Int, budget: Int) {
    (self.problem, self.method, self.seed, self.planned, self.budget) = (problem, method, seed, planned, budget)
  }

  public var fileName: String { "\(problem.id)-\(method.id)-\(planned)-\(seed).dmo" }
}

/// What is run: every method on every problem and seed, and at which numbers of evaluations it is read.
public struct SuitePlan: Sendable {
  public let problems: [SuiteProblem]
  /// The first is what the others are compared with.
  public let methods: [SuiteMethod]
  public let seeds: [UInt64]
  /// Ascending.
  public let budgets: [Int]
  /// First points, the same for all methods: a Latin hypercube of each problem and seed.
  public static let designSize = 20

  public init(problems: [SuiteProblem], methods: [SuiteMethod], seeds: [UInt64], budgets: [Int]) {
    self.problems = problems
    self.methods = methods
    self.seeds = seeds
    self.budgets = Array(Set(budgets)).sorted()
  }

  /// The run that a budget is read from.
  public func job(_ problem: SuiteProblem, _ method: SuiteMethod, seed: UInt64, budget: Int) -> SuiteJob {
    SuiteJob(
      problem: problem, method: method, seed: seed, planned: method.isAnytime ? budgets.last ?? budget : budget,
      budget: budget)
  }

  /// All runs, stage by stage.
  public var jobs: [SuiteJob] { stages.flatMap(\.self) }

  /// All budgets but the largest first, and then that one, which goes on with the files of anytime methods; within each
  /// seed by seed, so that what is finished is always balanced.
  public var stages: [[SuiteJob]] {
    let stages = budgets.count > 1 ? [Array(budgets.dropLast()), [budgets[budgets.count - 1]]] : [budgets]
    return stages.map { stage in
      seeds.flatMap { seed in
        problems.flatMap { problem in
          methods.flatMap { method in
            (method.isAnytime ? Array(stage.suffix(1)) : stage).map {
              job(problem, method, seed: seed, budget: $0)
            }
          }
        }
      }
    }
  }
}
