import DMOSearch

/// A row of the paper's tables: a search and a trainer with their options.
public struct PaperMethod: Sendable, Equatable {
  public let id: String
  /// For the legend under a table.
  public let summary: String
  public let search: String
  public let searchOptions: [String: String]
  public let trainer: String?
  public let trainerOptions: [String: String]
  /// M: queries besides the step in each iteration.
  public let localSamples: Int

  /// Ids in the order of the tables; `+local` rows draw one local sample around each new point (M = 1).
  public static let ids = [
    "random", "bayes", "mae", "gradpie", "mae+local", "gradpie+local", "gradpie+mae", "exact", "exact+local", "dmo",
  ]

  /// Those of `ids` that this build and this task have.
  public static func available(for task: PaperTask) -> [String] { ids.filter { make($0, task: task) != nil } }

  /// The row of an id; nil where the build has no such search or trainer, or the task no gradient.
  public static func make(_ id: String, task: PaperTask) -> PaperMethod? {
    let searches = StrategyRegistry.all.map(\.id)
    switch id {
    case "random":
      return PaperMethod(id, "independent uniform points", search: "random")
    case "bayes":
      guard searches.contains("bayes") else { return nil }
      let trainer = StrategyRegistry.all.first { $0.id == "bayes" }?.defaultTrainer
      return PaperMethod(id, "Gaussian process with log expected improvement", search: "bayes", trainer: trainer)
    case "dmo":
      let info = StrategyRegistry.all[0]
      let trainer = info.defaultTrainer(dimension: task.dimension)
      return PaperMethod(
        id, "dmo's defaults: --search \(info.id) --trainer \(trainer ?? "none"), no option set",
        search: info.id, trainer: trainer)
    default:
      return paperRow(id, task)
    }
  }

  /// Algorithm 1 with one trainer.
  private static func paperRow(_ id: String, _ task: PaperTask) -> PaperMethod? {
    let isLocal = id.hasSuffix("+local")
    let trainer = isLocal ? String(id.dropLast("+local".count)) : id
    guard ids.contains(id), StrategyRegistry.all.contains(where: { $0.trainers.contains(trainer) }) else { return nil }
    if trainer == "exact" && !task.hasGradient { return nil }
    var options = task.searchOptions
    options["initial"] = "\(task.initial)"
    options["local-after-failure"] = "false"
    options["inner"] = "0"
    options["local"] = isLocal ? "1" : "0"
    return PaperMethod(
      id, "Algorithm 1, trainer \(trainer), M = \(isLocal ? 1 : 0)", search: "gradient", searchOptions: options,
      trainer: trainer, trainerOptions: trainer == "exact" ? [:] : task.trainerOptions, localSamples: isLocal ? 1 : 0)
  }

  /// Algorithm A1: a model trained once on `size` points, then stepped along.
  static func offline(_ trainer: String, size: Int, task: PaperTask) -> PaperMethod? {
    guard let row = paperRow(trainer, task) else { return nil }
    var options = row.searchOptions
    options["initial"] = "\(size)"
    options["fit-once"] = "true"
    return PaperMethod(
      "\(trainer)@\(size)", "Algorithm A1, trainer \(trainer), \(size) points of data", search: "gradient",
      searchOptions: options, trainer: trainer, trainerOptions: row.trainerOptions)
  }

  private init(
    _ id: String, _ summary: String, search: String, searchOptions: [String: String] = [:], trainer: String? = nil,
    trainerOptions: [String: String] = [:], localSamples: Int = 0
  ) {
    self.id = id
    self.summary = summary
    self.search = search
    self.searchOptions = searchOptions
    self.trainer = trainer
    self.trainerOptions = trainerOptions
    self.localSamples = localSamples
  }

  /// The row with options changed, for ablations.
  public func changed(search changes: [String: String], trainer trainerChanges: [String: String]) -> PaperMethod {
    PaperMethod(
      id, summary, search: search, searchOptions: searchOptions.merging(changes) { $1 }, trainer: trainer,
      trainerOptions: trainerOptions.merging(trainerChanges) { $1 }, localSamples: localSamples)
  }
}
