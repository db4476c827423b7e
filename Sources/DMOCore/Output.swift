/// What a number that a problem answers is for.
public enum Role: Equatable, Sendable, Codable {
  case minimize
  case maximize
  /// A constraint y ≤ bound, the bound in the output's unit.
  case atMost(Double)
  /// A constraint y ≥ bound, the bound in the output's unit.
  case atLeast(Double)
  case observe
}

/// One output, or a block of alike outputs, of a black-box problem.
public struct Output: Equatable, Sendable, Codable {
  public var id: String
  public var name: String
  /// Unit text for people; empty when there is none.
  public var unit: String
  /// The problem's own wish; a study may ask otherwise, see `Goals`.
  public var role: Role
  /// 0 for a single number, else the block's length; blocks are observed only.
  public var count: Int
  /// 0, or the row length of the block's shape.
  public var columns: Int
  /// NaN means "not defined at this x" though the status is OK.
  public var mayBeNaN: Bool
  /// Typical magnitude, in `unit`; 0 when unknown.
  public var scale: Double

  public init(
    id: String, name: String = "", unit: String = "", role: Role = .observe, count: Int = 0, columns: Int = 0,
    mayBeNaN: Bool = false, scale: Double = 0
  ) {
    self.id = id
    self.name = name
    self.unit = unit
    self.role = role
    self.count = count
    self.columns = columns
    self.mayBeNaN = mayBeNaN
    self.scale = scale
  }

  /// How many numbers of y this output takes; at least 1.
  public var width: Int { Swift.max(1, count) }

  /// The number's name within a block: `id`, or `id[index]`.
  public func label(_ index: Int) -> String { count == 0 ? id : "\(id)[\(index)]" }
}

/// The outputs of a problem in table order, laid out as one vector y.
public struct OutputSpace: Equatable, Sendable, Codable {
  public let outputs: [Output]
  /// The length of y, blocks expanded.
  public let dimension: Int
  /// Where each output starts in y; shape (outputs.count).
  public let offsets: [Int]

  public init(_ outputs: [Output]) {
    self.outputs = outputs
    var offsets: [Int] = []
    var next = 0
    for o in outputs {
      offsets.append(next)
      next += o.width
    }
    self.offsets = offsets
    dimension = next
  }

  /// Positions in y of what is only observed.
  public var observed: [Int] {
    outputs.indices.flatMap { k in outputs[k].role == .observe ? Array(offsets[k]..<offsets[k] + outputs[k].width) : [] }
  }

  /// The names of all numbers of y, blocks expanded; shape (dimension).
  public var labels: [String] { outputs.flatMap { o in (0..<o.width).map { o.label($0) } } }

  /// The table position of an output by its id.
  public func index(of id: String) -> Int? { outputs.firstIndex { $0.id == id } }
}
