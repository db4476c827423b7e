/// An instance of a simulator without a host, for an author's own tests.
///
/// ```swift
/// let toy = try Trial(ToyAmp.self, options: ["corner": "ss"])
/// #expect(try toy.evaluate([1e-5, 4])[1] > 60)
/// ```
public final class Trial {
  private let instance: Instance

  /// - Parameters:
  ///   - type: the simulator to be made.
  ///   - options: texts by key; those not named keep their defaults. Their kinds and limits are the host's to
  ///     check, and are not checked here.
  /// - Throws: what the simulator's initialiser throws.
  public init<S: Simulator>(_ type: S.Type, options: [String: String] = [:]) throws {
    var declare = Declaration()
    var texts: [String: String] = [:]
    for option in S.about.options { texts[option.key] = options[option.key] ?? option.defaultText }
    instance = Instance(try S(&declare, options: Options(texts), host: Host(nil)), declare)
  }

  /// The outputs at a point, in the order of declaration; those that were not written are NaN.
  ///
  /// - Throws: what `evaluate` throws; ``BadInput`` for a point of the wrong size or outside its box.
  public func evaluate(_ x: [Double], seed: UInt64 = 0, fidelity: Int = 0, isCancelled: Bool = false) throws -> [Double] {
    var y = [Double](repeating: .nan, count: instance.yCount)
    try x.withUnsafeBufferPointer { x in
      try y.withUnsafeMutableBufferPointer { y in
        var call = dmo_call()
        call.struct_size = UInt32(MemoryLayout<dmo_call>.size)
        (call.seed, call.fidelity) = (seed, UInt32(fidelity))
        (call.x, call.x_count) = (x.baseAddress, x.count)
        if isCancelled { call.cancelled = { _ in 1 } }
        var result = dmo_result()
        result.struct_size = UInt32(MemoryLayout<dmo_result>.size)
        (result.y, result.y_count, result.cost) = (y.baseAddress, y.count, .nan)
        try withUnsafePointer(to: &call) { call in
          try withUnsafeMutablePointer(to: &result) { result in
            try instance.simulator.evaluate(try instance.evaluation(call, result))
          }
        }
      }
    }
    return y
  }
}
