import DMOCore
import DMONumerics

/// Trains a multilayer perceptron on values, on differences between near points, or on both; see `TrainingLoss`.
///
/// As the difference loss is the total variation of the residual on the neighbour graph, one forward and one backward
/// pass over the rows serve all pairs. Alone it leaves each output's offset open (one for each connected part of the
/// graph); after a fit the output bias is set so that the mean residual is 0, which changes no gradient but makes
/// `predict` meaningful.
///
/// Up to 2,000 rows (or `batch`) an epoch is one full batch, one Adam step. Beyond, value losses take shuffled
/// batches of 512 rows (or `batch`), and difference losses batches of anchors in shuffled clumps of neighbours: with
/// their neighbours, each joined once, at least as many rows. Each anchor meets all its K pairs once in an epoch.
///
/// Rows without any finite target are left out, single missing targets are masked. A later fit continues from the
/// weights and Adam's moments (`mode=online`); where the targets' scaling has moved, the output layer is rescaled to
/// compute the same. With `mode=offline` each fit starts anew (Algorithm A1 of arXiv 2501.19161).
///
/// Where several strengths or K are allowed, cross-validation chooses among them: see `PairChoice`.
public struct MLPTrainer: SurrogateTrainer {
  public let id: String
  public private(set) var lastLoss = Double.nan
  public let target: TrainingTarget
  let settings: Settings
  let setup: TrainerSetup
  private var state: State?
  private var fits: UInt64 = 0
  /// What the last fit used of strength and K, and the rows that were there when they were chosen.
  private(set) var choice: PairChoice

  /// Rows up to which an epoch is one step, and rows of a batch beyond.
  static let fullBatchLimit = 2000
  static let batchRows = 512

  /// Whether a fit goes on from the last one.
  enum Mode: String, Sendable, CaseIterable { case online, offline }

  struct Settings: Sendable, Equatable {
    var loss: TrainingLoss
    var hidden: [Int]?
    var layerNorm: Bool?
    var mode = Mode.online
    var epochs = 40
    var coldEpochs = 300
    var learningRate = 1e-3
    var metric = NeighbourGraph.Metric.euclidean
    /// Candidates; with one of each nothing is chosen.
    var strengths = [1.0]
    var ks = [5]
    var folds = 5
    var foldEpochs = 100
    /// The choice is made anew when the rows have grown by this fraction.
    var reselect = 0.5
    var threads = Parallel.processors
    /// λ of a warm start: θ ← λ θ + (1 − λ) θ', θ' fresh initial weights (shrink and perturb).
    var shrink = 1.0
    var plan = TrainingRun.Plan()

    func shape(inputs: Int, outputs: Int) -> MLPShape {
      let standard = MLPShape.standard(inputs: inputs, outputs: outputs)
      return MLPShape(
        inputs: inputs, hidden: hidden ?? standard.hidden, outputs: outputs,
        layerNorm: layerNorm ?? (hidden == nil && standard.layerNorm))
    }
  }

  /// What a warm start continues from.
  struct State: Sendable {
    var network: MLP
    var adam: Adam
    var scaler: TargetScaler
    var neighbours: NeighbourGraph
  }

  init(_ id: String, settings: Settings, target: TrainingTarget, setup: TrainerSetup) {
    self.id = id
    self.settings = settings
    self.target = target
    self.setup = setup
    choice = PairChoice(strength: settings.strengths[0], k: settings.ks[0])
  }

  public mutating func fit(_ data: Dataset) throws -> any Surrogate {
    let m = data.outputCount
    let rows = (0..<data.count).filter { r in (0..<m).contains { data.targets[r * m + $0].isFinite } }
    guard !rows.isEmpty else { throw SurrogateError.nothing(of: data.count) }
    let scaler = TargetScaler(data, rows: rows)
    let shape = settings.shape(inputs: data.inputCount, outputs: m)
    if settings.mode == .offline { state = nil }
    var now = resumed(shape: shape, scaler: scaler)
    // A first fit to constant outputs alone trains nothing: the next one is still cold.
    let isCold = now.adam.steps == 0
    let training = TrainingSet(data, rows: rows, scaler: scaler)
    let hasPairs = settings.loss.difference != nil
    if hasPairs { extend(&now.neighbours, data, rows: rows) }
    fits += 1
    if hasPairs && isChoiceDue(rows.count) {
      choice = try PairChoice.crossValidated(
        settings, data: training, graph: now.neighbours, shape: shape, current: choice,
        seed: setup.seed.derived("folds", fits))
    }
    var loss = settings.loss
    loss.strength = choice.strength
    if choice.strength == 0 && loss.value != nil { loss.difference = nil }
    var run = TrainingRun(
      loss: loss, data: training, neighbours: now.neighbours, k: choice.k, shape: shape,
      plan: settings.plan, seed: setup.seed.derived("batches", fits))
    lastLoss = run.train(&now.network, &now.adam, epochs: isCold ? settings.coldEpochs : settings.epochs)
    if settings.loss.value == nil { run.centre(&now.network) }
    state = now
    return MLPSurrogate(network: now.network, scaler: scaler)
  }

  private func isChoiceDue(_ rows: Int) -> Bool {
    let candidates = settings.strengths.count * settings.ks.count
    // Fewer rows than this leave folds of which nothing can be told.
    guard candidates > 1, rows >= 4 * settings.folds else { return false }
    return Double(rows) >= (1 + settings.reselect) * Double(choice.rows) || choice.rows == 0
  }

  /// The last state, rescaled to the new targets, or a new one.
  private func resumed(shape: MLPShape, scaler: TargetScaler) -> State {
    guard var old = state, old.network.shape == shape else {
      return State(
        network: MLP(shape: shape, seed: setup.seed.derived("weights")),
        adam: Adam(count: shape.parameterCount, learningRate: settings.learningRate), scaler: scaler,
        neighbours: emptyGraph(shape.inputs))
    }
    for c in 0..<shape.outputs where old.scaler.scale[c] > 0 && scaler.scale[c] > 0 {
      let factor = old.scaler.scale[c] / scaler.scale[c]
      let addend = (old.scaler.mean[c] / 2 - scaler.mean[c] / 2) / (scaler.scale[c] / 2)
      // A spread that jumped by orders of magnitude: what was learnt is of no use on the new scale.
      guard factor < TargetScaler.limit, abs(addend) < TargetScaler.limit else { continue }
      old.network.transformOutput(c, factor: factor, addend: addend)
    }
    old.scaler = scaler
    if settings.shrink < 1 {
      let fresh = MLP(shape: shape, seed: setup.seed.derived("perturbation", fits)).parameters
      let (kept, new) = (Float(settings.shrink), Float(1 - settings.shrink))
      for i in fresh.indices { old.network.parameters[i] = kept * old.network.parameters[i] + new * fresh[i] }
    }
    return old
  }

  func emptyGraph(_ inputs: Int) -> NeighbourGraph {
    NeighbourGraph(dimension: inputs, k: settings.ks.max() ?? 0, periodic: setup.periodic, metric: settings.metric)
  }

  /// Adds the rows that the graph lacks; starts again where the earlier rows are not those it holds.
  private func extend(_ graph: inout NeighbourGraph, _ data: Dataset, rows: [Int]) {
    let n = data.inputCount
    func row(_ r: Int) -> ArraySlice<Double> { data.inputs[r * n..<(r + 1) * n] }
    let known = graph.count
    let same = known <= rows.count && (0..<known).allSatisfy {
      graph.points[$0 * n..<($0 + 1) * n] == row(rows[$0])
    }
    if !same { graph = emptyGraph(n) }
    for r in rows[graph.count...] { graph.append(row(r)) }
  }
}

extension MLPTrainer {
  private static let snapshotKind = "network/1"

  public var fitted: (any Surrogate)? { state.map { MLPSurrogate(network: $0.network, scaler: $0.scaler) } }

  public func saved() -> [UInt8] {
    var writer = SnapshotWriter(kind: Self.snapshotKind)
    writer.put(Int(fits))
    writer.put(lastLoss)
    writer.put(choice.strength)
    writer.put(choice.k)
    writer.put(choice.rows)
    guard let state else { return writer.bytes }
    let shape = state.network.shape
    writer.put(([shape.inputs, shape.outputs, shape.layerNorm ? 1 : 0] + shape.hidden).map(Double.init))
    writer.put(state.network.parameters)
    writer.put(state.adam.steps)
    writer.put(state.adam.first)
    writer.put(state.adam.second)
    writer.put(state.scaler.mean)
    writer.put(state.scaler.scale)
    return writer.bytes
  }

  /// The neighbour graph is not kept: the next fit makes the same one from its rows.
  public mutating func restore(_ bytes: [UInt8]) throws {
    var reader = try SnapshotReader(bytes, kind: Self.snapshotKind)
    let fits = try reader.word()
    let loss = try reader.double()
    let choice = PairChoice(strength: try reader.double(), k: try reader.integer(), rows: try reader.integer())
    var next: State?
    if !reader.isAtEnd {
      let sizes = try reader.doubles().map { Int($0) }
      guard sizes.count > 3, sizes.allSatisfy({ $0 >= 0 && $0 <= 1 << 24 }), !sizes[3...].contains(0),
        sizes[0] > 0, sizes[1] > 0
      else { throw reader.damaged }
      let shape = MLPShape(
        inputs: sizes[0], hidden: Array(sizes[3...]), outputs: sizes[1], layerNorm: sizes[2] == 1)
      let parameters = try reader.floats()
      let (steps, first, second) = (try reader.integer(), try reader.floats(), try reader.floats())
      let scaler = TargetScaler(mean: try reader.doubles(), scale: try reader.doubles())
      guard [parameters.count, first.count, second.count].allSatisfy({ $0 == shape.parameterCount }), steps >= 0,
        scaler.mean.count == shape.outputs, scaler.scale.count == shape.outputs
      else { throw reader.damaged }
      var adam = Adam(count: shape.parameterCount, learningRate: settings.learningRate)
      adam.resume(steps: steps, first: first, second: second)
      next = State(
        network: MLP(shape: shape, parameters: parameters), adam: adam, scaler: scaler,
        neighbours: emptyGraph(shape.inputs))
    }
    try reader.finish()
    (self.fits, lastLoss, self.choice, state) = (fits, loss, choice, next)
  }
}
