import DMOPluginKit
import Synchronization

/// Every kind of parameter and output.
struct Everything: Simulator, ConcurrentSimulator {
  enum Metal: String, CaseIterable { case steel, copper, gold }

  static let about = About(
    id: "everything", name: "Everything", summary: "All kinds at once", traits: [.hiddenConstraints, .stochastic],
    options: [
      .integer("stages", help: "how many", default: 2, in: 1...3),
      .real("factor", help: "times", unit: "1", default: 1.5),
      .bool("strict", help: "or not", default: false), .choice("mode", help: "which", of: ["a", "b"], default: "b"),
      .string("label", help: "free text"), .path("file", help: "a file"),
    ])

  let width: Key<Double>, fingers: Key<Int>, isOn: Key<Bool>, metal: ChoiceKey<Metal>, level: Key<Int>
  let phases: BlockKey, power: OutputKey, gain: OutputKey, noise: OutputKey, trace: OutputBlockKey
  let factor: Double

  init(_ declare: inout Declaration, options: Options, host: Host) throws {
    width = declare.real(
      "width", in: 1e-6...1e-3, unit: "m", name: "Width", scale: .log, initial: 1e-5)
    fingers = declare.integer("fingers", in: 1...16)
    isOn = declare.boolean("is_on")
    metal = declare.categorical("metal", of: Metal.self)
    level = declare.categorical("level", of: ["low", "high"])
    phases = declare.reals("phase", count: 6, columns: 3, in: 0...6, unit: "rad", periodic: true)
    power = declare.minimize("power", unit: "W", scale: 10)
    gain = declare.atLeast(60, "gain", unit: "dB")
    noise = declare.atMost(-3, "noise", unit: "dB")
    trace = declare.observe("trace", count: try options.integer("stages"), unit: "V", mayBeNaN: true)
    factor = try options.real("factor")
    if try options.bool("strict"), options["label"] == nil { throw BadInput("strict needs a label") }
  }

  func evaluate(_ point: Evaluation) throws {
    point[power] = point[width] * Double(point[fingers]) * factor
    point[gain] = point[isOn] ? 1 : 0
    point[noise] = Double(point[level]) + (point[metal] == .gold ? 10 : 0)
    let sum = point[phases].reduce(0, +)
    for i in point[trace].indices { point[trace][i] = i == 0 ? sum : .nan }
  }
}

/// Throws what its first parameter says.
struct Thrower: Simulator {
  struct Odd: Error, CustomStringConvertible { var description: String { "odd: größer 🦉" } }
  static let about = About(id: "thrower", name: "Thrower", threads: .process)

  init(_ declare: inout Declaration, options: Options, host: Host) throws {
    _ = declare.integer("what", in: 0...9)
    _ = declare.minimize("f")
  }

  func evaluate(_ point: Evaluation) throws {
    point.y[0] = 7
    switch Int(point.x[0]) {
    case 1: throw Infeasible("nowhere")
    case 2: throw Failed("no licence")
    case 3: try point.checkCancelled()
    case 4: throw BadInput("bad")
    case 5: throw Unsupported("unsupported")
    case 6: throw Fatal("broken")
    case 7: throw Odd()
    case 8: throw Infeasible("a\0b")
    default: break
    }
  }
}

/// f = z² + x1 and g = z - x2 of the observed z = x1² x2; no answer at x1 = 2. All extensions at once.
final class Extended: Simulator, ForwardGradientSimulator, BatchSimulator, GradientCompositeSimulator,
  ReferenceSimulator
{
  static let about = About(id: "extended", name: "Extended")
  static let preferredBatchSize = 4

  init(_ declare: inout Declaration, options: Options, host: Host) throws {
    _ = declare.real("x1", in: -2...2)
    _ = declare.real("x2", in: -2...2)
    _ = declare.minimize("f")
    _ = declare.atMost(0, "g")
    _ = declare.observe("z")
  }

  private func values(_ x1: Double, _ x2: Double) throws -> (Double, Double, Double) {
    if x1 == 2 { throw Infeasible("x1 is at its end") }
    let z = x1 * x1 * x2
    return (z * z + x1, z - x2, z)
  }

  func evaluate(_ point: Evaluation) throws {
    (point.y[0], point.y[1], point.y[2]) = try values(point.x[0], point.x[1])
  }

  func vjp(_ point: Evaluation, ybar: UnsafeBufferPointer<Double>, xbar: UnsafeMutableBufferPointer<Double>) throws {
    try evaluate(point)
    let (x1, x2) = (point.x[0], point.x[1])
    let zbar = 2 * point.y[2] * ybar[0] + ybar[1] + ybar[2]
    xbar[0] += 2 * x1 * x2 * zbar + ybar[0]
    xbar[1] += x1 * x1 * zbar - ybar[1]
  }

  func jvp(_ point: Evaluation, xdot: UnsafeBufferPointer<Double>, ydot: UnsafeMutableBufferPointer<Double>) throws {
    try evaluate(point)
    let (x1, x2) = (point.x[0], point.x[1])
    let zdot = 2 * x1 * x2 * xdot[0] + x1 * x1 * xdot[1]
    (ydot[0], ydot[1], ydot[2]) = (2 * point.y[2] * zdot + xdot[0], zdot - xdot[1], zdot)
  }

  func evaluate(_ batch: Batch) throws {
    for i in 0..<batch.count {
      do {
        (batch.y[3 * i], batch.y[3 * i + 1], batch.y[3 * i + 2]) = try values(batch.x[2 * i], batch.x[2 * i + 1])
        batch.succeed(at: i)
      } catch {
        batch.fail(at: i, error)
      }
    }
  }

  func compose(count: Int, x: UnsafeBufferPointer<Double>, y: UnsafeMutableBufferPointer<Double>) throws {
    for i in 0..<count {
      let z = y[3 * i + 2]
      (y[3 * i], y[3 * i + 1]) = (z * z + x[2 * i], z - x[2 * i + 1])
    }
  }

  func composeVJP(
    count: Int, x: UnsafeBufferPointer<Double>, y: UnsafeBufferPointer<Double>, ybar: UnsafeBufferPointer<Double>,
    zbar: UnsafeMutableBufferPointer<Double>, xbar: UnsafeMutableBufferPointer<Double>?
  ) throws {
    for i in 0..<count {
      zbar[3 * i + 2] += 2 * y[3 * i + 2] * ybar[3 * i] + ybar[3 * i + 1]
      xbar?[2 * i] += ybar[3 * i]
      xbar?[2 * i + 1] -= ybar[3 * i + 1]
    }
  }

  func references() -> [ReferencePoint] {
    [
      ReferencePoint(.golden, note: "by hand", x: [1, 2], y: [5, 0, 2], rtol: 1e-15),
      ReferencePoint(.ideal, note: "made up", y: [0, .nan, .nan]),
    ]
  }
}

/// Has vjp, but neither jvp nor anything else.
struct OnlyGradient: Simulator, GradientSimulator {
  static let about = About(id: "only-gradient", name: "Only gradient")
  init(_ declare: inout Declaration, options: Options, host: Host) throws {
    _ = declare.real("x", in: 0...1)
    _ = declare.minimize("f")
  }
  func evaluate(_ point: Evaluation) throws { point.y[0] = point.x[0] }
  func vjp(_ point: Evaluation, ybar: UnsafeBufferPointer<Double>, xbar: UnsafeMutableBufferPointer<Double>) throws {
    xbar[0] = ybar[0]
  }
}

/// Sums a series to an accuracy that the fidelity says, and shows its terms.
struct Series: Simulator, FidelitySimulator, ArtifactSimulator {
  static let about = About(id: "series", name: "Series")
  static let fidelities = [
    Fidelity("fine", summary: "40 terms", relativeCost: 1), Fidelity("coarse", summary: "4 terms", relativeCost: 0.1),
  ]

  init(_ declare: inout Declaration, options: Options, host: Host) throws {
    _ = declare.real("x", in: 0...0.5)
    _ = declare.minimize("f")
  }

  func evaluate(_ point: Evaluation) throws {
    point.y[0] = terms(point.x[0], point.fidelity == 0 ? 40 : 4).reduce(0, +)
  }

  func draw(_ point: Evaluation, emit: (Artifact) -> Void) throws {
    guard point.x[0] > 0 else { throw Infeasible("nothing to see") }
    let values = terms(point.x[0], 4)
    var line = Artifact(.series, "terms", title: "Terms", x: [0, 1, 2, 3], y: values)
    (line.xLabel, line.yUnit, line.panel, line.hasLogY) = ("term", "V", "top", true)
    emit(line)
    emit(Artifact(image: "map", title: "Map", rows: 2, values: values + values + values))
  }

  private func terms(_ x: Double, _ count: Int) -> [Double] {
    var term = 1.0
    return (0..<count).map { _ in
      defer { term *= x }
      return term
    }
  }
}

/// Counts how many of it there are.
final class Counted: Simulator {
  static let about = About(id: "counted", name: "Counted", options: [.bool("refuse", help: "throw", default: false)])
  static let alive = Atomic(0)

  init(_ declare: inout Declaration, options: Options, host: Host) throws {
    _ = declare.real("x", in: 0...1)
    _ = declare.minimize("f")
    Counted.alive.add(1, ordering: .relaxed)
    if try options.bool("refuse") { throw Failed("refused") }
  }
  deinit { Counted.alive.subtract(1, ordering: .relaxed) }
  func evaluate(_ point: Evaluation) throws { point.y[0] = point.x[0] }
}

let toys = Plugin(
  id: "org.example.toys", name: "Toys", version: "1.2.3", license: "Apache-2.0",
  problems: [
    Problem(Everything.self), Problem(Thrower.self), Problem(Extended.self), Problem(OnlyGradient.self),
    Problem(Counted.self), Problem(Series.self),
  ])
