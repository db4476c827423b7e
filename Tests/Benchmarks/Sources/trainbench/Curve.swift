import DMOCore
import DMOSurrogates
import Foundation

/// Data that both sides train on, in the unit cube, and held-out points with their nearest training points.
struct CurveData: Decodable {
  var inputs: Int
  var z: [Double]
  var y: [Double]
  var heldZ: [Double]
  var heldY: [Double]
  /// Shape (held-out points, comparisons): numbers of training points.
  var near: [[Int]]
}

struct CurveAnswer: Encodable {
  /// Processor seconds of the fit, the neighbour graph and the scaling included.
  var cpu: Double
  var error: Double
}

/// One fit by the trainer `gradpie` as a user would ask for it; then Σ |Δg − Δy| / Σ |Δy| over the held-out pairs.
func curve(_ words: [Substring]) throws {
  guard let file = words.first else { refuse("write: curve FILE OPTION…") }
  let data = try JSONDecoder().decode(CurveData.self, from: Data(contentsOf: URL(fileURLWithPath: String(file))))
  var set = Dataset(inputCount: data.inputs, outputCount: 1)
  for r in data.y.indices { set.append(z: Array(data.z[r * data.inputs..<(r + 1) * data.inputs]), y: [data.y[r]]) }
  var trainer = try TrainerRegistry.make(
    id: "gradpie", options: words.dropFirst().map(String.init), setup: TrainerSetup(seed: Seed(1)))
  let start = Stopwatch.cpu
  let model = try trainer.fit(set)
  let spent = Stopwatch.cpu - start
  let inside = model.predict(rows: data.y.count, z: data.z)
  let outside = model.predict(rows: data.heldY.count, z: data.heldZ)
  var (wrong, all) = (0.0, 0.0)
  for (i, neighbours) in data.near.enumerated() {
    for k in neighbours {
      let dy = data.heldY[i] - data.y[k]
      wrong += abs(outside[i] - inside[k] - dy)
      all += abs(dy)
    }
  }
  try write(CurveAnswer(cpu: spent, error: wrong / all))
}
