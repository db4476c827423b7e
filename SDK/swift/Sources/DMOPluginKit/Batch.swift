/// Points to evaluate together: the host's memory, valid until `evaluate` returns.
public struct Batch {
  /// How many points, at least 1.
  public let count: Int
  /// All points, row major, `count` rows.
  public let x: UnsafeBufferPointer<Double>
  /// All outputs, row major, `count` rows.
  public let y: UnsafeMutableBufferPointer<Double>
  let calls: UnsafePointer<UnsafePointer<dmo_call>?>
  let results: UnsafePointer<UnsafeMutablePointer<dmo_result>?>
  let statuses: UnsafeMutablePointer<dmo_status>

  /// One of the points, to be read and written through keys. Do not keep it.
  ///
  /// - Precondition: 0 ≤ index < count.
  public subscript(index: Int) -> Evaluation {
    precondition(index >= 0 && index < count, "point \(index) of a batch of \(count)")
    guard let call = calls[index], let result = results[index] else {
      // The kit has checked all of them before.
      preconditionFailure("point \(index) of the batch is missing")
    }
    let (n, m) = (x.count / count, y.count / count)
    return Evaluation(
      x: UnsafeBufferPointer(rebasing: x[index * n..<(index + 1) * n]),
      y: UnsafeMutableBufferPointer(rebasing: y[index * m..<(index + 1) * m]), call: call, result: result)
  }

  /// Marks a point as done: its outputs are all written. A point that is never reported counts as cancelled.
  public func succeed(at index: Int) { statuses[index] = Status.ok }

  /// Reports why a point has no answer, as a thrown error of a single evaluation would.
  public func fail(at index: Int, _ error: any Error) {
    guard let result = results[index] else { return }
    statuses[index] = Status.of(error, into: result.pointee.message)
  }

  /// The seed of a point.
  public func seed(at index: Int) -> UInt64 { calls[index]?.pointee.seed ?? 0 }

  /// Index into the fidelities, the same for all points.
  public var fidelity: Int { Int(calls[0]?.pointee.fidelity ?? 0) }

  /// The host wants the whole batch to stop soon.
  public var isCancelled: Bool { calls[0].map { ($0.pointee.cancelled?($0) ?? 0) != 0 } ?? false }
}
