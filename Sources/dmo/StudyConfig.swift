import DMOStudy

/// The configuration file that repeats a study.
enum StudyConfig {
  /// Flags that say how a command talks or what else it checks, and no part of the study.
  private static let passedOver: Set<String> = [
    "study", "style", "quiet", "verbose", "json", "check", "require-feasible", "help",
  ]

  /// What was asked for, with everything that was left to a default spelt out.
  /// - Throws: `UserError` for studies that no `dmo run` can repeat.
  static func text(_ d: StudyDescription, study: String) throws -> String {
    guard !d.isWithoutPlugin else {
      throw UserError("\(study): has no plugin, so that `dmo run` cannot repeat it", hint: "see `dmo new --help`")
    }
    let arguments = d.arguments ?? Array(d.command.dropFirst(2))
    var settings = FlagTable.run.settings(of: arguments).filter { !passedOver.contains($0.name) }
    func pin(_ name: String, _ text: String?) {
      settings.removeAll { $0.name == name }
      if let text { settings.append(FlagTable.Setting(name: name, value: FlagTable.Value(text))) }
    }
    pin("plugin", d.plugin.path)
    pin("problem", d.problem)
    pin("search", d.search)
    pin("trainer", d.trainer)
    pin("seed", "\(d.seed.value)")
    // Other executors count their own.
    if !settings.contains(where: { $0.name == "executor" }) { pin("jobs", "\(d.jobs)") }
    pin("budget", "\(d.plannedBudget ?? d.budget)")
    var comments = ["\(study), made \(d.created) by dmo \(d.dmoVersion) with \(d.plugin.name) \(d.plugin.version)"]
    if let planned = d.plannedBudget, planned != d.budget {
      comments.append("and then: dmo resume STUDY --budget \(d.budget)")
    }
    return ConfigFile.text(settings, comments: comments)
  }
}
