import DMOCore
import Foundation
import Testing

@testable import DMOSearch

private let rankOracle: URL = {
  let beside = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("shared")
  let shared = ProcessInfo.processInfo.environment["DMO_SHARED"].map { URL(fileURLWithPath: $0) } ?? beside
  return shared.appendingPathComponent("oracle/indicators/pareto_rank_crowding.json")
}()

@Suite("ranks and crowding")
struct FrontsTests {
  private struct Table: Decodable {
    var shape: [Int]
    /// "inf" stands as text.
    var values: [Double]

    private enum Key: CodingKey { case shape, values }
    private struct Number: Decodable {
      var value: Double
      init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let number = try? container.decode(Double.self) { value = number } else {
          value = Double(try container.decode(String.self)) ?? .nan
        }
      }
    }
    init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: Key.self)
      shape = try container.decode([Int].self, forKey: .shape)
      values = try container.decode([Number].self, forKey: .values).map(\.value)
    }
  }

  @Test(
    "ranks agree with moocore and pymoo, crowding distances with pymoo",
    .enabled(if: FileManager.default.fileExists(atPath: rankOracle.path), "needs ../shared/oracle/indicators"),
    arguments: ["2_random", "2_ties", "3_random", "3_ties", "5_random", "5_ties"])
  func oracle(key: String) throws {
    let tables = try JSONDecoder().decode([String: Table].self, from: Data(contentsOf: rankOracle))
    let f = try #require(tables["F_" + key])
    let ranks = try #require(tables["rank_" + key]).values.map(Int.init)
    let crowding = try #require(tables["crowding_" + key]).values
    let m = f.shape[1]
    let pool = (0..<f.shape[0]).map { Individual(z: [], losses: Array(f.values[$0 * m..<($0 + 1) * m]), violation: 0) }
    let fronts = Fronts(pool)
    #expect(fronts.ranks == ranks)
    // Of equal points, and among ties, which neighbour is meant is a matter of taste: only without ties is it one number.
    guard key.hasSuffix("random") else { return }
    for members in fronts.members where members.count > 2 {
      // Fronts of one or two points are all ends, but pymoo calls a single one 0. It also divides by the number of objectives.
      for (i, distance) in zip(members, Fronts.crowding(members.map { pool[$0].losses })) {
        let expected = crowding[i]
        #expect(expected.isInfinite ? distance.isInfinite : abs(distance / Double(m) - expected) < 1e-12)
      }
    }
  }

  @Test("crowding by hand")
  func byHand() {
    let distances = Fronts.crowding([[0, 10], [1, 6], [2, 5], [4, 0]])
    // Ranges 4 and 10: (2 − 0)/4 + (10 − 5)/10, (4 − 1)/4 + (6 − 0)/10.
    #expect(distances[0] == .infinity && distances[3] == .infinity)
    #expect(abs(distances[1] - 1) < 1e-15)
    #expect(abs(distances[2] - 1.35) < 1e-15)
    #expect(Fronts.crowding([[1, 1], [1, 1], [1, 1]]) == [0, 0, 0])
  }

  @Test("constraint domination: feasible ranks first, then less violation, then points without an answer")
  func constraints() {
    let goals = Goals(
      OutputSpace([Output(id: "f", role: .minimize), Output(id: "g", role: .atMost(0))]))
    func answer(_ f: Double, _ g: Double, _ status: EvaluationStatus = .ok) -> Individual {
      Individual(z: [], EvaluationResult(id: 0, status: status, y: [f, g]), goals)
    }
    let pool = [answer(5, -1), answer(1, 2), answer(9, 0), answer(0, 1), answer(0, -1, .crashed), answer(.nan, -1)]
    #expect(Fronts(pool).ranks == [0, 3, 1, 2, 4, 4])
    #expect(Individual.dominates(pool[2], pool[3]) && Individual.dominates(pool[3], pool[1]))
    #expect(!Individual.dominates(pool[4], pool[5]) && !Individual.dominates(pool[5], pool[4]))
  }

  @Test("hypervolume contributions by hand; ends are kept")
  func contributions() {
    let gains = Fronts.contributions([[0, 4], [1, 2], [4, 0]])
    #expect(gains[0] == .infinity && gains[2] == .infinity)
    // The box between its neighbours: (4 − 1) · (4 − 2).
    #expect(abs(gains[1] - 6) < 1e-12)
  }
}
