import DMOPluginKit

/// A test function behind the plugin's interface: parameters x1 …, objectives f1 …, constraints g1 … (feasible where ≤
/// 0).
struct TestSimulation: ConcurrentSimulator, ReferenceSimulator {
  private let function: TestFunction
  private let source: String
  private let variant: Variant
  /// How long every evaluation takes at least, s.
  private let work: Double
  /// The share of failures of the flaky variant; the noise of the noisy one.
  private let level: Double

  init(_ problem: TestProblem, _ variant: Variant, _ declare: inout Declaration, options: Options) throws {
    let n = options["n"] == nil ? nil : try options.integer("n")
    let m = options["m"] == nil ? nil : try options.integer("m")
    function = try problem.function(n: n, m: m)
    source = problem.source
    self.variant = variant
    work = try options.real("work_ms") / 1000
    level =
      switch variant {
      case .plain, .hidden: 0
      case .flaky: try options.real("rate")
      case .noisy: try options.real("noise")
      }
    for (i, variable) in function.variables.enumerated() {
      let id = "x\(i + 1)"
      switch variable {
      case .real(let range, let unit, let step): _ = declare.real(id, in: range, unit: unit, step: step)
      case .integer(let range): _ = declare.integer(id, in: range, unit: "1")
      case .boolean: _ = declare.boolean(id)
      case .categorical(let labels): _ = declare.categorical(id, of: labels)
      }
    }
    for i in 0..<function.objectives {
      _ = declare.minimize("f\(i + 1)", unit: function.units.isEmpty ? "1" : function.units[i])
    }
    for i in 0..<function.constraints { _ = declare.atMost(0, "g\(i + 1)", unit: "1") }
  }

  func evaluate(_ point: Evaluation) throws {
    let start = Clock.seconds()
    // The work is done before the answer, whatever it is: a failure costs as much as a success.
    if work > 0 { try Clock.wait(until: start + work, point) }
    if variant == .hidden, isHidden(point.x) { throw Infeasible("within the disc where this problem has no answer") }
    if variant == .flaky {
      var random = Variant.random(point.seed, point.x)
      if random.uniform() < level { throw Failed("a random failure, as this problem is asked to have") }
    }
    let f = UnsafeMutableBufferPointer(rebasing: point.y[..<function.objectives])
    let g = UnsafeMutableBufferPointer(rebasing: point.y[function.objectives...])
    try function.formula(point.x, f, g)
    if variant == .noisy {
      var random = Variant.random(point.seed, point.x)
      for i in f.indices { f[i] += level * random.gaussian() }
    }
  }

  private func isHidden(_ x: UnsafeBufferPointer<Double>) -> Bool {
    guard case .real(let first, _, _) = function.variables[0], case .real(let second, _, _) = function.variables[1]
    else { return false }
    return Variant.isHidden(
      (x[0] - first.lowerBound) / (first.upperBound - first.lowerBound),
      (x[1] - second.lowerBound) / (second.upperBound - second.lowerBound))
  }

  func references() -> [ReferencePoint] {
    let rest = Array(repeating: Double.nan, count: function.constraints)
    var points = function.best.compactMap { best -> ReferencePoint? in
      if variant == .hidden, best.x.withUnsafeBufferPointer(isHidden) { return nil }
      let y = variant == .noisy ? nil : best.f.map { [$0] + rest }
      return ReferencePoint(best.isProven ? .optimum : .bestKnown, note: source, x: best.x, y: y)
    }
    // Noise moves what is measured, not the front itself: the points stand for the expected values.
    guard let front = function.front?(), let first = front.first else { return points }
    let ideal = front.reduce(first) { zip($0, $1).map { min($0, $1) } }
    let nadir = front.reduce(first) { zip($0, $1).map { max($0, $1) } }
    points.append(ReferencePoint(.ideal, note: source, y: ideal + rest))
    points.append(ReferencePoint(.nadir, note: source, y: nadir + rest))
    points += front.map { ReferencePoint(.front, note: source, y: $0 + rest) }
    return points
  }
}
