import DMOCore
import DMONumerics

/// Trains a multilayer perceptron on values (`mae`) or on differences between near points (`gradpie`).
///
/// The losses are those of Momeni et al., arXiv 2501.19161, over rows i, outputs c and residuals r = g(x) − y in
/// standardised targets, each averaged over all terms that are not masked:
///
///     mae      (eq. 6)   |r_ic|
///     gradpie  (eq. 10)  |r_ic − r_kc|   for the K nearest neighbours k of i
///
/// As eq. 10 is the total variation of r on the neighbour graph, one forward and one backward pass over the rows serve
/// all pairs. It leaves each output's offset open (one for each connected part of the graph); after a fit the output
/// bias is set so that the mean residual is 0, which changes no gradient but makes `predict` meaningful.
///
/// Up to 2,000 rows an epoch is one full batch, one Adam step. Beyond, `mae` takes shuffled batches of 512 rows, and
/// `gradpie` shuffled batches of anchors: with their neighbours, each joined once, at least 512 rows. Each anchor
/// meets all its K pairs in an epoch, so that the batch gradient is unbiased.
///
/// Rows without any finite target are left out, single missing targets are masked. A later fit continues from the
/// weights and Adam's moments; where the targets' scaling has moved, the output layer is rescaled to compute the same.
public struct MLPTrainer: SurrogateTrainer {
  /// The loss to train with.
  public enum Loss: String, Sendable {
    case mae
    case gradPIE = "gradpie"
  }

  public let loss: Loss
  public private(set) var lastLoss = Double.nan
  let settings: Settings
  private let setup: TrainerSetup
  private var state: State?
  private var fits: UInt64 = 0

  /// Rows up to which an epoch is one step, and rows of a batch beyond.
  static let fullBatchLimit = 2000
  static let batchRows = 512

  struct Settings: Sendable, Equatable {
    var hidden: [Int]?
    var layerNorm: Bool?
    var epochs = 40
    var coldEpochs = 300
    var learningRate = 1e-3
    var k = 5

    func shape(inputs: Int, outputs: Int) -> MLPShape {
      let standard = MLPShape.standard(inputs: inputs, outputs: outputs)
      return MLPShape(
        inputs: inputs, hidden: hidden ?? standard.hidden, outputs: outputs,
        layerNorm: layerNorm ?? (hidden == nil && standard.layerNorm))
    }
  }

  /// What a warm start continues from.
  private struct State: Sendable {
    var network: MLP
    var adam: Adam
    var scaler: TargetScaler
    var neighbours: NeighbourGraph
  }

  init(_ loss: Loss, options: TrainerOptions, setup: TrainerSetup) throws {
    self.loss = loss
    self.setup = setup
    var s = Settings()
    s.hidden = try options.widths("hidden")
    s.layerNorm = try options.boolean("layernorm")
    s.epochs = try options.integer("epochs", in: 0...1_000_000) ?? s.epochs
    s.coldEpochs = try options.integer("cold_epochs", in: 0...1_000_000) ?? s.coldEpochs
    s.learningRate = try options.positive("lr", atMost: 1) ?? s.learningRate
    s.k = try options.integer("k", in: 1...1000) ?? s.k
    settings = s
  }

  public mutating func fit(_ data: Dataset) throws -> any Surrogate {
    let m = data.outputCount
    let rows = (0..<data.count).filter { r in (0..<m).contains { data.targets[r * m + $0].isFinite } }
    guard !rows.isEmpty else {
      throw SurrogateError.nothing(of: data.count)
    }
    let scaler = TargetScaler(data, rows: rows)
    let shape = settings.shape(inputs: data.inputCount, outputs: m)
    var now = resumed(shape: shape, scaler: scaler)
    // A first fit to constant outputs alone trains nothing: the next one is still cold.
    let isCold = now.adam.steps == 0
    let training = TrainingSet(data, rows: rows, scaler: scaler)
    if loss == .gradPIE { extend(&now.neighbours, data, rows: rows) }

    fits += 1
    var run = TrainingRun(
      loss: loss, data: training, neighbours: loss == .gradPIE ? now.neighbours : nil, shape: shape,
      seed: setup.seed.derived("batches", fits))
    lastLoss = run.train(&now.network, &now.adam, epochs: isCold ? settings.coldEpochs : settings.epochs)
    if loss == .gradPIE { run.centre(&now.network) }
    state = now
    return MLPSurrogate(network: now.network, scaler: scaler)
  }

  /// The last state, rescaled to the new targets, or a new one.
  private func resumed(shape: MLPShape, scaler: TargetScaler) -> State {
    guard var old = state, old.network.shape == shape else {
      return State(
        network: MLP(shape: shape, seed: setup.seed.derived("weights")),
        adam: Adam(count: shape.parameterCount, learningRate: settings.learningRate), scaler: scaler,
        neighbours: NeighbourGraph(dimension: shape.inputs, k: settings.k, periodic: setup.periodic))
    }
    for c in 0..<shape.outputs where old.scaler.scale[c] > 0 && scaler.scale[c] > 0 {
      let factor = old.scaler.scale[c] / scaler.scale[c]
      let addend = (old.scaler.mean[c] / 2 - scaler.mean[c] / 2) / (scaler.scale[c] / 2)
      // A spread that jumped by orders of magnitude: what was learnt is of no use on the new scale.
      guard factor < TargetScaler.limit, abs(addend) < TargetScaler.limit else { continue }
      old.network.transformOutput(c, factor: factor, addend: addend)
    }
    old.scaler = scaler
    return old
  }

  /// Adds the rows that the graph lacks; starts again where the earlier rows are not those it holds.
  private func extend(_ graph: inout NeighbourGraph, _ data: Dataset, rows: [Int]) {
    let n = data.inputCount
    func row(_ r: Int) -> ArraySlice<Double> { data.inputs[r * n..<(r + 1) * n] }
    let known = graph.count
    let same = known <= rows.count && (0..<known).allSatisfy {
      graph.points[$0 * n..<($0 + 1) * n] == row(rows[$0])
    }
    if !same { graph = NeighbourGraph(dimension: n, k: settings.k, periodic: setup.periodic) }
    for r in rows[graph.count...] { graph.append(row(r)) }
  }
}
