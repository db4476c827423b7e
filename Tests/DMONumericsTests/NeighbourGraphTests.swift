import DMOCore
import DMONumerics
import Testing

@Suite("Nearest neighbours")
struct NeighbourGraphTests {
  /// Every list by sorting all distances, ties by number.
  private func bruteForce(_ x: [[Double]], k: Int, periodic: Set<Int>) -> [[Int]] {
    x.indices.map { i in
      let others = x.indices.filter { $0 != i }
      let d = others.map { j -> Double in
        (0..<x[i].count).reduce(0) { sum, c in
          var gap = abs(x[i][c] - x[j][c])
          if periodic.contains(c) { gap = min(gap, 1 - gap) }
          return sum + gap * gap
        }
      }
      let sorted = others.indices.sorted { (d[$0], others[$0]) < (d[$1], others[$1]) }
      return sorted.prefix(k).map { others[$0] }
    }
  }

  @Test(
    "after each arrival the graph is the brute-force graph",
    arguments: [(1, 1), (3, 5), (17, 4), (10, 100)], [Set<Int>(), [0]])
  func incremental(_ size: (dimension: Int, k: Int), _ periodic: Set<Int>) {
    var random = Seed(7).derived("knn").generator
    var graph = NeighbourGraph(dimension: size.dimension, k: size.k, periodic: periodic)
    var x: [[Double]] = []
    for _ in 0..<40 {
      // On a grid of eighths, where squares are exact: equal distances and duplicate points are common.
      x.append((0..<size.dimension).map { _ in Double(random.index(below: 8)) / 8 })
      graph.append(x[x.count - 1][...])
      let expected = bruteForce(x, k: size.k, periodic: periodic)
      #expect(graph.degree == min(size.k, x.count - 1))
      #expect(x.indices.map { graph.neighbours(of: $0) } == expected)
      #expect(graph.adjacency().map(Int.init) == expected.flatMap { $0 })
    }
  }

  @Test("a periodic coordinate is measured around its circle")
  func periodic() {
    var graph = NeighbourGraph(dimension: 1, k: 1, periodic: [0])
    for z in [0.02, 0.3, 0.97] { graph.append([z]) }
    #expect(graph.neighbours(of: 0) == [2])
    var open = NeighbourGraph(dimension: 1, k: 1)
    for z in [0.02, 0.3, 0.97] { open.append([z]) }
    #expect(open.neighbours(of: 0) == [1])
  }

  @Test("other metrics, arc lengths, and the points nearest to a foreign one", arguments: NeighbourGraph.Metric.allCases)
  func metrics(_ metric: NeighbourGraph.Metric) {
    var random = Seed(8).generator
    var graph = NeighbourGraph(dimension: 3, k: 4, periodic: [1], metric: metric)
    let x = (0..<30).map { _ in (0..<3).map { _ in random.uniform() } }
    func distance(_ a: [Double], _ b: [Double]) -> Double {
      let gaps = (0..<3).map { c in
        let d = abs(a[c] - b[c])
        return c == 1 ? min(d, 1 - d) : d
      }
      switch metric {
      case .euclidean: return gaps.reduce(0) { $0 + $1 * $1 }.squareRoot()
      case .manhattan: return gaps.reduce(0, +)
      case .chebyshev: return gaps.max() ?? 0
      }
    }
    for p in x { graph.append(p[...]) }
    let lengths = graph.arcLengths()
    for i in x.indices {
      let expected = x.indices.filter { $0 != i }.sorted { distance(x[i], x[$0]) < distance(x[i], x[$1]) }.prefix(4)
      #expect(graph.neighbours(of: i) == Array(expected))
      for (k, j) in expected.enumerated() { #expect(abs(lengths[4 * i + k] - distance(x[i], x[j])) < 1e-12) }
      #expect(graph.adjacency(limit: 2)[2 * i..<2 * i + 2].map(Int.init) == Array(expected.prefix(2)))
    }
    let stranger = [0.4, 0.95, 0.1]
    let near = x.indices.sorted { distance(stranger, x[$0]) < distance(stranger, x[$1]) }.prefix(6)
    #expect(graph.nearest(to: stranger[...], count: 6) == Array(near))
    #expect(graph.emptied().count == 0 && graph.count == 30)
  }
}
