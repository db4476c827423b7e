import DMOCore
import DMONumerics

/// How much the differences between near points count beside the values, and how many neighbours make pairs.
///
/// Chosen by cross-validation over shuffled folds: for each held-out row and its five nearest rows of those trained on,
/// the near-pair error Σ |Δg − Δy| / Σ |Δy| in standardised targets, a stand-in for the error of the gradient. First K at
/// the middle strength, then the strength at that K. Differences are used only if they beat the values alone by more
/// than one standard error of the paired folds: on spread-out points, where no pair is near, they are left out.
struct PairChoice: Sendable, Equatable {
  var strength: Double
  var k: Int
  /// Rows when it was chosen; 0 for one that was given.
  var rows = 0

  /// Held-out points are compared with so many of their nearest neighbours.
  static let comparisons = 5

  /// One fold's rows, split.
  private struct Fold {
    var training: TrainingSet
    var graph: NeighbourGraph
    var held: TrainingSet
    /// For each held-out row its nearest rows of `training`; shape (held rows, comparisons or fewer).
    var nearest: [[Int]]
  }

  /// The best of the settings' strengths and K. - Complexity: folds · (strengths + K) trainings of `foldEpochs`.
  static func crossValidated(
    _ settings: MLPTrainer.Settings, data: TrainingSet, graph: NeighbourGraph, shape: MLPShape, current: PairChoice,
    seed: Seed
  ) throws -> PairChoice {
    // Shuffled by what the rows are, not by when they came, so that another order gives the same folds.
    let keys = (0..<data.rows).map { r in
      seed.derived("order", graph.points[r * graph.dimension..<(r + 1) * graph.dimension].fingerprint).value
    }
    let order = (0..<data.rows).sorted { (keys[$0], $0) < (keys[$1], $1) }
    // The trainings only read the set, whose buffers nobody writes after they were made.
    nonisolated(unsafe) let data = data
    func errors(_ candidates: [PairChoice]) throws -> [[Double]] {
      let flat = try Parallel.map(candidates.count * settings.folds, threads: settings.threads) { job in
        let (c, f) = (job / settings.folds, job % settings.folds)
        let fold = split(data, graph: graph, order: order, fold: f, of: settings.folds)
        return error(settings, candidates[c], fold, shape: shape, seed: seed.derived("fold", UInt64(f)))
      }
      return candidates.indices.map { Array(flat[$0 * settings.folds..<($0 + 1) * settings.folds]) }
    }
    func mean(_ v: [Double]) -> Double { v.reduce(0, +) / Double(v.count) }

    let positive = settings.strengths.filter { $0 > 0 }
    let middle = positive.isEmpty ? 0 : positive[positive.count / 2]
    var best = PairChoice(strength: middle, k: settings.ks[0], rows: data.rows)
    if settings.ks.count > 1 && middle > 0 {
      let scores = try errors(settings.ks.map { PairChoice(strength: middle, k: $0) }).map(mean)
      best.k = settings.ks[scores.indices.min { scores[$0] < scores[$1] } ?? 0]
    }
    let scores = try errors(settings.strengths.map { PairChoice(strength: $0, k: best.k) })
    let winner = scores.indices.min { mean(scores[$0]) < mean(scores[$1]) } ?? 0
    best.strength = settings.strengths[winner]
    if let plain = settings.strengths.firstIndex(of: 0), plain != winner {
      let gains = zip(scores[plain], scores[winner]).map { $0 - $1 }
      let variance = gains.reduce(0) { $0 + ($1 - mean(gains)) * ($1 - mean(gains)) } / Double(gains.count - 1)
      if !(mean(gains) > (variance / Double(gains.count)).squareRoot()) { best.strength = 0 }
    }
    return best
  }

  private static func split(
    _ data: TrainingSet, graph: NeighbourGraph, order: [Int], fold: Int, of folds: Int
  ) -> Fold {
    let held = order.indices.filter { $0 % folds == fold }.map { order[$0] }.sorted()
    let kept = order.indices.filter { $0 % folds != fold }.map { order[$0] }.sorted()
    let n = graph.dimension
    func point(_ r: Int) -> ArraySlice<Double> { graph.points[r * n..<(r + 1) * n] }
    var small = graph.emptied()
    for r in kept { small.append(point(r)) }
    let nearest = held.map { small.nearest(to: point($0), count: comparisons) }
    return Fold(training: data.subset(kept), graph: small, held: data.subset(held), nearest: nearest)
  }

  private static func error(
    _ settings: MLPTrainer.Settings, _ choice: PairChoice, _ fold: Fold, shape: MLPShape, seed: Seed
  ) -> Double {
    var loss = settings.loss
    loss.strength = choice.strength
    if choice.strength == 0 { loss.difference = nil }
    var network = MLP(shape: shape, seed: seed.derived("weights"))
    var adam = Adam(count: shape.parameterCount, learningRate: settings.learningRate)
    var run = TrainingRun(
      loss: loss, data: fold.training, neighbours: fold.graph, k: choice.k, shape: shape,
      plan: settings.plan, seed: seed.derived("batches"))
    _ = run.train(&network, &adam, epochs: settings.foldEpochs)
    let (inside, outside) = (outputs(network, fold.training), outputs(network, fold.held))
    let m = shape.outputs
    var (wrong, all) = (0.0, 0.0)
    for (i, neighbours) in fold.nearest.enumerated() {
      for k in neighbours {
        for c in 0..<m {
          let dy = Double(fold.held.y.base[i * m + c] - fold.training.y.base[k * m + c])
          guard dy.isFinite else { continue }
          wrong += abs(Double(outside[i * m + c] - inside[k * m + c]) - dy)
          all += abs(dy)
        }
      }
    }
    return all > 0 ? wrong / all : 0
  }

  private static func outputs(_ network: MLP, _ data: TrainingSet) -> [Float] {
    let pass = MLPPass(shape: network.shape, capacity: data.rows)
    pass.forward(network.parameters, rows: data.rows, x: data.x.base)
    return pass.output.array()
  }
}
