import DMOCore

/// Every combination of evenly spaced values: a full factorial design.
///
/// Logarithmic parameters are spaced evenly in their logarithm, periodic ones without their end. Categories and
/// booleans take all their values, integers and gridded parameters at most as many as they have. The last parameter
/// changes fastest. The points depend on the space and the levels alone; those that are known already are left out.
public struct GridStrategy: SearchStrategy, NonAdaptiveStrategy {
  static let info = StrategyInfo(
    id: "grid", summary: "every combination of evenly spaced values", trainers: [],
    options: [
      ProblemOption(
        key: "levels", kind: .string,
        help: "values of each parameter: 5, or by name such as width:10,length:4; otherwise as many as the budget bears"
      )
    ])

  private let space: SearchSpace
  /// The values of each free coordinate; shape (space.dimension).
  private let values: [[Double]]
  private var known = PointSet()
  /// The number of the next point, in the order of the grid.
  private var index: UInt64 = 0
  private let count: UInt64

  /// - Throws: `SearchError.badOption` for levels that are no number of at least 1, unknown names, or a grid of more
  /// than   2⁶² points.
  init(_ options: OptionValues, _ setup: SearchSetup) throws(SearchError) {
    space = setup.space
    let levels = try Self.levels(options.text("levels"), space: setup.space, budget: setup.budget)
    values = zip(setup.space.free, levels).map { Self.values(of: setup.space.space, at: $0, levels: $1) }
    var product: UInt64 = 1
    for column in values {
      let (next, overflow) = product.multipliedReportingOverflow(by: UInt64(column.count))
      guard !overflow, next < 1 << 62 else {
        throw SearchError(
          .badOption, "strategy 'grid': the grid has more than 2^62 points: choose fewer levels or pin parameters")
      }
      product = next
    }
    count = product
  }

  /// The levels of each free coordinate. Without a choice: the most that all continuous ones can have within the
  /// budget, at least 2.
  private static func levels(_ text: String?, space: SearchSpace, budget: Int) throws(SearchError) -> [Int] {
    var byName: [String: Int] = [:]
    var general: Int?
    for part in (text ?? "").split(separator: ",") {
      let pair = part.split(separator: ":", maxSplits: 1).map(String.init)
      guard let number = pair.last.flatMap({ Int($0) }), number >= 1 else {
        throw SearchError(.badOption, "strategy 'grid': levels=\(part): write a number of at least 1, or name:number")
      }
      if pair.count == 1 { general = number } else { byName[pair[0]] = number }
    }
    let labels = space.space.labels
    for name in byName.keys.sorted() where !space.free.contains(where: { Self.matches(labels[$0], name) }) {
      throw SearchError(.badOption, "strategy 'grid': levels: there is no free parameter '\(name)'")
    }
    func levels(_ level: Int) -> [Int] {
      space.free.map { i in
        let chosen = byName.first { matches(labels[i], $0.key) }?.value ?? general ?? level
        return choices(of: space.space, at: i).map { $0.isWhole ? $0.count : min(chosen, $0.count) } ?? chosen
      }
    }
    func size(_ level: Int) -> Double { levels(level).reduce(1) { $0 * Double($1) } }
    var level = 2
    while level < budget && size(level + 1) <= Double(budget) && size(level + 1) > size(level) { level += 1 }
    return levels(level)
  }

  private static func matches(_ label: String, _ name: String) -> Bool { label == name || label.hasPrefix(name + "[") }

  /// How many values a discrete coordinate has, and whether all of them are taken; nil for continuous ones.
  private static func choices(of space: ParameterSpace, at i: Int) -> (count: Int, isWhole: Bool)? {
    let p = space.parameter(at: i)
    switch p.kind {
    case .categorical(let labels): return (labels.count, true)
    case .boolean: return (2, true)
    case .integer: return (Int(min(p.max - p.min + 1, 0x1p53)), false)
    case .real where p.min == p.max: return (1, false)
    case .real: return p.step > 0 ? (Int(min((p.max - p.min) / p.step * (1 + 1e-12), 0x1p53)) + 1, false) : nil
    }
  }

  private static func values(of space: ParameterSpace, at i: Int, levels: Int) -> [Double] {
    let p = space.parameter(at: i)
    switch p.kind {
    case .categorical(let labels): return labels.indices.map(Double.init)
    case .boolean: return [0, 1]
    case .integer, .real: break
    }
    var result: [Double] = []
    for k in 0..<levels {
      // The two ends of a periodic range are one point; a single level stands in the middle.
      let z = levels == 1 ? 0.5 : Double(k) / Double(p.isPeriodic ? levels : levels - 1)
      let value = space.decode(z, at: i)
      if result.last != value { result.append(value) }
    }
    return result
  }

  public mutating func ask(_ count: Int) -> [Proposal] {
    var proposals: [Proposal] = []
    while proposals.count < count && index < self.count {
      var x = (0..<space.space.dimension).map { space.fixed[$0] ?? 0 }
      var rest = index
      for (i, column) in zip(space.free, values).reversed() {
        x[i] = column[Int(rest % UInt64(column.count))]
        rest /= UInt64(column.count)
      }
      index += 1
      if known.insert(x) { proposals.append(Proposal(x: x, source: Self.info.id)) }
    }
    return proposals
  }

  public mutating func tell(_ observation: Observation) { _ = known.insert(observation.x) }

  public var telemetry: [String: Double] { [:] }
}

extension GridStrategy: CodedStrategy {
  mutating func code(_ coder: inout StateCoder) throws {
    try coder.code(&known)
    try coder.code(&index)
  }
}
