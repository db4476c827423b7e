/// One point being evaluated: the host's memory, valid until `evaluate` returns. Do not keep it.
public struct Evaluation {
  /// The parameters in the order of declaration, a block taking as many consecutive numbers as it has.
  public let x: UnsafeBufferPointer<Double>
  /// The outputs, likewise. Write all of them.
  public let y: UnsafeMutableBufferPointer<Double>
  let call: UnsafePointer<dmo_call>
  let result: UnsafeMutablePointer<dmo_result>

  /// Index into the fidelities; 0 is the reference.
  public var fidelity: Int { Int(call.pointee.fidelity) }
  /// Unique in a run, for file names only.
  public var id: UInt64 { call.pointee.eval_id }
  /// The only permitted randomness; see ``SeededRandom``.
  public var seed: UInt64 { call.pointee.seed }
  /// The host wants this call to stop soon. Cheap enough for an outer loop.
  public var isCancelled: Bool { (call.pointee.cancelled?(call) ?? 0) != 0 }

  /// - Throws: ``Cancelled`` if the host wants this call to stop.
  public func checkCancelled() throws {
    if isCancelled { throw Cancelled() }
  }

  /// Tells the host how far the call is, from 0 to 1.
  public func report(progress fraction: Double) { call.pointee.progress?(call, fraction) }

  /// What the evaluation cost by the simulator's own measure, in seconds; NaN: unknown. The wall time by default.
  public var cost: Double {
    get { result.pointee.cost }
    nonmutating set { result.pointee.cost = newValue }
  }

  /// A real parameter, in its unit.
  public subscript(key: Key<Double>) -> Double { x[key.offset] }
  /// An integer parameter.
  public subscript(key: Key<Int>) -> Int { Int(x[key.offset]) }
  /// A boolean parameter.
  public subscript(key: Key<Bool>) -> Bool { x[key.offset] != 0 }
  /// A categorical parameter.
  public subscript<Value>(key: ChoiceKey<Value>) -> Value { key.cases[Int(x[key.offset])] }
  /// A block of parameters.
  public subscript(key: BlockKey) -> UnsafeBufferPointer<Double> { UnsafeBufferPointer(rebasing: x[key.range]) }

  /// An output, in its unit.
  public subscript(key: OutputKey) -> Double {
    get { y[key.offset] }
    nonmutating set { y[key.offset] = newValue }
  }
  /// A block of outputs.
  public subscript(key: OutputBlockKey) -> UnsafeMutableBufferPointer<Double> {
    UnsafeMutableBufferPointer(rebasing: y[key.range])
  }
}
