import DMOStudy

/// A small picture at the end of the live line: how the best value fell, or the front of two objectives.
struct Sparkline {
  /// Characters it takes.
  private static let width = 20
  private static let bars = Array("▁▂▃▄▅▆▇█")

  /// Answers so far and the loss of the best design then, whenever it changed.
  private var history: [(answered: Int, loss: Double)] = []
  private var answered = 0

  /// - Complexity: O(1)
  mutating func note(_ incumbents: Incumbents, answered: Int) {
    self.answered = answered
    guard incumbents.goals.objectives.count == 1, let loss = incumbents.best?.losses.first else { return }
    if history.last?.loss != loss { history.append((answered, loss)) }
  }

  /// One objective: its best value over the evaluations, high at first. More: the front in the first two, braille dots,
  /// the better values at the left and at the bottom. Empty while there is nothing to show.
  func text(_ incumbents: Incumbents) -> String {
    incumbents.goals.objectives.count == 1
      ? Self.convergence(history, until: answered) : Self.front(incumbents.front.map(\.losses))
  }

  static func convergence(_ history: [(answered: Int, loss: Double)], until last: Int) -> String {
    guard let first = history.first, let end = history.last, first.loss > end.loss else { return "" }
    var text = ""
    var k = 0
    for column in 1...width {
      let moment = first.answered + (last - first.answered) * column / width
      while k + 1 < history.count && history[k + 1].answered <= moment { k += 1 }
      let height = (history[k].loss - end.loss) / (first.loss - end.loss)
      text.append(bars[Int((height * Double(bars.count - 1)).rounded())])
    }
    return text
  }

  static func front(_ points: [[Double]]) -> String {
    guard points.count > 1, let sample = points.first, sample.count > 1 else { return "" }
    let (columns, rows) = (2 * width, 4)
    func place(_ axis: Int, _ value: Double, _ count: Int) -> Int {
      let (low, high) = (points.map { $0[axis] }.min() ?? 0, points.map { $0[axis] }.max() ?? 0)
      return high > low ? Int(((value - low) / (high - low) * Double(count - 1)).rounded()) : 0
    }
    // The bits of a braille cell: dots 1 2 3 7 down the left, 4 5 6 8 down the right (Unicode 28xx).
    let bits: [[UInt32]] = [[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]]
    var cells = [UInt32](repeating: 0x2800, count: width)
    for point in points where point[0].isFinite && point[1].isFinite {
      let column = place(0, point[0], columns)
      cells[column / 2] |= bits[rows - 1 - place(1, point[1], rows)][column % 2]
    }
    return String(String.UnicodeScalarView(cells.compactMap(Unicode.Scalar.init)))
  }
}
