import DMOCore
import DMONumerics

/// The ablation of the joint surrogate on the neuron problems: what is learnt, the gradient step, sensitivities, peers.
public enum JointAblation {
  /// Problems of the plugin `hh`; their best is what all rows find together.
  public static let problems = ["hh-cell", "motoneuron", "hh-network"].map {
    SuiteProblem($0, [], best: .nan, plugin: "hh")
  }

  private static func joint(_ id: String, search: [String: String] = [:], trainer: [String: String] = [:]) -> SuiteMethod {
    SuiteMethod(
      id: id, search: "joint", searchOptions: search, trainer: "joint", trainerOptions: trainer, isAnytime: true)
  }

  /// The rows there are, in the table's order.
  public static let rows = [
    joint("c+o"),
    joint("o", trainer: ["mode": "o"]),
    joint("c", trainer: ["mode": "c"]),
    // Both, learnt directly and not from what the simulator observes.
    joint("goals", trainer: ["target": "objective"]),
    SuiteMethod(id: "gp", search: "nsga2", trainer: "gp"),
    SuiteMethod(id: "none", search: "nsga2"),
    joint("no-gradient", search: ["gradient-step": "false"]),
    joint("fast", search: ["sensitivity": "fast"]),
    joint("dgsm", search: ["sensitivity": "dgsm"]),
    joint("no-sensitivity", search: ["sensitivity": "none"]),
    SuiteMethod(id: "bayes-mo", search: "bayes-mo", trainer: "gp"),
    SuiteMethod(id: "pymoo-nsga2", search: "pymoo-nsga2", peer: "nsga2"),
  ]

  /// What a run of the table is: a row, and its own number of evaluations where that is not the table's.
  public struct Row: Sendable, Equatable {
    public let method: SuiteMethod
    public let budget: Int
    public var id: String
  }

  /// `gp`, or `gp:1000` with a budget of its own; nil when there is no such row, or no such number.
  public static func row(_ text: String, budget: Int) -> Row? {
    let parts = text.split(separator: ":", maxSplits: 1).map(String.init)
    guard let method = rows.first(where: { $0.id == parts.first }) else { return nil }
    if parts.count == 1 { return Row(method: method, budget: budget, id: method.id) }
    return Int(parts[1]).flatMap { $0 > SuitePlan.designSize ? Row(method: method, budget: $0, id: text) : nil }
  }
}

/// The ablation's table: everything is measured against the front that all runs found together.
public struct AblationTable {
  let rows: [(row: JointAblation.Row, runs: [AblationRun])]
  /// Losses of the merged front, its ideal and its nadir; shape (objectives).
  let front: [[Double]]
  let ideal, nadir: [Double]
  private let reference: [Double]
  private let best: Double

  /// The reference lies at this multiple of the nadir, in units of the front's range.
  private static let margin = 1.1

  public init(_ rows: [(row: JointAblation.Row, runs: [AblationRun])]) {
    self.rows = rows
    let points = rows.flatMap { $0.runs.flatMap { $0.curve.losses.compactMap(\.self) } }
    let front = Ranking.nonDominated(points).map { points[$0] }
    self.front = front
    let m = front.first?.count ?? 0
    let ideal = (0..<m).map { j in front.reduce(Double.infinity) { min($0, $1[j]) } }
    let nadir = (0..<m).map { j in front.reduce(-Double.infinity) { max($0, $1[j]) } }
    (self.ideal, self.nadir) = (ideal, nadir)
    reference = Array(repeating: Self.margin, count: m)
    let scaled = front.map { p in p.indices.map { Self.scaled(p[$0], ideal[$0], nadir[$0]) } }
    best = m > 0 ? Hypervolume.of(scaled, reference: reference) : .nan
  }

  private static func scaled(_ v: Double, _ low: Double, _ high: Double) -> Double {
    high > low ? (v - low) / (high - low) : v - low
  }

  /// A run in units of the merged front.
  private func scaled(_ run: AblationRun, _ budget: Int) -> SuiteCurve {
    let losses = run.curve.losses.prefix(budget).map { point in
      point.map { p in p.indices.map { Self.scaled(p[$0], ideal[$0], nadir[$0]) } }
    }
    return SuiteCurve(seed: run.curve.seed, losses: losses, reference: reference)
  }

  private func distance(_ curve: SuiteCurve) -> Double {
    let target = front.map { p in p.indices.map { Self.scaled(p[$0], ideal[$0], nadir[$0]) } }
    return FrontIndicators.igd(curve.front(at: curve.count), front: target)
  }

  private static func text(_ v: [Double], digits: Int = 4) -> String {
    guard !v.isEmpty else { return "–" }
    func one(_ p: Double) -> String { BenchText.number(Statistics.quantile(v, p), digits: digits) }
    return "\(one(0.5)) (\(one(0.25))–\(one(0.75)))"
  }

  public var markdown: String {
    let names = [
      "first feasible", "Σ violation", "area under the curve", "hypervolume", "IGD", "NRMSE", "model s", "p of the area",
    ]
    var lines = [
      "| row | evaluations | runs | \(names.joined(separator: " | ")) |", "|\(String(repeating: "---|", count: names.count + 3))",
    ]
    let base = rows.first.map { r in areas(r.row, r.runs) } ?? [:]
    for (row, runs) in rows {
      let done = runs.filter { $0.curve.count >= row.budget }
      let curves = done.map { scaled($0, row.budget) }
      let nearest = done.compactMap { $0.curve.leastViolation.dropFirst(row.budget - 1).first }
      func measured(_ value: (SuiteCurve) -> Double) -> String { front.isEmpty ? "–" : Self.text(curves.map(value)) }
      let first = curves.compactMap(\.firstFeasible).map(Double.init)
      let own = areas(row, runs)
      let pairs = own.keys.sorted().compactMap { seed in base[seed].map { (own[seed] ?? .nan) - $0 } }
      // Nil: nothing differs.
      let chance = PairedTests.wilcoxon(pairs.filter { !$0.isNaN }) ?? 1
      // Means over other numbers of evaluations are no pairs.
      let isPaired = row != rows[0].row && row.budget == rows[0].row.budget
      let p = !isPaired || pairs.isEmpty || front.isEmpty ? "–" : BenchText.number(chance, digits: 3)
      let cells = [
        first.isEmpty ? "– 0/\(curves.count)" : "\(Self.text(first, digits: 0)) \(first.count)/\(curves.count)",
        Self.text(nearest, digits: 2), measured { $0.area(row.budget) / best },
        measured { $0.hypervolume(at: row.budget) / best }, measured(distance),
        Self.text(done.compactMap(\.nrmse), digits: 3),
        Self.text(done.compactMap { $0.curve.modelSeconds[row.budget - 1] }, digits: 1), p,
      ]
      lines.append("| \(row.id) | \(row.budget) | \(done.count)/\(runs.count) | \(cells.joined(separator: " | ")) |")
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private func areas(_ row: JointAblation.Row, _ runs: [AblationRun]) -> [UInt64: Double] {
    var result: [UInt64: Double] = [:]
    for run in runs where run.curve.count >= row.budget {
      result[run.curve.seed] = scaled(run, row.budget).area(row.budget) / best
    }
    return result
  }

  /// One line a run.
  public var csv: String {
    var lines = ["row,seed,budget,evaluations,first_feasible,violation,area,hypervolume,igd,nrmse,model_s"]
    for (row, runs) in rows {
      for run in runs {
        let curve = scaled(run, row.budget)
        func text(_ v: Double?) -> String { v.map { $0.isFinite ? "\($0)" : "" } ?? "" }
        let cells = [
          text(curve.firstFeasible.map(Double.init)), text(run.curve.leastViolation.last), text(curve.area(row.budget) / best),
          text(curve.hypervolume(at: curve.count) / best), text(distance(curve)), text(run.nrmse),
          text(run.curve.modelSeconds.last),
        ]
        lines.append("\(row.id),\(run.curve.seed),\(row.budget),\(curve.count),\(cells.joined(separator: ","))")
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }
}

/// One run of the ablation.
public struct AblationRun: Sendable {
  public let curve: SuiteCurve
  /// Error of the predictions that the search chose by; nil where it predicts nothing.
  public let nrmse: Double?
  public init(curve: SuiteCurve, nrmse: Double?) {
    self.curve = curve
    self.nrmse = nrmse
  }
}
