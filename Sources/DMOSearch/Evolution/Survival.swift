/// An environmental selection: which of a pool live on, and in which order of merit.
protocol Survival {
  /// - Returns: at most `count` positions with what tournaments compare: first the rank (smaller wins), then the score
  ///   (larger wins).
  func select(_ pool: [Individual], count: Int) -> [Survivor]
}

/// A member of the next population.
struct Survivor {
  /// Position in the pool.
  var index: Int
  var rank: Int
  var score: Double

  func beats(_ other: Survivor) -> Bool { rank != other.rank ? rank < other.rank : score > other.score }
}
