import CDMO
import DMOPluginKit
import PluginTestSupport
import TestProblemSuite
import Testing

@Suite("the known fronts")
struct FrontTests {
  static let unknown: Set = [
    "branin", "hartmann6", "ackley", "rosenbrock", "levy", "kursawe", "welded_beam", "carside", "disc_brake",
    "pressure_vessel", "ackley-mixed",
  ]
  static let withFront = Catalogue.functions.map(\.id).filter { !unknown.contains($0) }

  /// The front's points, its ideal and its nadir.
  private func front(_ problem: LoadedProblem) throws -> (points: [[Double]], ideal: [Double], nadir: [Double]) {
    let count = problem.outputs.count { $0.role == UInt32(DMO_MINIMIZE) }
    func rows(_ kind: Int) -> [[Double]] { problem.references(kind).compactMap { $0.y.map { Array($0[..<count]) } } }
    return (rows(DMO_REF_FRONT), try #require(rows(DMO_REF_IDEAL).first), try #require(rows(DMO_REF_NADIR).first))
  }

  @Test("lies between its ideal and nadir, and no point of it dominates another", arguments: withFront)
  func consistent(id: String) throws {
    let front = try front(LoadedProblem(Catalogue.plugin.export(nil), id))
    #expect(front.points.count >= 20 && front.points.allSatisfy { $0.allSatisfy { $0.isFinite } })
    for i in front.ideal.indices {
      #expect(front.points.map { $0[i] }.min() == front.ideal[i] && front.points.map { $0[i] }.max() == front.nadir[i])
      #expect(front.ideal[i] < front.nadir[i])
    }
    let dominated = front.points.count { point in
      front.points.contains { $0 != point && zip($0, point).allSatisfy { $0 <= $1 - 1e-9 } }
    }
    #expect(dominated == 0)
  }

  @Test("ends where the publications say")
  func ends() throws {
    let expected: [(String, ideal: [Double], nadir: [Double])] = [
      ("zdt1", [0, 0], [1, 1]), ("zdt3", [0, -0.7733690], [0.8518328, 1]), ("zdt6", [0.2807753, 0], [1, 0.9211652]),
      ("dtlz1", [0, 0, 0], [0.5, 0.5, 0.5]), ("dtlz2", [0, 0, 0], [1, 1, 1]),
      ("dtlz7", [0, 0, 2.6140087], [0.8594009, 0.8594009, 6]), ("wfg4", [0, 0, 0], [2, 4, 6]),
      ("c3dtlz4", [0, 0, 0], [2, 2, 2]), ("bnh", [0, 4], [136, 50]), ("osy", [-274, 4], [-42, 76]),
      ("truss2d", [0.004, 8432.7404], [0.0513870, 100_000]), ("tnk", [0.0418188, 0.0418188], [1.0383736, 1.0383736]),
    ]
    for (id, ideal, nadir) in expected {
      let front = try front(LoadedProblem(Catalogue.plugin.export(nil), id))
      for i in ideal.indices {
        #expect(abs(front.ideal[i] - ideal[i]) <= 1e-6 * max(1, abs(ideal[i])), "\(id): ideal \(front.ideal)")
        #expect(abs(front.nadir[i] - nadir[i]) <= 1e-6 * max(1, abs(nadir[i])), "\(id): nadir \(front.nadir)")
      }
    }
  }

  static let searchable = [
    "bnh", "srn", "tnk", "ctp1", "zdt1", "zdt2", "zdt3", "zdt6", "mw1", "mw2", "mw5", "mw6", "mw9", "mw10", "mw12",
    "mw13",
  ]

  @Test(
    "no feasible point found at random is better by a percent, and nine tenths of it are reached to ten",
    arguments: searchable)
  func searched(id: String) throws {
    let n = id.hasPrefix("mw") ? "3" : "2"
    let sized = id.hasPrefix("mw") || id.hasPrefix("zdt")
    let problem = try LoadedProblem(Catalogue.plugin.export(nil), id, options: sized ? ["n": n] : [:])
    let front = try front(problem)
    let scale = zip(front.nadir, front.ideal).map { $0 - $1 }
    let points = front.points.map { ($0[0] / scale[0], $0[1] / scale[1]) }
    var random = SeededRandom(seed: 11)
    var (closest, lead) = (front.points.map { _ in Double.infinity }, 0.0)
    for round in 0..<6000 {
      var x = problem.randomPoint(&random)
      if round % 4 != 0, let best = Self.nearest(id, x.count) {
        let share = round % 4 == 1 ? 0 : random.uniform() * random.uniform() * random.uniform()
        for i in 1..<x.count { x[i] = best[i] + share * (x[i] - best[i]) }
      }
      // Its f1 is a power of x1: spread evenly in f1.
      if id == "mw10" { x[0] = 1 - 0.4 * random.uniform() }
      let answer = problem.evaluate(x)
      try #require(answer.status == DMO_OK)
      guard answer.y[2...].allSatisfy({ $0 <= 0 }) else { continue }
      let (f1, f2) = (answer.y[0] / scale[0], answer.y[1] / scale[1])
      for (i, point) in points.enumerated() {
        let (d1, d2) = (point.0 - f1, point.1 - f2)
        lead = max(lead, min(d1, d2))
        closest[i] = min(closest[i], max(abs(d1), abs(d2)))
      }
    }
    #expect(lead < 0.01, "\(id): a feasible point is better than the front by \(lead) of its extent in both objectives")
    let reached = closest.sorted()[closest.count * 9 / 10]
    #expect(reached < 0.1, "\(id): a tenth of the front is further than \(reached) from what was found")
  }

  /// The distance variables at which g is 1.
  private static func nearest(_ id: String, _ n: Int) -> [Double]? {
    switch id {
    case "mw1", "mw5", "mw9", "mw12":
      // The variables enter as their power n - 2, which is 1 here.
      (0..<n).map { 0.5 + Double($0) / Double(2 * n) }
    case "mw2", "mw6", "mw10", "mw13": (0..<n).map { Double($0) / Double(n) }
    case _ where id.hasPrefix("zdt"): (0..<n).map { _ in 0 }
    default: nil
    }
  }
}
