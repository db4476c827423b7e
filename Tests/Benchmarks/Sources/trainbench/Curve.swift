import DMOCore
import DMONumerics
import DMOSurrogates
import Foundation

/// Data that both sides train on: standardised inputs and targets, and held-out points with their nearest training points.
struct CurveData: Decodable {
  var inputs: Int
  var hidden: [Int]
  var x: [Float]
  var y: [Float]
  var heldX: [Float]
  var heldY: [Float]
  /// Shape (held-out points, comparisons): numbers of training points.
  var near: [[Int]]
  /// Nearest neighbours of the training points; shape (points, k).
  var neighbours: [[Int32]]
}

struct CurveAnswer: Encodable {
  var steps: [Int] = []
  /// Processor seconds of training, without the measurements of the error.
  var cpu: [Double] = []
  var error: [Double] = []
}

/// Full-batch training on the residual graph; after every so many steps Σ |Δg − Δy| / Σ |Δy| over the held-out pairs.
func curve(_ words: [Substring]) throws {
  guard words.count == 4, let steps = Int(words[1]), let every = Int(words[2]), let rate = Double(words[3]) else {
    fatalError("curve FILE STEPS EVERY LR")
  }
  let data = try JSONDecoder().decode(CurveData.self, from: Data(contentsOf: URL(fileURLWithPath: String(words[0]))))
  let shape = MLPShape(inputs: data.inputs, hidden: data.hidden, outputs: 1, layerNorm: true)
  let rows = data.y.count
  let pass = MLPPass(shape: shape, capacity: rows)
  let (gradient, residual) = (FloatBuffer(count: shape.parameterCount), FloatBuffer(count: rows))
  var p = MLP(shape: shape, seed: Seed(1)).parameters
  var adam = Adam(count: p.count, learningRate: rate)
  let list = data.neighbours.flatMap { $0 }
  func outputs(_ x: [Float], _ count: Int) -> [Float] {
    pass.forward(p, rows: count, x: x)
    return pass.output.array(count)
  }
  func error() -> Double {
    let (inside, outside) = (outputs(data.x, rows), outputs(data.heldX, data.heldY.count))
    var (wrong, all) = (0.0, 0.0)
    for (i, neighbours) in data.near.enumerated() {
      for k in neighbours {
        let dy = Double(data.heldY[i] - data.y[k])
        wrong += abs(Double(outside[i] - inside[k]) - dy)
        all += abs(dy)
      }
    }
    return wrong / all
  }
  var answer = CurveAnswer()
  var spent = 0.0
  for step in 1...steps {
    let start = Stopwatch.cpu
    // Cosine decay to a hundredth, as on the other side.
    adam.learningRate = rate * (0.505 + 0.495 * cos(.pi * Double(step) / Double(steps)))
    list.withUnsafeBufferPointer { list in
      p.withUnsafeMutableBufferPointer { p in
        guard let p0 = p.baseAddress else { return }
        _ = TrainingLoss.gradPIE.gradient(
          pass: pass, parameters: p0, rows: rows, x: data.x, y: data.y,
          pairs: TrainingLoss.Pairs(anchors: rows, degree: data.neighbours[0].count, neighbours: list.baseAddress),
          residual: residual, gradient: gradient)
        adam.step(p0, gradient: gradient.base)
      }
    }
    spent += Stopwatch.cpu - start
    if step % every == 0 {
      answer.steps.append(step)
      answer.cpu.append(spent)
      answer.error.append(error())
    }
  }
  try write(answer)
}
