import DMOCore
import DMOStudy
import Foundation

/// The live line of a terminal, or a plain line every 10 s elsewhere; always on standard error.
struct ProgressReport {
  private static let plainInterval = 10.0
  private static let liveInterval = 0.1
  /// From so many columns on, the live line ends with a sparkline.
  private static let wideTerminal = 110
  private let started: Double
  private let answeredBefore: Int
  private var lastShown: Double
  private var sparkline = Sparkline()

  init(now: Double, answeredBefore: Int) {
    started = now
    lastShown = now
    self.answeredBefore = answeredBefore
  }

  mutating func show(_ p: StudyRunner.Progress, now: Double, on console: inout Console) {
    guard console.hasProgress else { return }
    if console.isLive { sparkline.note(p.incumbents, answered: p.answered) }
    let interval = console.isLive ? Self.liveInterval : Self.plainInterval
    guard now - lastShown >= interval else { return }
    lastShown = now
    if console.isJSON {
      Console.out(json(p, now: now).text)
    } else if console.isLive {
      var text = line(p, now: now)
      if Console.width >= Self.wideTerminal && Console.isUnicode { text += "  " + sparkline.text(p.incumbents) }
      console.live(text)
    } else {
      console.note(line(p, now: now))
    }
  }

  private func rate(_ p: StudyRunner.Progress, now: Double) -> Double {
    Double(p.answered - answeredBefore) / max(now - started, 1e-9)
  }

  /// `120/200 · best fom 512.3 (#87) · 3 infeasible · 41.2/s · 2 s left`
  func line(_ p: StudyRunner.Progress, now: Double) -> String {
    var parts = ["\(p.answered)/\(p.budget)", Self.standing(p.incumbents)]
    let infeasible = p.incumbents.counts[.infeasible] ?? 0
    let violating = (p.incumbents.counts[.ok] ?? 0) - p.incumbents.feasibleCount
    let failed = p.incumbents.total - (p.incumbents.counts[.ok] ?? 0) - infeasible
    parts.append("\(infeasible + violating) infeasible")
    parts.append("\(failed) failed")
    let rate = rate(p, now: now)
    parts.append(String(format: "%.1f/s", rate))
    if rate > 0 { parts.append("\(Text.duration(Double(p.budget - p.answered) / rate)) left") }
    return parts.joined(separator: " · ")
  }

  /// The best so far in a few words; says so when nothing feasible is known.
  static func standing(_ incumbents: Incumbents) -> String {
    if let best = incumbents.best {
      guard let objective = incumbents.goals.objectives.first else { return "feasible since #\(best.id)" }
      return "best \(objective.label) \(Text.number(best.result.y[objective.index])) (#\(best.id))"
    }
    if !incumbents.front.isEmpty { return "front of \(incumbents.front.count)" }
    if let nearest = incumbents.nearest {
      return "none feasible yet, least violation \(Text.number(nearest.violation)) (#\(nearest.point.id))"
    }
    return "nothing answered yet"
  }

  private func json(_ p: StudyRunner.Progress, now: Double) -> JSON {
    .object([
      ("type", .string("progress")), ("answered", .integer(p.answered)), ("budget", .integer(p.budget)),
      ("inFlight", .integer(p.inFlight)), ("feasible", .integer(p.incumbents.feasibleCount)),
      ("perSecond", .number(rate(p, now: now))),
    ])
  }
}
