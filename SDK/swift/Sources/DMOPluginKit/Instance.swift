/// What a `dmo_instance` of a Swift plugin points to.
final class Instance {
  let simulator: any Simulation
  let spec: UnsafePointer<dmo_spec>
  // Cast once: a dynamic cast in each call would cost more than a small simulator.
  let gradient: (any GradientSimulator)?
  let forward: (any ForwardGradientSimulator)?
  let batch: (any BatchSimulator)?
  let composite: (any CompositeSimulator)?
  let compositeGradient: (any GradientCompositeSimulator)?
  private let declared: Declaration
  private var referenceTable: (points: UnsafePointer<UnsafePointer<dmo_reference_point>?>, count: Int)?

  let xCount: Int, yCount: Int
  // The box, in the declaration's memory: plain pointers spare each call the arrays' reference counts.
  private let lower: UnsafePointer<Double>, upper: UnsafePointer<Double>
  private let wholes: [Int]
  private let fidelityCount: Int

  init(_ simulator: any Simulation, _ declared: Declaration) {
    self.simulator = simulator
    self.declared = declared
    spec = declared.spec()
    (xCount, yCount) = (declared.lower.count, declared.outputCount)
    (lower, upper) = (declared.arena.array(declared.lower), declared.arena.array(declared.upper))
    fidelityCount = max(1, (type(of: simulator) as? any FidelitySimulator.Type)?.fidelities.count ?? 1)
    wholes = declared.whole.indices.filter { declared.whole[$0] }
    gradient = simulator as? any GradientSimulator
    forward = simulator as? any ForwardGradientSimulator
    batch = simulator as? any BatchSimulator
    composite = simulator as? any CompositeSimulator
    compositeGradient = simulator as? any GradientCompositeSimulator
  }

  /// Runs `body` on one call and says how it went.
  func run(
    _ call: UnsafePointer<dmo_call>, _ result: UnsafeMutablePointer<dmo_result>, _ body: (Evaluation) throws -> Void
  ) -> dmo_status {
    do {
      try body(try evaluation(call, result))
      return Status.ok
    } catch {
      return Status.of(error, into: result.pointee.message)
    }
  }

  /// The point of a call.
  ///
  /// - Throws: ``BadInput`` if the host broke the contract.
  func evaluation(
    _ call: UnsafePointer<dmo_call>, _ result: UnsafeMutablePointer<dmo_result>
  ) throws -> Evaluation {
    let sizes = (call.pointee.x_count, result.pointee.y_count)
    guard let x = call.pointee.x, let y = result.pointee.y, sizes == (xCount, yCount) else {
      throw BadInput("expected \(xCount) parameters and \(yCount) outputs, got \(sizes.0) and \(sizes.1)")
    }
    guard call.pointee.fidelity < fidelityCount else {
      throw Unsupported("fidelity \(call.pointee.fidelity): this simulator has \(fidelityCount)")
    }
    let point = UnsafeBufferPointer(start: x, count: xCount)
    try checkBox(point)
    return Evaluation(
      x: point, y: UnsafeMutableBufferPointer(start: y, count: yCount), call: call, result: result)
  }

  /// A number outside its box could trap in a conversion to `Int` and take the host's worker with it.
  private func checkBox(_ x: UnsafeBufferPointer<Double>) throws {
    // Without a branch in the loop, and false for NaN: as fast as memory for thousands of numbers.
    var inside = 0
    for i in 0..<xCount { inside &+= (x[i] >= lower[i] ? 1 : 0) & (x[i] <= upper[i] ? 1 : 0) }
    if inside == xCount, wholes.allSatisfy({ x[$0] == x[$0].rounded() }) { return }
    let outside = x.indices.first { !(x[$0] >= lower[$0] && x[$0] <= upper[$0]) }
    guard let i = outside ?? wholes.first(where: { x[$0] != x[$0].rounded() }) else { return }
    let kind = wholes.contains(i) ? "a whole number in " : ""
    throw BadInput("number \(i) of x is \(x[i]), not \(kind)\(lower[i])...\(upper[i])")
  }

  /// The reference points; made at the first call, kept until this object goes.
  func references() -> (points: UnsafePointer<UnsafePointer<dmo_reference_point>?>, count: Int) {
    if let referenceTable { return referenceTable }
    let points = (simulator as? any ReferenceSimulator)?.references() ?? []
    // The table has no counts of its own: the host would read past the end of what is too short.
    for point in points {
      guard point.x?.count ?? xCount == xCount, point.y?.count ?? yCount == yCount else {
        fatalError(
          "reference point '\(point.note)' has \(point.x?.count ?? 0) parameters and \(point.y?.count ?? 0) outputs; "
            + "the problem has \(xCount) and \(yCount)")
      }
    }
    let arena = declared.arena
    let table = points.map { UnsafePointer?(arena.value($0.table(arena))) }
    let made = (points: arena.array(table), count: points.count)
    referenceTable = made
    return made
  }

  /// Hands the object over to the host.
  func retained() -> dmo_instance { Unmanaged.passRetained(self).toOpaque() }

  /// The object that the host holds.
  static func of(_ instance: dmo_instance) -> Instance {
    Unmanaged<Instance>.fromOpaque(instance).takeUnretainedValue()
  }

  /// Takes the object back from the host and lets it go.
  static func release(_ instance: dmo_instance) { Unmanaged<Instance>.fromOpaque(instance).release() }
}
