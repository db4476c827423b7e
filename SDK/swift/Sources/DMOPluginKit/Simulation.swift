/// What runs behind one instance of a problem: it turns a point into outputs.
///
/// One value is made for each instance that the host creates. A simulation with scratch memory is a class: without
/// ``ConcurrentSimulator`` only one `evaluate` runs on it at a time. The answer must depend on the point, the seed, the
/// fidelity and the options alone, so scratch memory must not carry anything from one call to the next.
public protocol Simulation: SendableMetatype {
  /// Writes every output of one point.
  ///
  /// A hot simulator reads `point.x` and writes `point.y`, the host's own memory: nothing is copied or allocated. The
  /// kit has checked that every number is inside its box, and that integers are integers.
  ///
  /// - Throws: ``Infeasible`` where this point has no answer (outputs already written are kept), ``Failed`` where a
  /// retry may
  ///   work, ``Cancelled``, ``Unsupported``, ``Fatal``; any other error counts as ``Failed``.
  func evaluate(_ point: Evaluation) throws
}

/// A simulation whose `evaluate` may run on several threads at the same time on one instance (`DMO_THREADS_FREE`).
public protocol ConcurrentSimulator: Simulation, Sendable {}
