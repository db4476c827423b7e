// The C functions behind every Swift problem. They have no state of their own: the instance says which simulator runs.

let evaluateFunction:
  @convention(c) (dmo_instance?, UnsafePointer<dmo_call>?, UnsafeMutablePointer<dmo_result>?) -> dmo_status = {
    instance, call, result in
    guard let instance, let call, let result else { return Status.badInput }
    let object = Instance.of(instance)
    return object.run(call, result) { point in try object.simulator.evaluate(point) }
  }

private func vjp(
  _ instance: dmo_instance?, _ call: UnsafePointer<dmo_call>?, _ ybar: UnsafePointer<Double>?,
  _ xbar: UnsafeMutablePointer<Double>?, _ result: UnsafeMutablePointer<dmo_result>?
) -> dmo_status {
  guard let instance, let call, let ybar, let xbar, let result else { return Status.badInput }
  let object = Instance.of(instance)
  guard let simulator = object.gradient else { return Status.unsupported }
  let adjoint = UnsafeMutableBufferPointer(start: xbar, count: object.xCount)
  adjoint.update(repeating: 0)
  return object.run(call, result) { point in
    try simulator.vjp(point, ybar: UnsafeBufferPointer(start: ybar, count: object.yCount), xbar: adjoint)
  }
}

private func jvp(
  _ instance: dmo_instance?, _ call: UnsafePointer<dmo_call>?, _ xdot: UnsafePointer<Double>?,
  _ ydot: UnsafeMutablePointer<Double>?, _ result: UnsafeMutablePointer<dmo_result>?
) -> dmo_status {
  guard let instance, let call, let xdot, let ydot, let result else { return Status.badInput }
  let object = Instance.of(instance)
  guard let simulator = object.forward else { return Status.unsupported }
  return object.run(call, result) { point in
    try simulator.jvp(
      point, xdot: UnsafeBufferPointer(start: xdot, count: object.xCount),
      ydot: UnsafeMutableBufferPointer(start: ydot, count: object.yCount))
  }
}

private func evaluateBatch(
  _ instance: dmo_instance?, _ calls: UnsafePointer<UnsafePointer<dmo_call>?>?,
  _ results: UnsafePointer<UnsafeMutablePointer<dmo_result>?>?, _ statuses: UnsafeMutablePointer<dmo_status>?,
  _ count: Int
) -> dmo_status {
  guard let instance, let calls, let results, let statuses, count > 0 else { return Status.badInput }
  let object = Instance.of(instance)
  guard let simulator = object.batch else { return Status.unsupported }
  guard let firstResult = results[0] else { return Status.badInput }
  do {
    for i in 0..<count {
      guard let call = calls[i], let result = results[i] else { throw BadInput("point \(i) of the batch is missing") }
      _ = try object.evaluation(call, result)
    }
    try simulator.evaluate(
      Batch(
        count: count, x: UnsafeBufferPointer(start: calls[0]?.pointee.x, count: count * object.xCount),
        y: UnsafeMutableBufferPointer(start: firstResult.pointee.y, count: count * object.yCount), calls: calls,
        results: results, statuses: statuses))
    return Status.ok
  } catch {
    return Status.of(error, into: firstResult.pointee.message)
  }
}

private func compose(
  _ instance: dmo_instance?, _ count: Int, _ x: UnsafePointer<Double>?, _ xCount: Int,
  _ y: UnsafeMutablePointer<Double>?, _ yCount: Int
) -> dmo_status {
  guard let instance, let x, let y else { return Status.badInput }
  let object = Instance.of(instance)
  guard let simulator = object.composite else { return Status.unsupported }
  guard xCount == object.xCount, yCount == object.yCount else { return Status.badInput }
  do {
    try simulator.compose(
      count: count, x: UnsafeBufferPointer(start: x, count: count * xCount),
      y: UnsafeMutableBufferPointer(start: y, count: count * yCount))
    return Status.ok
  } catch {
    return Status.of(error, into: dmo_text())
  }
}

private func composeVJP(
  _ instance: dmo_instance?, _ count: Int, _ x: UnsafePointer<Double>?, _ xCount: Int, _ y: UnsafePointer<Double>?,
  _ yCount: Int, _ ybar: UnsafePointer<Double>?, _ zbar: UnsafeMutablePointer<Double>?,
  _ xbar: UnsafeMutablePointer<Double>?
) -> dmo_status {
  guard let instance, let x, let y, let ybar, let zbar else { return Status.badInput }
  let object = Instance.of(instance)
  guard let simulator = object.compositeGradient else { return Status.unsupported }
  guard xCount == object.xCount, yCount == object.yCount else { return Status.badInput }
  do {
    try simulator.composeVJP(
      count: count, x: UnsafeBufferPointer(start: x, count: count * xCount),
      y: UnsafeBufferPointer(start: y, count: count * yCount),
      ybar: UnsafeBufferPointer(start: ybar, count: count * yCount),
      zbar: UnsafeMutableBufferPointer(start: zbar, count: count * yCount),
      xbar: xbar.map { UnsafeMutableBufferPointer(start: $0, count: count * xCount) })
    return Status.ok
  } catch {
    return Status.of(error, into: dmo_text())
  }
}

private let gradientTable = Constant(
  dmo_gradient(struct_size: UInt32(MemoryLayout<dmo_gradient>.size), reserved: 0, vjp: vjp, jvp: nil))
private let forwardGradientTable = Constant(
  dmo_gradient(struct_size: UInt32(MemoryLayout<dmo_gradient>.size), reserved: 0, vjp: vjp, jvp: jvp))
private let compositeTable = Constant(
  dmo_composite(
    struct_size: UInt32(MemoryLayout<dmo_composite>.size), reserved: 0, compose: compose, compose_vjp: nil))
private let compositeGradientTable = Constant(
  dmo_composite(
    struct_size: UInt32(MemoryLayout<dmo_composite>.size), reserved: 0, compose: compose, compose_vjp: composeVJP))
private let referenceTable = Constant(
  dmo_reference(
    struct_size: UInt32(MemoryLayout<dmo_reference>.size), reserved: 0,
    points: { instance, points in
      guard let instance, let points else { return 0 }
      let table = Instance.of(instance).references()
      points.pointee = table.points
      return table.count
    }))

/// The constant table of an extension that a simulator type offers.
func extensionTable<S: Simulation>(_ id: String, _ type: S.Type) -> UnsafeRawPointer? {
  switch id {
  case DMO_EXT_GRADIENT where S.self is any ForwardGradientSimulator.Type:
    UnsafeRawPointer(forwardGradientTable.pointer)
  case DMO_EXT_GRADIENT where S.self is any GradientSimulator.Type: UnsafeRawPointer(gradientTable.pointer)
  case DMO_EXT_COMPOSITE where S.self is any GradientCompositeSimulator.Type:
    UnsafeRawPointer(compositeGradientTable.pointer)
  case DMO_EXT_COMPOSITE where S.self is any CompositeSimulator.Type: UnsafeRawPointer(compositeTable.pointer)
  case DMO_EXT_REFERENCE where S.self is any ReferenceSimulator.Type: UnsafeRawPointer(referenceTable.pointer)
  case DMO_EXT_ARTIFACT where S.self is any ArtifactSimulator.Type: UnsafeRawPointer(artifactTable.pointer)
  case DMO_EXT_FIDELITY:
    (S.self as? any FidelitySimulator.Type).map { UnsafeRawPointer(FidelityTables.shared.table($0)) }
  case DMO_EXT_BATCH: (S.self as? any BatchSimulator.Type).map { UnsafeRawPointer(batchTables.table($0)) }
  default: nil
  }
}

private let batchTables = BatchTables()

func makeBatchTable(preferredSize: Int) -> Constant<dmo_batch> {
  Constant(
    dmo_batch(
      struct_size: UInt32(MemoryLayout<dmo_batch>.size), preferred_size: UInt32(preferredSize),
      evaluate: evaluateBatch))
}
