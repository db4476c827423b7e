/// What a benchmark runs: its methods and seeds, and how much each may spend.
public struct PaperPlan: Sendable {
  public let task: PaperTask
  public let methods: [PaperMethod]
  public let seeds: [UInt64]
  /// Iterations after the initial design; a method with M local samples asks 1 + M queries in each.
  public let iterations: Int

  public init(task: PaperTask, methods: [PaperMethod], seeds: [UInt64], iterations: Int) {
    self.task = task
    self.methods = methods
    self.seeds = seeds
    self.iterations = iterations
  }

  /// Figure 2 f–h: `mae` and `gradpie`, each trained once on every size of data.
  public static func offline(task: PaperTask, sizes: [Int], seeds: [UInt64], steps: Int) -> PaperPlan {
    let methods = sizes.flatMap { size in
      ["mae", "gradpie"].compactMap { PaperMethod.offline($0, size: size, task: task) }
    }
    return PaperPlan(task: task, methods: methods, seeds: seeds, iterations: steps)
  }

  /// Seed by seed, so that what is finished is always paired.
  public var jobs: [BenchJob] {
    seeds.flatMap { seed in methods.map { BenchJob(task: task, method: $0, seed: seed, queries: queries($0)) } }
  }

  private func queries(_ method: PaperMethod) -> Int {
    let initial = method.searchOptions["initial"].flatMap { Int($0) } ?? task.initial
    return initial + iterations * (1 + method.localSamples)
  }

  /// Every tenth, quarter and whole: 50, 100 and 200 of 200.
  public var checkpoints: [Int] {
    var result: [Int] = []
    for n in [iterations / 4, iterations / 2, iterations] where n > 0 && n != result.last { result.append(n) }
    return result
  }

  /// What a reader needs to run it again.
  public var settings: String {
    func text(_ options: [String: String]) -> String {
      options.sorted { $0.key < $1.key }.map { " \($0.key)=\($0.value)" }.joined()
    }
    var lines = [
      "\(task.title): plugin \(task.plugin), problem \(task.problem)\(text(task.options))"
        + (task.seedOption.map { ", \($0) = the run's seed" } ?? "")
        + "; seeds \(seeds.first ?? 0) … \(seeds.last ?? 0); initial design \(task.initial) points"
    ]
    for m in methods {
      lines.append(
        "- `\(m.id)`: \(m.summary); search \(m.search)\(text(m.searchOptions))"
          + (m.trainer.map { "; trainer \($0)\(text(m.trainerOptions))" } ?? "") + "; \(queries(m)) queries")
    }
    return lines.joined(separator: "\n") + "\n"
  }
}
