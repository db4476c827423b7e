import DMOCore

/// What a trainer learns from: inputs in the unit cube and the simulator's answers, in the order they arrived.
public struct Dataset: Sendable, Equatable {
  /// Numbers a row of inputs has.
  public let inputCount: Int
  /// Numbers a row of targets has.
  public let outputCount: Int
  /// How many of the targets, the last ones, are constraints c with c ≤ 0 feasible; 0 where that is not told.
  public let constraintCount: Int
  /// Whether anyone reads what the constraints are predicted to be; else they teach on which side of 0 they lie.
  public let areMarginsRead: Bool
  /// Row major, shape (count, inputCount), in [0, 1].
  public private(set) var inputs: [Double] = []
  /// Row major, shape (count, outputCount); NaN where the simulator gave no value: such entries are masked.
  public private(set) var targets: [Double] = []
  /// Whether the simulator answered OK, row by row; nil where that is not told. Shape (count).
  public private(set) var answered: [Bool?] = []
  /// The number of rows.
  public private(set) var count = 0

  /// - Precondition: 0 ≤ constraintCount ≤ outputCount.
  public init(inputCount: Int, outputCount: Int, constraintCount: Int = 0, areMarginsRead: Bool = true) {
    precondition((0...outputCount).contains(constraintCount))
    self.inputCount = inputCount
    self.outputCount = outputCount
    self.constraintCount = constraintCount
    self.areMarginsRead = areMarginsRead
  }

  /// Adds a row. - Precondition: `z.count == inputCount`, `y.count == outputCount`, z finite.
  public mutating func append(z: [Double], y: [Double], answered: Bool? = nil) {
    precondition(z.count == inputCount && y.count == outputCount)
    inputs += z
    targets += y
    self.answered.append(answered)
    count += 1
  }
}

extension ArraySlice<Double> {
  /// 64 bits that depend on the numbers' bits alone, so that chance goes with a row and not with its place.
  var fingerprint: UInt64 { reduce(Seed(0)) { $0.derived("row", $1.bitPattern) }.value }
}
