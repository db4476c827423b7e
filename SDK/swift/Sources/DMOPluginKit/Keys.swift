/// A parameter of one number: `Key<Double>`, `Key<Int>` or `Key<Bool>`; the value's type says how the point is read.
public struct Key<Value>: Sendable {
  /// Where the number is in `Evaluation.x`.
  public let offset: Int
}

/// A categorical parameter whose labels are the cases of an enum.
public struct ChoiceKey<Value: Sendable>: Sendable {
  /// Where the number is in `Evaluation.x`.
  public let offset: Int
  let cases: [Value]
}

/// A block of real parameters, alike but for their value: `id[0]` … `id[count-1]`.
public struct BlockKey: Sendable {
  /// Where the numbers are in `Evaluation.x`.
  public let range: Range<Int>
}

/// An output of one number.
public struct OutputKey: Sendable {
  /// Where the number is in `Evaluation.y`.
  public let offset: Int
}

/// A block of observed outputs: `id[0]` … `id[count-1]`.
public struct OutputBlockKey: Sendable {
  /// Where the numbers are in `Evaluation.y`.
  public let range: Range<Int>
}
