import DMOCore
import DMOStudy
import Foundation

/// One finding about a study in words, with what to do about it.
public struct HealthCheck: Encodable, Equatable, Sendable {
  public enum Level: String, Encodable, Sendable { case good, note, warning, bad }
  public var level: Level
  public var title: String
  /// What to do; empty when there is nothing to do.
  public var advice: String

  init(_ level: Level, _ title: String, _ advice: String = "") {
    (self.level, self.title, self.advice) = (level, title, advice)
  }
}

/// Judges a study from its digest. Limits are stated where they are used.
struct HealthReport {
  let digest: StudyDigest
  private var goals: Goals { digest.description.goals }
  private var spec: ProblemSpec { digest.description.spec }
  private var total: Int { digest.incumbents.total }
  private var study: String { Words.shell(digest.path) }

  /// The gravest first.
  func checks(_ insights: Insights? = nil) -> [HealthCheck] {
    guard total > 0 else {
      return [HealthCheck(.note, "no evaluation is answered yet", "`dmo resume \(study)` goes on with the study")]
    }
    let all = [standing, infeasibility, failures, constraints, bounds, progress, workers, surrogate].flatMap { $0() }
      + (insights.map(learning) ?? [])
    let order: [HealthCheck.Level] = [.bad, .warning, .note, .good]
    return order.flatMap { level in all.filter { $0.level == level } }
  }

  private func standing() -> [HealthCheck] {
    let rest = digest.description.budget - total
    switch digest.state {
    case "interrupted" where rest > 0:
      return [
        HealthCheck(
          .warning, "the study was interrupted: \(rest) of \(digest.description.budget) evaluations are left",
          "`dmo resume \(study)` goes on where it stopped")
      ]
    default: return []
    }
  }

  private func count(_ kind: PointClass) -> Int { digest.bins.bins.reduce(0) { $0 + $1.classes[kind.rawValue] } }

  private func infeasibility() -> [HealthCheck] {
    let feasible = digest.incumbents.feasibleCount
    let answered = digest.incumbents.counts[.ok] ?? 0
    let hidden = digest.incumbents.counts[.infeasible] ?? 0
    if feasible == 0 && !goals.constraints.isEmpty {
      return [
        HealthCheck(
          .bad, "no feasible design is known after \(total) evaluations",
          "look at Constraints: ease the bound that is violated most with --require, widen the ranges, "
            + "or begin with --initial-feasible 5 or --search joint, which learns where answers are feasible")
      ]
    }
    var found: [HealthCheck] = []
    // A third: above it, a random design alone would mostly be wasted.
    if 3 * hidden > total {
      found.append(
        HealthCheck(
          .warning, "\(Words.percent(hidden, of: total)) of the points have no answer (infeasible)",
          "narrow the ranges, or use --search joint, which learns where there are answers"))
    }
    if 3 * (answered - feasible) > 2 * total {
      found.append(
        HealthCheck(
          .note, "\(Words.percent(answered - feasible, of: total)) of the points violate a constraint",
          "usual where constraints are tight; Constraints shows which one"))
    }
    return found
  }

  private func failures() -> [HealthCheck] {
    let failed = count(.failed)
    guard failed > 0 else { return [HealthCheck(.good, "every evaluation ran to its end")] }
    // 5 %: fewer cost less than looking for the cause.
    return [
      HealthCheck(
        20 * failed > total ? .bad : .note,
        "\(failed) of \(total) evaluations failed (\(Words.percent(failed, of: total)))",
        "Failures lists the messages with a command that repeats one of each; "
          + "`dmo resume \(study) --retry-failed` tries them again")
    ]
  }

  private func constraints() -> [HealthCheck] {
    goals.constraints.enumerated().flatMap { k, constraint -> [HealthCheck] in
      let known = digest.bins.bins.reduce(0) { $0 + $1.known[k] }
      let violated = digest.bins.bins.reduce(0) { $0 + $1.violated[k] }
      if known > 0 && violated == known {
        return [
          HealthCheck(
            .warning, "no answer meets the bound of \(constraint.label)",
            "is the bound in the right unit? --require '\(constraint.label)…' sets another one")
        ]
      }
      if known >= 20 && violated == 0 {
        return [
          HealthCheck(.note, "every answer meets the bound of \(constraint.label)", "it does not shape the design")
        ]
      }
      return []
    }
  }

  /// Parameters of the chosen design that lie on the edge of their range.
  private func bounds() -> [HealthCheck] {
    guard digest.incumbents.best != nil, let point = digest.chosen else { return [] }
    let space = spec.space
    return digest.free.compactMap { i in
      let p = space.parameter(at: i)
      guard case .real = p.kind, !p.isPeriodic, p.width <= TableColumns.blockLimit else { return nil }
      let z = space.encode(point.x[i], at: i)
      // A thousandth of the range counts as on the bound.
      guard z < 1e-3 || z > 1 - 1e-3 else { return nil }
      let side = z < 0.5 ? "lower" : "upper"
      return HealthCheck(
        .note, "the best design lies on the \(side) bound of \(space.labels[i]) (\(Words.quantity(point.x[i], p.unit)))",
        "if the simulator allows, widen the range: a better design may lie beyond")
    }
  }

  private func progress() -> [HealthCheck] {
    guard let newest = digest.history.entries.last, total >= 20, !goals.objectives.isEmpty else { return [] }
    let word = goals.objectives.count == 1 ? "the best design" : "the front"
    let idle = digest.answers - newest.answer
    // The last twentieth: still improving; nothing in the last half: done, or stuck.
    if 20 * idle < digest.answers {
      return [
        HealthCheck(
          .note, "\(word) still improved at evaluation \(newest.id)",
          "more evaluations may pay: `dmo resume \(study) --budget +\(max(total / 2, 1))`")
      ]
    }
    if 2 * idle > digest.answers {
      return [
        HealthCheck(
          .note, "\(word) has not improved since evaluation \(newest.id)",
          "done, or stuck: try another seed or search, and `dmo compare` them")
      ]
    }
    return []
  }

  private func workers() -> [HealthCheck] {
    guard let first = digest.first, let last = digest.last, last - first > 5 else { return [] }
    let jobs = digest.description.jobs
    let share = digest.wall / (Double(jobs) * (last - first))
    // Half: below it the search, not the simulator, takes the time.
    guard share < 0.5 else { return [] }
    return [
      HealthCheck(
        .note,
        String(
          format: "workers were busy %.0f %% of the time: the rest went to the search, or the study stood still", share * 100),
        jobs > 1 ? "fewer --jobs would do as well, or a quicker search" : "a quicker search would help: see docs/search.md")
    ]
  }

  private func surrogate() -> [HealthCheck] {
    func median(_ name: String) -> Double? {
      let values = digest.telemetry.rows.compactMap { $0.telemetry[name] }.filter { !$0.isNaN }.sorted()
      return values.count < 5 ? nil : values[values.count / 2]
    }
    var found: [HealthCheck] = []
    if let error = median("cv_error"), error >= 1 {
      found.append(
        HealthCheck(
          .warning, "the search's surrogate foretells no better than the mean (error \(Words.number(error)) of it)",
          "give it more first points (--search-set initial=…), or choose another trainer: `dmo trainers`"))
    }
    if let ratio = median("trust_ratio"), ratio < 0.1 {
      found.append(
        HealthCheck(
          .note, "steps gained \(Words.number(ratio)) of what the surrogate promised (median)",
          "the problem is rougher than the surrogate believes: compare with --search nsga2 or cmaes"))
    }
    return found
  }

  /// What the surrogate that was learnt for the page could not foretell.
  private func learning(_ insights: Insights) -> [HealthCheck] {
    insights.parity.compactMap { parity in
      guard let r2 = parity.r2, parity.truth.values.count >= 10 else { return nil }
      // 0.3: less than a third of the variance explained is little to steer by; below 0 the mean does better.
      if r2 < 0 {
        return HealthCheck(
          .warning, "\(parity.label) cannot be foretold: the surrogate does no better than the mean "
            + "(R² \(Words.number((r2 * 100).rounded() / 100)))",
          "distrust what Insights say of it; more evaluations spread over the box may help")
      }
      guard r2 < 0.3 else { return nil }
      return HealthCheck(
        .note, "\(parity.label) is hard to foretell (R² \(Words.number((r2 * 100).rounded() / 100)))",
        "what Insights say of it is rough")
    }
  }
}
