/// Bounds on what a plugin may declare, so that a wrong number in a table ends in a message and not in exhausted memory.
enum TableLimits {
  /// Bytes of a text.
  static let text = 1 << 16
  /// Bytes of an id.
  static let id = 255
  /// Rows of one table: problems, parameters, outputs, options, choices, levels.
  static let rows = 1 << 16
  /// Numbers in x or in y, blocks expanded.
  static let numbers = 1 << 22
  /// Bytes of a structure, or of one element of an array.
  static let structure = 1 << 12
  /// Pictures of one point, and numbers in one picture.
  static let artifacts = 1 << 10
  static let artifactNumbers = 1 << 24
  /// The largest magnitude up to which every whole number is a double.
  static let integer = 9_007_199_254_740_992.0
}
