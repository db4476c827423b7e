import DMOCore

/// What a trainer learns from: inputs in the unit cube and the simulator's answers, in the order they arrived.
public struct Dataset: Sendable, Equatable {
  /// Numbers a row of inputs has.
  public let inputCount: Int
  /// Numbers a row of targets has.
  public let outputCount: Int
  /// Row major, shape (count, inputCount), in [0, 1].
  public private(set) var inputs: [Double] = []
  /// Row major, shape (count, outputCount); NaN where the simulator gave no value: such entries are masked.
  public private(set) var targets: [Double] = []
  /// The number of rows.
  public private(set) var count = 0

  public init(inputCount: Int, outputCount: Int) {
    self.inputCount = inputCount
    self.outputCount = outputCount
  }

  /// Adds a row. - Precondition: `z.count == inputCount`, `y.count == outputCount`, z finite.
  public mutating func append(z: [Double], y: [Double]) {
    precondition(z.count == inputCount && y.count == outputCount)
    inputs += z
    targets += y
    count += 1
  }
}

extension ArraySlice<Double> {
  /// 64 bits that depend on the numbers' bits alone, so that chance goes with a row and not with its place.
  var fingerprint: UInt64 { reduce(Seed(0)) { $0.derived("row", $1.bitPattern) }.value }
}
