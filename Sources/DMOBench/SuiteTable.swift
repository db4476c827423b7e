import DMONumerics
/// The suite's tables as Markdown, and everything as CSV, from the runs there are.
public struct SuiteTable {
  /// One method's runs on one problem at one budget, by seed; unfinished ones are as long as they got.
  public struct Cell: Sendable {
    let curves: [SuiteCurve]
    let budget: Int

    var finished: [SuiteCurve] { curves.filter { $0.count >= budget } }
    func values(_ value: (SuiteCurve) -> Double) -> [Double] { finished.map(value) }
  }
  /// Another program's recorded hypervolumes: shown, never tested, since their first points were others.
  public struct Recorded: Sendable {
    public let problem: String
    public let budget: Int
    public let hypervolumes: [Double]
    public init(problem: String, budget: Int, hypervolumes: [Double]) {
      (self.problem, self.budget, self.hypervolumes) = (problem, budget, hypervolumes)
    }
  }
  enum Verdict: String {
    case better, equal, worse, lost, few = "–"
  }

  let plan: SuitePlan
  let recorded: [Recorded]
  private let curve: (SuiteJob) -> SuiteCurve?
  /// A row is lost when it is behind by more than this part of the best hypervolume known, significantly.
  private static let margin = 0.01
  private static let significance = 0.05
  /// Fewer pairs can never be significant.
  private static let fewestPairs = 6

  /// - Parameters:
  ///   - plan: problems, methods, budgets and seeds: the table's shape.
  ///   - recorded: runs of other programs, which stand beside dmo's own.
  ///   - curve: the run of a job so far; nil when it has not begun.
  public init(_ plan: SuitePlan, recorded: [Recorded] = [], curve: @escaping (SuiteJob) -> SuiteCurve?) {
    self.plan = plan
    self.recorded = recorded
    self.curve = curve
  }

  private func cell(_ problem: SuiteProblem, _ method: SuiteMethod, _ budget: Int) -> Cell {
    Cell(
      curves: plan.seeds.compactMap { curve(plan.job(problem, method, seed: $0, budget: budget)) }, budget: budget)
  }

  /// The base's runs against another method's, on the seeds that both have finished.
  static func compare(_ base: Cell, _ other: Cell, best: Double) -> (p: Double, verdict: Verdict, pairs: Int) {
    let theirs = Dictionary(uniqueKeysWithValues: other.finished.map { ($0.seed, $0.hypervolume(at: other.budget)) })
    let pairs = base.finished.compactMap { run in
      theirs[run.seed].map { (own: run.hypervolume(at: base.budget), their: $0) }
    }
    guard pairs.count >= fewestPairs else { return (.nan, .few, pairs.count) }
    // Nil: nothing differs.
    let differences = pairs.map { $0.own - $0.their }.filter { !$0.isNaN }
    let p = PairedTests.wilcoxon(differences) ?? 1
    // The test is of ranks of differences, what is shown are medians: only where both agree is one the better.
    let balance = PairedTests.rankBalance(differences)
    let gap = Statistics.quantile(pairs.map(\.own), 0.5) - Statistics.quantile(pairs.map(\.their), 0.5)
    let verdict: Verdict =
      p >= significance || balance * gap <= 0 ? .equal : gap > 0 ? .better : gap < -margin * best ? .lost : .worse
    return (p, verdict, pairs.count)
  }

  private func spread(_ v: [Double], digits: Int = 4) -> String {
    guard !v.isEmpty else { return "–" }
    func text(_ p: Double) -> String { BenchText.number(Statistics.quantile(v, p), digits: digits) }
    return "\(text(0.5)) (\(text(0.25))–\(text(0.75)))"
  }

  private func unfinished(_ cell: Cell) -> String {
    cell.finished.count == plan.seeds.count ? "" : " [\(cell.finished.count)/\(plan.seeds.count)]"
  }

  /// Hypervolume over the best known; p and verdict for the first method against each other one.
  public var hypervolumes: String {
    let others = plan.methods.dropFirst()
    var header = plan.methods.map(\.id)
    for other in others { header.append("p, \(plan.methods[0].id) against \(other.id)") }
    if !recorded.isEmpty { header.append("dmosopt 0.9.3, recorded") }
    var lines = [
      "| problem | budget | \(header.joined(separator: " | ")) |", String(repeating: "|---", count: header.count + 2) + "|",
    ]
    for problem in plan.problems {
      for budget in plan.budgets {
        let cells = plan.methods.map { cell(problem, $0, budget) }
        var texts = cells.map { c in
          spread(c.values { $0.hypervolume(at: budget) / problem.best }) + unfinished(c)
        }
        for other in cells.dropFirst() {
          let (p, verdict, _) = Self.compare(cells[0], other, best: problem.best)
          texts.append(verdict == .few ? "–" : "\(BenchText.number(p, digits: 3)) \(verdict.rawValue)")
        }
        if !recorded.isEmpty {
          let v = recorded.first { $0.problem == problem.id && $0.budget == budget }?.hypervolumes ?? []
          texts.append(v.isEmpty ? "–" : BenchText.number(Statistics.quantile(v, 0.5) / problem.best, digits: 4))
        }
        lines.append("| \(problem.id) | \(budget) | \(texts.joined(separator: " | ")) |")
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// Area under the curve, first feasible point, and times.
  public var courses: String {
    let names = ["area under the curve", "first feasible", "model s", "model processor s", "evaluations s"]
    var lines = [
      "| problem | budget | method | \(names.joined(separator: " | ")) |", "|---|---|---|---|---|---|---|---|",
    ]
    for problem in plan.problems {
      for budget in plan.budgets {
        for method in plan.methods {
          let c = cell(problem, method, budget)
          let first = c.finished.compactMap(\.firstFeasible).filter { $0 <= budget }.map(Double.init)
          let firstText =
            first.isEmpty
            ? "–" : "\(BenchText.number(Statistics.quantile(first, 0.5), digits: 0)), \(first.count)/\(c.finished.count)"
          let texts = [
            spread(c.values { $0.area(budget) / problem.best }), firstText,
            median(c.values { $0.modelSeconds[budget - 1] }), median(c.values { $0.modelProcessorSeconds[budget - 1] }),
            median(c.values { $0.evaluationSeconds[budget - 1] }),
          ]
          lines.append("| \(problem.id) | \(budget) | \(method.id) | \(texts.joined(separator: " | ")) |")
        }
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private func median(_ v: [Double]) -> String {
    v.isEmpty ? "–" : BenchText.number(Statistics.quantile(v, 0.5), digits: 2)
  }

  /// How many cells the first method won and lost against each other one, by name; and the goals of the problems.
  public var verdicts: String {
    var lines: [String] = []
    for other in plan.methods.dropFirst() {
      var byVerdict: [Verdict: [String]] = [:]
      var behind: [String] = []
      for problem in plan.problems {
        for budget in plan.budgets {
          let (own, their) = (cell(problem, plan.methods[0], budget), cell(problem, other, budget))
          byVerdict[Self.compare(own, their, best: problem.best).verdict, default: []].append("\(problem.id) \(budget)")
          let medians = [own, their].map { c in Statistics.quantile(c.values { $0.hypervolume(at: budget) }, 0.5) }
          if medians[0] < medians[1] { behind.append("\(problem.id) \(budget)") }
        }
      }
      let parts = [Verdict.better, .equal, .worse, .lost, .few].map { v -> String in
        let names = byVerdict[v] ?? []
        let word = v == .few ? "too few runs" : v.rawValue
        let list = v == .better || v == .equal || names.isEmpty ? "" : " (\(names.joined(separator: ", ")))"
        return "\(word) \(names.count)\(list)"
      }
      let list = behind.isEmpty ? "none" : behind.joined(separator: ", ")
      lines.append("- \(plan.methods[0].id) against \(other.id): \(parts.joined(separator: "; ")). Median behind: \(list)")
    }
    for problem in plan.problems {
      for goal in problem.goals { lines += goalLines(problem, goal) }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private func goalLines(_ problem: SuiteProblem, _ goal: SuiteProblem.Goal) -> [String] {
    plan.methods.compactMap { method in
      guard let budget = plan.budgets.first(where: { $0 >= goal.evaluations }) else { return nil }
      let values = plan.seeds.compactMap { seed -> Double? in
        guard let run = curve(plan.job(problem, method, seed: seed, budget: budget)), run.count >= goal.evaluations
        else { return nil }
        return SuiteCurve.volumes(Array(run.losses.prefix(goal.evaluations)), reference: goal.reference).last
      }
      guard !values.isEmpty else { return nil }
      let reached = values.count { $0 >= goal.hypervolume }
      return "- \(problem.id) by \(goal.evaluations) evaluations, reference \(goal.reference), goal \(goal.hypervolume): "
        + "\(method.id) \(spread(values)), reached in \(reached) of \(values.count) seeds"
    }
  }

  /// One line a run and budget.
  public var csv: String {
    var lines = [
      "problem,method,seed,budget,evaluations,hypervolume,ratio,area,first_feasible,model_s,model_cpu_s,evaluations_s"
    ]
    for problem in plan.problems {
      for method in plan.methods {
        for budget in plan.budgets {
          for run in cell(problem, method, budget).curves {
            let n = min(run.count, budget)
            let volume = run.hypervolume(at: n)
            func text(_ v: Double) -> String { v.isNaN ? "" : "\(v)" }
            let cells = [
              text(volume), text(volume / problem.best), text(run.area(budget) / problem.best),
              run.firstFeasible.flatMap { $0 <= budget ? "\($0)" : nil } ?? "", text(n > 0 ? run.modelSeconds[n - 1] : .nan),
              text(n > 0 ? run.modelProcessorSeconds[n - 1] : .nan), text(n > 0 ? run.evaluationSeconds[n - 1] : .nan),
            ]
            lines.append("\(problem.id),\(method.id),\(run.seed),\(budget),\(n),\(cells.joined(separator: ","))")
          }
        }
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }
}
