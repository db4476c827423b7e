import DMONumerics
/// The tables of one task as Markdown, from its runs.
public struct PaperTable {
  public enum Axis: String, Sendable { case query, iteration }

  let task: PaperTask
  /// By method id, in the tables' order; each method on the same seeds in the same order.
  let curves: [(method: String, runs: [RunCurve])]
  let checkpoints: [Int]
  private let format: Int

  /// - Precondition: every method has the same seeds, in the same order.
  public init(task: PaperTask, curves: [(method: String, runs: [RunCurve])], checkpoints: [Int]) {
    precondition(Set(curves.map { $0.runs.map(\.seed) }).count <= 1, "the methods' seeds differ: nothing is paired")
    self.task = task
    self.curves = curves
    self.checkpoints = checkpoints
    let size = curves.flatMap(\.runs).compactMap(\.perQuery.last).filter(\.isFinite).map(abs).max() ?? 1
    format = size >= 100 ? 1 : size >= 10 ? 2 : 4
  }

  private func values(_ runs: [RunCurve], _ axis: Axis, _ n: Int) -> [Double] {
    runs.map { run in
      let curve = axis == .query ? run.perQuery : run.perIteration
      return n <= curve.count ? curve[n - 1] : .nan
    }
  }

  private func text(_ v: Double) -> String { BenchText.number(v, digits: format) }

  private func header(_ first: String, _ names: [String]) -> [String] {
    ["| \(first) | \(names.joined(separator: " | ")) |", "|---|" + String(repeating: "---|", count: names.count)]
  }

  /// Mean ± sd; median (quartiles) at each checkpoint; "–" where a run is not that long or has nothing feasible.
  public func values(_ axis: Axis) -> String {
    var lines = header("method", checkpoints.map { "\($0) \(axis == .query ? "queries" : "iterations")" })
    for (method, runs) in curves {
      let cells = checkpoints.map { n -> String in
        let v = values(runs, axis, n)
        guard v.allSatisfy(\.isFinite) else { return "–" }
        return "\(text(Statistics.mean(v))) ± \(text(Statistics.deviation(v))); \(text(Statistics.quantile(v, 0.5))) "
          + "(\(text(Statistics.quantile(v, 0.25)))–\(text(Statistics.quantile(v, 0.75))))"
      }
      lines.append("| \(method) | \(cells.joined(separator: " | ")) |")
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// Paired differences of each method to `base`: mean [95 % bootstrap interval], seeds on which the method is better.
  public func differences(_ axis: Axis, to base: String) -> String {
    guard let reference = curves.first(where: { $0.method == base })?.runs else { return "" }
    var lines = header("pair", checkpoints.map { "\($0) \(axis == .query ? "queries" : "iterations")" })
    for (method, runs) in curves where method != base {
      let cells = checkpoints.map { n -> String in
        let d = zip(values(runs, axis, n), values(reference, axis, n)).map { $0 - $1 }
        guard d.allSatisfy(\.isFinite) else { return "–" }
        let (low, high) = Statistics.interval(d)
        let won = d.count { task.isMaximised ? $0 > 0 : $0 < 0 }
        return "\(signed(Statistics.mean(d))) [\(signed(low)), \(signed(high))], \(won)/\(d.count)"
      }
      lines.append("| \(method) − \(base) | \(cells.joined(separator: " | ")) |")
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private func signed(_ v: Double) -> String { (v >= 0 ? "+" : "") + text(v) }

  /// Queries (local samples and the initial design counted) until each method is as good as `base` is after `n`,
  /// seed by seed: median (quartiles), and on how many seeds it gets there within its budget.
  public func queriesToEqual(_ base: String, at points: [Int]) -> String {
    guard let reference = curves.first(where: { $0.method == base })?.runs else { return "" }
    var lines = header("method", points.map { "to equal \(base) at \($0) queries" })
    for (method, runs) in curves {
      let cells = points.map { n -> String in
        let needed = zip(runs, reference).map { run, other -> Double in
          guard n <= other.perQuery.count, other.perQuery[n - 1].isFinite else { return .nan }
          let q = run.queries(toReach: other.perQuery[n - 1], isMaximised: task.isMaximised)
          return q.map(Double.init) ?? .infinity
        }
        guard !needed.contains(where: \.isNaN) else { return "–" }
        let quartiles = [0.5, 0.25, 0.75].map { count(Statistics.quantile(needed, $0), runs) }
        return "\(quartiles[0]) (\(quartiles[1])–\(quartiles[2])), \(needed.count(where: \.isFinite))/\(needed.count)"
      }
      lines.append("| \(method) | \(cells.joined(separator: " | ")) |")
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private func count(_ q: Double, _ runs: [RunCurve]) -> String {
    q.isFinite ? BenchText.number(q, digits: 0) : "> \(runs.map(\.perQuery.count).min() ?? 0)"
  }

  /// One line a run and query: task, method, seed, query, best so far.
  public var csv: String {
    var lines = ["task,method,seed,axis,count,best"]
    for (method, runs) in curves {
      for run in runs {
        for (axis, curve) in [(Axis.query, run.perQuery), (.iteration, run.perIteration)] {
          for (k, best) in curve.enumerated() {
            lines.append(
              "\(task.id),\(method),\(run.seed),\(axis.rawValue),\(k + 1),\(best.isNaN ? "" : "\(best)")")
          }
        }
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }
}
