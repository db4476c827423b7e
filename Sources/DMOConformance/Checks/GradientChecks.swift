import DMOCore
import DMOHost
import Foundation

/// `dmo.gradient/1`.
let gradientChecks: [Check] = [
  Check(
    "grad.finite-difference", .standard,
    "`vjp()` agrees with central differences of `evaluate()`: median error below 1e-4.",
    why: "A wrong gradient sends the search elsewhere without a word.",
    fix: "Compare coordinate by coordinate; the usual causes are a missing factor, a forgotten term, xbar not written."
  ) { run in
    guard try run.problem().extensions.contains(.vjp) else { return .skip("no dmo.gradient/1") }
    let instance = try run.instance()
    let space = instance.spec.space
    if (0..<space.dimension).allSatisfy({ space.parameter(at: $0).isDiscrete }) {
      return .skip("no parameter is continuous")
    }
    let answers = try run.settled(run.innerPoints(3, space)).filter(\.answer.isOK)
    if answers.isEmpty { return .skip("no point is feasible") }
    var errors = GradientErrors()
    var rng = run.stream("gradient")
    for row in answers {
      for _ in 0..<8 where errors.count == 0 || run.hasTime {
        let ybar = weights(row.answer.y, &rng)
        let along = run.direction(space, row.ask.x, &rng)
        run.note("vjp() at " + run.words(row.ask))
        let (result, xbar) = instance.vjp(row.ask, ybar: ybar)
        run.note("")
        guard let xbar else { return .skip("vjp() answered \(result.status): see grad.value") }
        try errors.add(dot(xbar, along)) { step in
          var ask = row.ask
          for i in ask.x.indices where along[i] != 0 { ask.x[i] += step * along[i] }
          let answer = try run.evaluate(ask)
          return answer.isOK ? dot(ybar, answer.y) : .nan
        }
      }
    }
    return errors.verdict
  },
  Check(
    "grad.dot-product", .standard, "⟨ȳ, J v⟩ from `jvp()` equals ⟨Jᵀ ȳ, v⟩ from `vjp()` to 1e-8.",
    why: "The two are one matrix; where they differ one of them is wrong.",
    fix: "The reverse pass must mirror each line of the forward pass."
  ) { run in
    guard try run.problem().extensions.isSuperset(of: [.vjp, .jvp]) else { return .skip("no jvp()") }
    let instance = try run.instance()
    let answers = try run.settled(run.innerPoints(4, instance.spec.space)).filter(\.answer.isOK)
    if answers.isEmpty { return .skip("no point is feasible") }
    var rng = run.stream("dot")
    for row in answers {
      let ybar = weights(row.answer.y, &rng)
      let along = run.direction(instance.spec.space, row.ask.x, &rng)
      run.note("vjp() and jvp() at " + run.words(row.ask))
      let (reverse, forward) = (instance.vjp(row.ask, ybar: ybar), instance.jvp(row.ask, xdot: along))
      run.note("")
      guard let xbar = reverse.xbar else { return .skip("vjp() answered \(reverse.result.status): see grad.value") }
      guard let ydot = forward.ydot else {
        return .fail("jvp() answered \(forward.result.status): \(forward.result.message)", at: run.words(row.ask))
      }
      let (left, right) = (dot(ybar, ydot), dot(xbar, along))
      // What the sums are made of: their own size may be small by cancellation.
      let size =
        zip(ybar, ydot).reduce(0) { $0 + abs($1.0 * $1.1) } + zip(xbar, along).reduce(0) { $0 + abs($1.0 * $1.1) }
      if !(abs(left - right) <= 1e-8 * size) {
        return .fail("⟨ȳ, J v⟩ is \(left), ⟨Jᵀ ȳ, v⟩ is \(right)", at: run.words(row.ask))
      }
    }
    return .pass("\(answers.count) points")
  },
  Check(
    "grad.value", .standard, "`vjp()` fills y with what `evaluate()` gives, to 1e-10.",
    why: "dmo takes value and gradient from one call.",
    fix: "Let `vjp()` run the same forward pass as `evaluate()`."
  ) { run in
    guard try run.problem().extensions.contains(.vjp) else { return .skip("no dmo.gradient/1") }
    let instance = try run.instance()
    let labels = instance.spec.outputs.labels
    let answers = try run.settled(try run.mixedPoints(6))
    for row in answers where row.answer.isOK || row.answer.isInfeasible {
      run.note("vjp() at " + run.words(row.ask))
      let result = instance.vjp(row.ask, ybar: labels.map { _ in 1 }).result
      run.note("")
      if result.status.rawValue != row.answer.status {
        return .fail("vjp() answered \(result.status) \(result.message), evaluate() did not", at: run.words(row.ask))
      }
      for k in labels.indices where result.status == .ok && !isClose(result.y[k], row.answer.y[k], 1e-10) {
        return .fail("vjp() gives \(labels[k]) = \(result.y[k]), evaluate() \(row.answer.y[k])", at: run.words(row.ask))
      }
    }
    return .pass("\(answers.count) points")
  },
]

/// Random weights of the outputs, each in proportion to its size; none where y is not defined.
private func weights(_ y: [Double], _ rng: inout RandomStream) -> [Double] {
  y.map { value in
    let weight = rng.normal()
    return value.isFinite ? weight / max(abs(value), 1e-6) : 0
  }
}

/// Errors of directional derivatives against central differences.
struct GradientErrors {
  private var errors: [Double] = []
  private(set) var count = 0

  /// Compares `slope` with (f(h) − f(−h)) / 2h. Of six steps h the one is taken whose estimate agrees best with the
  /// next one's: there neither curvature nor rounding rules. It is chosen without a look at `slope`.
  mutating func add(_ slope: Double, _ f: (Double) throws -> Double) throws {
    count += 1
    let steps = [1e-2, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7]
    var estimates: [Double] = []
    var sizes: [Double] = []
    for h in steps {
      let (up, down) = (try f(h), try f(-h))
      estimates.append((up - down) / (2 * h))
      sizes.append(max(abs(up), abs(down)))
    }
    var best: (gap: Double, index: Int)?
    for k in 1..<steps.count {
      let gap = abs(estimates[k] - estimates[k - 1])
      if gap.isFinite && gap < best?.gap ?? .infinity { best = (gap, k) }
    }
    guard let best else { return }
    // Below this a difference of two such values is rounding alone.
    let floor = 1e-9 * sizes[best.index]
    let size = max(abs(slope), abs(estimates[best.index]), floor)
    errors.append(size == 0 ? 0 : abs(slope - estimates[best.index]) / size)
  }

  var verdict: Verdict {
    if errors.isEmpty { return .skip("no point has neighbours that can be evaluated") }
    let sorted = errors.sorted()
    let (median, worst) = (sorted[sorted.count / 2], sorted[sorted.count - 1])
    let text = "median relative error \(short(median)), worst \(short(worst)), \(errors.count) directions"
    return median < 1e-4 ? .pass(text) : .fail(text)
  }

  private func short(_ value: Double) -> String { String(format: "%.1g", value) }
}
