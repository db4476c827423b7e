/// How well a search foresaw what it asked for: the normalised root mean square error of its predictions, judged by answers
/// that came later.
struct PredictionScore {
  private var squares: [Double]
  private var counts: [Int]
  /// Welford's running mean and sum of squared deviations of every answer; shape (objectives).
  private var means, deviations: [Double]
  private var answers: [Int]

  init(objectives m: Int) {
    squares = Array(repeating: 0, count: m)
    (means, deviations) = (squares, squares)
    counts = Array(repeating: 0, count: m)
    answers = counts
  }

  /// - Parameters:
  ///   - losses: what came out; NaN where unknown.
  ///   - predicted: nil where nothing was.
  mutating func note(_ losses: [Double], predicted: [Double]?) {
    for (j, loss) in losses.enumerated() where loss.isFinite {
      answers[j] += 1
      let step = loss - means[j]
      means[j] += step / Double(answers[j])
      deviations[j] += step * (loss - means[j])
      guard let predicted, predicted[j].isFinite else { continue }
      squares[j] += (predicted[j] - loss) * (predicted[j] - loss)
      counts[j] += 1
    }
  }

  /// The mean over the objectives of RMSE / standard deviation of all answers; nil before the first prediction.
  var nrmse: Double? {
    let parts = squares.indices.compactMap { j -> Double? in
      guard counts[j] > 0, deviations[j] > 0 else { return nil }
      return (squares[j] / Double(counts[j]) / (deviations[j] / Double(answers[j]))).squareRoot()
    }
    return parts.isEmpty ? nil : parts.reduce(0, +) / Double(parts.count)
  }

  mutating func code(_ coder: inout StateCoder) throws {
    try coder.code(&squares)
    try coder.code(&counts)
    try coder.code(&means)
    try coder.code(&deviations)
    try coder.code(&answers)
  }
}
