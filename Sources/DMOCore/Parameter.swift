/// What values a parameter takes.
public enum ParameterKind: Equatable, Hashable, Sendable, Codable {
  /// Any number of the range, or of its grid `min + k · step` when the step is not 0.
  case real
  /// The whole numbers of the range.
  case integer
  /// One of the labels; its value is the label's index, 0 … count − 1.
  case categorical([String])
  /// 0 or 1.
  case boolean
}

/// How a parameter's range is walked: evenly in the value, or in its logarithm (min > 0).
public enum ParameterScale: String, Equatable, Sendable, Codable { case linear, log }

/// One parameter, or a block of alike parameters, of a black-box problem.
///
/// A block of `count` numbers is called `id[0]` … `id[count − 1]`; `columns` gives it a row-major shape.
public struct Parameter: Equatable, Sendable, Codable {
  public var id: String
  public var name: String
  /// Unit text for people, such as "um"; empty when there is none.
  public var unit: String
  public var kind: ParameterKind
  public var scale: ParameterScale
  /// Inclusive bounds, in `unit`; for categories 0 … labels − 1, for booleans 0 … 1.
  public var min, max: Double
  /// Grid spacing from `min`, in `unit`; 0 for none. Real parameters only.
  public var step: Double
  /// 0 for a single number called `id`, else how many numbers the block has.
  public var count: Int
  /// 0, or the row length of the block's shape.
  public var columns: Int
  /// `min` and `max` are the same point, as with an angle; values wrap into [min, max).
  public var isPeriodic: Bool
  /// A sensible start, in `unit`, if the problem names one.
  public var initial: Double?

  public init(
    id: String, name: String = "", unit: String = "", kind: ParameterKind = .real, scale: ParameterScale = .linear,
    min: Double = 0, max: Double = 1, step: Double = 0, count: Int = 0, columns: Int = 0, isPeriodic: Bool = false,
    initial: Double? = nil
  ) {
    self.id = id
    self.name = name
    self.unit = unit
    self.kind = kind
    self.scale = scale
    self.min = min
    self.max = max
    self.step = step
    self.count = count
    self.columns = columns
    self.isPeriodic = isPeriodic
    self.initial = initial
    switch kind {
    case .categorical(let labels): (self.min, self.max) = (0, Double(labels.count - 1))
    case .boolean: (self.min, self.max) = (0, 1)
    case .real, .integer: break
    }
  }

  /// How many numbers of x this parameter takes; at least 1.
  public var width: Int { Swift.max(1, count) }

  /// Whether only certain values are allowed: whole numbers, labels or grid points.
  public var isDiscrete: Bool { kind != .real || step > 0 }

  /// The number's name within a block: `id`, or `id[index]`.
  public func label(_ index: Int) -> String { count == 0 ? id : "\(id)[\(index)]" }
}
