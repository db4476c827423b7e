import ArgumentParser
import DMOSearch
import Foundation

/// When a run ends before its budget.
struct StopOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Ask for nothing more after this time: 90, 90s, 2m or 1h. What runs is finished.", valueName: "time"))
  var time: String?
  @Option(
    parsing: .unconditional, help: ArgumentHelp("Stop when the objective is at least as good.", valueName: "number"))
  var target: Double?
  @Option(
    help: ArgumentHelp(
      "Stop without progress: hypervolume, objectives or stagnation, with a tolerance if you like; none drops a study's rules.",
      valueName: "rule[=tolerance]"))
  var stop: [String] = []
  @Option(help: ArgumentHelp("Evaluations over which --stop looks for progress; default 200.", valueName: "N"))
  var stopWindow: Int?

  func validate() throws {
    _ = try seconds()
    _ = try rules()
  }

  /// Seconds, or nil for no limit.
  func seconds() throws -> Double? {
    guard let time else { return nil }
    let units: [Character: Double] = ["s": 1, "m": 60, "h": 3600]
    let factor = time.last.flatMap { units[$0] }
    guard let value = Double(factor == nil ? time[...] : time.dropLast()), value > 0, value.isFinite else {
      throw ValidationError("--time \(time): write a time such as 90s, 2m or 1h")
    }
    return value * (factor ?? 1)
  }

  /// - Parameter before: the study's rules so far, which hold where none is given.
  /// - Returns: nil when there are none.
  func rules(_ before: StopRules? = nil) throws -> StopRules? {
    if stop.contains("none") && stop.count > 1 {
      throw ValidationError("--stop none goes with no other rule: leave one away")
    }
    if let stopWindow, stopWindow < 4 {
      throw ValidationError("--stop-window \(stopWindow): write a number of at least 4")
    }
    var rules = stop == ["none"] ? StopRules() : before ?? StopRules()
    if let target { rules.target = target }
    if let stopWindow { rules.window = stopWindow }
    if !stop.isEmpty { rules.progress = try progress() }
    return rules.isEmpty ? nil : rules
  }

  private func progress() throws -> [StopRules.Progress: Double] {
    var progress: [StopRules.Progress: Double] = [:]
    for text in stop where text != "none" {
      let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
      guard let kind = parts.first.flatMap({ StopRules.Progress(rawValue: $0) }) else {
        let valid = StopRules.Progress.allCases.map(\.rawValue).joined(separator: ", ")
        throw ValidationError("--stop \(text): choose among \(valid)")
      }
      guard let tolerance = parts.count > 1 ? Double(parts[1]) : kind.defaultTolerance, tolerance > 0, tolerance < 1 else {
        throw ValidationError("--stop \(text): write a tolerance between 0 and 1, such as \(kind.rawValue)=1e-4")
      }
      progress[kind] = tolerance
    }
    return progress
  }
}
