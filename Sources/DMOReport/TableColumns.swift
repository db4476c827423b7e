import DMOCore
import DMOStudy

/// Which numbers of an evaluation a page holds.
///
/// Parameters and outputs in table order. Blocks above `blockLimit` numbers, and what does not fit into `columnLimit`,
/// stay in the study: the page says so, and `dmo export` has them.
struct TableColumns: Sendable {
  static let blockLimit = 16
  static let columnLimit = 120

  /// Positions in x and y.
  let x: [Int]
  let y: [Int]
  /// Ids of what was left out, with the count of its numbers.
  let omitted: [String]
  let description: StudyDescription

  init(_ description: StudyDescription) {
    let spec = description.spec
    var omitted: [String] = []
    var room = Self.columnLimit
    func take(_ id: String, _ width: Int, from start: Int, isWanted: Bool) -> [Int] {
      guard isWanted || (width <= Self.blockLimit && width <= room) else {
        omitted.append(width == 1 ? id : "\(id) (\(width) numbers)")
        return []
      }
      room -= width
      return Array(start..<start + width)
    }
    // Goals first: no page is without them.
    let goals = Set(description.goals.objectives.map(\.index) + description.goals.constraints.map(\.index))
    var y: [Int] = []
    for isGoal in [true, false] {
      for (k, o) in spec.outputs.outputs.enumerated() {
        let start = spec.outputs.offsets[k]
        let own = goals.contains { (start..<start + o.width).contains($0) }
        if own == isGoal { y += take(o.id, o.width, from: start, isWanted: own && o.width == 1) }
      }
    }
    var x: [Int] = []
    var start = 0
    for p in spec.space.parameters {
      x += take(p.id, p.width, from: start, isWanted: false)
      start += p.width
    }
    (self.x, self.y, self.omitted, self.description) = (x, y.sorted(), omitted, description)
  }

  /// Numbers of a row: the eight of `RowSample.own`, then x, then y.
  var width: Int { RowSample.own.count + x.count + y.count }
}
