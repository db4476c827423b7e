/// Collects the parameters and outputs of one instance, in order, and gives out the keys to reach them.
///
/// Ids are `[a-z][a-z0-9_]*` and unique among parameters and outputs. Units are texts such as "um", "1", "S/cm2".
public struct Declaration {
  /// Which distance between two values counts: differences or ratios.
  public enum Scale: UInt32, Sendable {
    case linear = 0
    /// Needs a lower bound above 0.
    case log = 1
  }

  let arena = Arena()
  var parameters: [dmo_param] = []
  var outputs: [dmo_output] = []
  /// The checked box: for each number of x its lower and upper bound, and whether it must be whole.
  var lower: [Double] = []
  var upper: [Double] = []
  var whole: [Bool] = []
  var outputCount = 0

  /// An empty declaration. For tests of a simulator without a host.
  public init() {}

  /// How many numbers a point has so far.
  public var parameterNumbers: Int { lower.count }
  /// How many numbers an evaluation writes so far.
  public var outputNumbers: Int { outputCount }

  /// A real parameter.
  ///
  /// - Parameters:
  ///   - id: `[a-z][a-z0-9_-]*`, unique among parameters and outputs.
  ///   - range: both ends are allowed values.
  ///   - unit: as people write it, such as "um"; nil without one.
  ///   - name: for people; nil: the id.
  ///   - scale: logarithmic where factors count rather than differences.
  ///   - step: 0 for a continuous range, else values are `lowerBound + k step`.
  ///   - periodic: both ends are the same point, as of a phase.
  ///   - initial: a sensible start.
  public mutating func real(
    _ id: String, in range: ClosedRange<Double>, unit: String? = nil, name: String? = nil, scale: Scale = .linear,
    step: Double = 0, periodic: Bool = false, initial: Double? = nil
  ) -> Key<Double> {
    let offset = add(
      parameter(
        id, name, unit, DMO_REAL, range, scale: scale, step: step, periodic: periodic, initial: initial), whole: false)
    return Key(offset: offset)
  }

  /// A block of `count` real parameters; `columns` > 0 says that it is a matrix, row major.
  public mutating func reals(
    _ id: String, count: Int, columns: Int = 0, in range: ClosedRange<Double>, unit: String? = nil, name: String? = nil,
    scale: Scale = .linear, step: Double = 0, periodic: Bool = false, initial: Double? = nil
  ) -> BlockKey {
    let table = parameter(
      id, name, unit, DMO_REAL, range, scale: scale, step: step, periodic: periodic, initial: initial)
    return addBlock(table, id, count, columns, whole: false)
  }

  /// A whole number, at most 2⁵³ in magnitude.
  public mutating func integer(
    _ id: String, in range: ClosedRange<Int>, unit: String? = nil, name: String? = nil, scale: Scale = .linear,
    initial: Int? = nil
  ) -> Key<Int> {
    let bounds = Double(range.lowerBound)...Double(range.upperBound)
    let table = parameter(id, name, unit, DMO_INTEGER, bounds, scale: scale, initial: initial.map { Double($0) })
    return Key(offset: add(table, whole: true))
  }

  /// A block of `count` whole numbers, read as doubles; `columns` > 0 says that it is a matrix, row major.
  public mutating func integers(
    _ id: String, count: Int, columns: Int = 0, in range: ClosedRange<Int>, unit: String? = nil, name: String? = nil,
    scale: Scale = .linear, initial: Int? = nil
  ) -> BlockKey {
    let bounds = Double(range.lowerBound)...Double(range.upperBound)
    let table = parameter(id, name, unit, DMO_INTEGER, bounds, scale: scale, initial: initial.map { Double($0) })
    return addBlock(table, id, count, columns, whole: true)
  }

  /// A block of `count` yeses or noes, read as 1 and 0; `columns` > 0 says that it is a matrix, row major.
  public mutating func booleans(
    _ id: String, count: Int, columns: Int = 0, name: String? = nil, initial: Bool? = nil
  ) -> BlockKey {
    let table = parameter(id, name, nil, DMO_BOOLEAN, 0...1, initial: initial.map { $0 ? 1 : 0 })
    return addBlock(table, id, count, columns, whole: true)
  }

  /// A yes or no.
  public mutating func boolean(_ id: String, name: String? = nil, initial: Bool? = nil) -> Key<Bool> {
    let table = parameter(id, name, nil, DMO_BOOLEAN, 0...1, initial: initial.map { $0 ? 1 : 0 })
    return Key(offset: add(table, whole: true))
  }

  /// One of at least two labels; the value read is the label's index.
  public mutating func categorical(
    _ id: String, of labels: [String], name: String? = nil, initial: Int? = nil
  ) -> Key<Int> {
    precondition(labels.count >= 2, "categorical parameter \(id) needs two labels, has \(labels.count)")
    var table = parameter(
      id, name, nil, DMO_CATEGORICAL, 0...Double(labels.count - 1), initial: initial.map { Double($0) })
    table.choices = arena.texts(labels)
    return Key(offset: add(table, whole: true))
  }

  /// One of an enum's cases; its raw values are the labels.
  public mutating func categorical<Value: CaseIterable & RawRepresentable & Sendable>(
    _ id: String, of type: Value.Type, name: String? = nil, initial: Value? = nil
  ) -> ChoiceKey<Value> where Value.RawValue == String {
    let cases = Array(type.allCases)
    let start = initial.flatMap { value in cases.firstIndex { $0.rawValue == value.rawValue } }
    let key = categorical(id, of: cases.map(\.rawValue), name: name, initial: start)
    return ChoiceKey(offset: key.offset, cases: cases)
  }

  private func parameter(
    _ id: String, _ name: String?, _ unit: String?, _ kind: Int, _ range: ClosedRange<Double>, scale: Scale = .linear,
    step: Double = 0, periodic: Bool = false, initial: Double? = nil
  ) -> dmo_param {
    dmo_param(
      id: arena.text(id), name: arena.text(name), unit: arena.text(unit), kind: UInt32(kind), scale: scale.rawValue,
      min: range.lowerBound, max: range.upperBound, step: step, choices: nil, count: 0, columns: 0,
      periodic: periodic ? 1 : 0, has_initial: initial == nil ? 0 : 1, initial: initial ?? 0)
  }

  private mutating func addBlock(
    _ table: dmo_param, _ id: String, _ count: Int, _ columns: Int, whole isWhole: Bool
  ) -> BlockKey {
    precondition(count > 0 && columns >= 0, "block \(id): \(count) numbers in \(columns) columns")
    var table = table
    table.count = UInt32(count)
    table.columns = UInt32(columns)
    let offset = add(table, whole: isWhole)
    return BlockKey(range: offset..<offset + count)
  }

  private mutating func add(_ table: dmo_param, whole isWhole: Bool) -> Int {
    let offset = lower.count
    let count = max(1, Int(table.count))
    // A periodic number has no outside: any finite value is the same point as one inside.
    let reach = Double.greatestFiniteMagnitude
    parameters.append(table)
    lower.append(contentsOf: repeatElement(table.periodic != 0 ? -reach : table.min, count: count))
    upper.append(contentsOf: repeatElement(table.periodic != 0 ? reach : table.max, count: count))
    whole.append(contentsOf: repeatElement(isWhole, count: count))
    return offset
  }
}
