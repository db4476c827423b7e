import DMOPluginKit

/// An entry of the catalogue: a test problem at any size that it has.
public struct TestProblem: Sendable {
  /// Which sizes the user may ask for.
  public enum Sizes: Sendable {
    case fixed
    /// The number of parameters.
    case n(default: Int, minimum: Int)
    /// The number of parameters and of objectives. `minimum` is that of n, for a given m; the default n for any other m
    /// is larger or smaller by as much as m is.
    case nm(n: Int, m: Int, minimum: @Sendable (Int) -> Int)
  }

  public let id: String, name: String
  /// Where the definition was published.
  public let source: String
  public let sizes: Sizes
  let make: @Sendable (_ n: Int, _ m: Int) throws -> TestFunction

  init(
    _ id: String, _ name: String, source: String, sizes: Sizes = .fixed,
    make: @escaping @Sendable (_ n: Int, _ m: Int) throws -> TestFunction
  ) {
    (self.id, self.name, self.source, self.sizes, self.make) = (id, name, source, sizes, make)
  }

  /// The problem at a size; `nil` stands for the default.
  ///
  /// - Throws: `BadInput` if the problem does not have this size.
  public func function(n: Int? = nil, m: Int? = nil) throws -> TestFunction {
    switch sizes {
    case .fixed: return try make(0, 0)
    case .n(let usual, let minimum):
      let n = n ?? usual
      guard n >= minimum else { throw BadInput("\(id): n = \(n), but it needs n of at least \(minimum)") }
      return try make(n, 0)
    case .nm(let usualN, let usualM, let minimum):
      let m = m ?? usualM
      guard m >= 2 else { throw BadInput("\(id): m = \(m), but it needs at least 2 objectives") }
      let n = n ?? usualN + m - usualM
      guard n >= minimum(m) else {
        throw BadInput("\(id): n = \(n), but with m = \(m) it needs n of at least \(minimum(m))")
      }
      return try make(n, m)
    }
  }

  /// The options n and m where the problem has them.
  var options: [Option] {
    switch sizes {
    case .fixed: []
    case .n(let usual, let minimum):
      [.integer("n", help: "number of parameters", default: usual, in: minimum...10_000)]
    case .nm(let usualN, let usualM, let minimum):
      [
        .integer(
          "n", help: "number of parameters; unset: \(usualN) for m = \(usualM), as many more as m is larger",
          in: minimum(2)...10_000),
        .integer("m", help: "number of objectives", default: usualM, in: 2...20),
      ]
    }
  }
}
