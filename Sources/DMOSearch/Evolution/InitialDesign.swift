import DMOCore

/// The first points of a strategy: the values that the problem suggests, then a space-filling design.
struct InitialDesign {
  /// How many points it means to give.
  let count: Int
  private let space: SearchSpace
  private var design: SpaceFillingDesign
  /// Given so far, and points told that nobody asked for.
  private var given = 0

  init(setup: SearchSetup, kind: SpaceFillingDesign.Kind, count: Int, sweeps: Int) throws(SearchError) {
    self.count = count
    space = setup.space
    design = try SpaceFillingDesign(
      kind, space: setup.space, seed: setup.seed.derived("initial-design"), size: count, sweeps: sweeps)
  }

  /// Whether the design's points are all given.
  var isComplete: Bool { given >= count }
  /// How many are still to be given.
  var remaining: Int { max(count - given, 0) }

  mutating func code(_ coder: inout StateCoder) throws {
    try coder.code(&given)
    try coder.code(&design)
  }

  /// A point from elsewhere stands for one of the design.
  mutating func countGiven() { given += 1 }

  /// The next point; beyond `count`, the design goes on. Nil when a discrete space is used up.
  mutating func next(avoiding known: PointSet) -> Proposal? {
    guard var x = design.next(avoiding: known) else { return nil }
    var source = isComplete ? "design" : "initial"
    if given == 0 {
      var suggested = x
      for i in space.free {
        if let value = space.space.parameter(at: i).initial { suggested[i] = space.space.canonical(value, at: i) }
      }
      if suggested != x && !known.contains(suggested) {
        x = suggested
        source = "start"
      }
    }
    given += 1
    return Proposal(x: x, source: source)
  }
}
