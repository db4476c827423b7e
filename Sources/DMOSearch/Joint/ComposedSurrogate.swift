import DMOCore
import DMOSurrogates
import Synchronization

/// A joint surrogate of what the simulator observes, seen as one of losses and constraint margins: these follow exactly,
/// J(x, observed), by the problem's `Composite`.
///
/// What is observed is smooth where distances from targets have kinks and largest values jump from one to another, and
/// the model then errs in what the simulator does alone (composite Bayesian optimisation, Astudillo & Frazier, ICML 2019).
struct ComposedSurrogate: FeasibilitySurrogate {
  /// Its values are the observed outputs and the constraint margins; of the margins only the classifiers are used.
  let base: any FeasibilitySurrogate
  let composition: Composition
  let features: FeatureMap
  private let failure = Failure()
  private final class Failure: Sendable { let error = Mutex<(any Error)?>(nil) }

  init(_ base: any FeasibilitySurrogate, _ composition: Composition) {
    (self.base, self.composition) = (base, composition)
    features = FeatureMap(composition.space)
  }

  var inputCount: Int { base.inputCount }
  var outputCount: Int { composition.width }
  var constraintCount: Int { base.constraintCount }
  var memberCount: Int { base.memberCount }
  var tellsMargins: Bool { true }

  func predict(rows: Int, z: [Double]) -> [Double] { joint(rows: rows, z: z).values }

  func vjp(rows: Int, z: [Double], ybar: [Double]) -> [Double] {
    jointGradient(
      rows: rows, z: z,
      bar: JointPrediction(
        values: ybar, feasibility: Array(repeating: 0, count: rows * constraintCount),
        crash: Array(repeating: 0, count: rows)))
  }

  func joint(rows: Int, z: [Double]) -> JointPrediction {
    composed(base.joint(rows: rows, z: z), rows: rows, x: points(rows: rows, z: z).x)
  }

  func eachMember(rows: Int, z: [Double]) -> [JointPrediction] {
    let (x, _) = points(rows: rows, z: z)
    return base.eachMember(rows: rows, z: z).map { composed($0, rows: rows, x: x) }
  }

  private func composed(_ learnt: JointPrediction, rows: Int, x: [Double]) -> JointPrediction {
    var result = learnt
    result.values = composition.judged(rows: rows, y: answers(rows: rows, x: x, learnt: learnt.values))
    return result
  }

  func jointGradient(rows: Int, z: [Double], bar: JointPrediction) -> [Double] {
    let (x, coordinates) = points(rows: rows, z: z)
    let learnt = base.joint(rows: rows, z: z).values
    let y = answers(rows: rows, x: x, learnt: learnt)
    let (seeds, direct) = pullback(rows: rows, x: x, y: y, bars: bar.values)
    var inner = bar
    inner.values = widened(seeds, rows: rows)
    var result = base.jointGradient(rows: rows, z: z, bar: inner)
    add(direct, coordinates, to: &result, at: { $0 })
    return result
  }

  func jacobian(rows: Int, z: [Double]) -> [Double] {
    let (w, n, o, b) = (outputCount, inputCount, composition.observed.count, base.outputCount)
    let (x, coordinates) = points(rows: rows, z: z)
    let learnt = base.joint(rows: rows, z: z).values
    let y = answers(rows: rows, x: x, learnt: learnt)
    let slopes = base.jacobian(rows: rows, z: z)
    var result = [Double](repeating: 0, count: rows * w * n)
    for c in 0..<w {
      let bar = (0..<rows * w).map { $0 % w == c ? 1.0 : 0 }
      let (seeds, direct) = pullback(rows: rows, x: x, y: y, bars: bar)
      for r in 0..<rows {
        for k in 0..<o where seeds[r * o + k] != 0 {
          for i in 0..<n { result[(r * w + c) * n + i] += seeds[r * o + k] * slopes[(r * b + k) * n + i] }
        }
      }
      add(direct, coordinates, to: &result, at: { $0 * w + c })
    }
    return result
  }

  /// - Throws: what the composite threw. Until then its answers are NaN, which no candidate survives.
  func check() throws {
    if let error = failure.error.withLock({ $0 }) { throw error }
  }

  private func noted<T>(_ body: () throws -> T, else value: T) -> T {
    do { return try body() } catch {
      failure.error.withLock { $0 = $0 ?? error }
      return value
    }
  }

  private func answers(rows: Int, x: [Double], learnt: [Double]) -> [Double] {
    noted(
      { try composition.answers(rows: rows, x: x, learnt: learnt, stride: base.outputCount) },
      else: Array(repeating: .nan, count: rows * composition.dimension))
  }

  private func pullback(rows: Int, x: [Double], y: [Double], bars: [Double]) -> (seeds: [Double], direct: [Double]) {
    noted(
      { try composition.pullback(rows: rows, x: x, y: y, bars: bars) },
      else: (Array(repeating: 0, count: rows * composition.observed.count), []))
  }

  /// The rows' points in the parameters' units, flat, and as coordinates.
  private func points(rows: Int, z: [Double]) -> (x: [Double], coordinates: [[Double]]) {
    let n = inputCount
    let coordinates = (0..<rows).map { features.decode(z[$0 * n..<($0 + 1) * n]) }
    return (coordinates.flatMap { composition.space.decode($0) }, coordinates)
  }

  /// Cotangents of the observed outputs as those of all that the base says; nothing comes from the margins it learnt.
  private func widened(_ seeds: [Double], rows: Int) -> [Double] {
    let (o, b) = (composition.observed.count, base.outputCount)
    return (0..<rows).flatMap { seeds[$0 * o..<($0 + 1) * o] + Array(repeating: 0, count: b - o) }
  }

  /// Adds J's direct part, by coordinates, to gradients by features; `place` is a row's gradient's number.
  private func add(
    _ direct: [Double], _ coordinates: [[Double]], to result: inout [Double], at place: (Int) -> Int
  ) {
    guard !direct.isEmpty else { return }
    let n = inputCount
    for (r, z) in coordinates.enumerated() {
      let d = z.count
      let row = features.pushback(Array(direct[r * d..<(r + 1) * d]), at: z)
      for i in 0..<n { result[place(r) * n + i] += row[i] }
    }
  }
}
