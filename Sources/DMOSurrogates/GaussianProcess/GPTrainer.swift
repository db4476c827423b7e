import DMOCore
import DMONumerics

/// Fits an exact Gaussian process to each output: for small data, O(rows³) a fit.
///
/// Priors, bounds and standardisation are those of BoTorch's `SingleTaskGP` (see `GPPriors`), the correlation is
/// Matérn-5/2 with a lengthscale for each input. Hyperparameters are those of the highest posterior density that a
/// search finds from the prior's mode, later from the last ones, each time the rows have grown by `refit`; between, new
/// rows join the Cholesky factor at O(rows²) each. Rows where an output is not finite are left out for that output.
public struct GPTrainer: SurrogateTrainer {
  public private(set) var lastLoss = Double.nan
  public let target: TrainingTarget
  let settings: Settings
  private var outputs: [State] = []
  private var inputCount = 0

  struct Settings: Sendable, Equatable {
    var correlation = Correlation.matern52
    /// A lengthscale for each input; nil: up to `ardLimit` inputs.
    var ard: Bool?
    var refit = 0.05
    var rows = 2000

    static let ardLimit = 256
    func isIsotropic(_ inputs: Int) -> Bool { !(ard ?? (inputs <= Self.ardLimit)) }
  }

  /// What is kept of an output between fits.
  private struct State: Sendable {
    var hyperparameters: GPHyperparameters?
    /// Rows of the last search, and the negative log posterior for each row that it ended with.
    var searchedRows = 0
    var loss = 0.0
    var process: GaussianProcess?
    /// The one value that all answers of the last fit had; nil when they differed, and the process is the model.
    var constant: Double?
  }

  init(options: TrainerOptions) throws {
    var s = Settings()
    s.correlation = try options.choice("kernel", Correlation.self) ?? s.correlation
    s.ard = try options.boolean("ard")
    s.refit = try options.number("refit", in: 0...10) ?? s.refit
    s.rows = try options.integer("rows", in: 1...20_000) ?? s.rows
    settings = s
    target = try options.choice("target", TrainingTarget.self) ?? .auto
  }

  public mutating func fit(_ data: Dataset) throws -> any Surrogate {
    let m = data.outputCount
    guard (0..<data.count * m).contains(where: { data.targets[$0].isFinite }) else {
      throw SurrogateError.nothing(of: data.count)
    }
    if outputs.count != m || inputCount != data.inputCount {
      outputs = [State](repeating: State(), count: m)
      inputCount = data.inputCount
    }
    var models: [GPSurrogate.Output] = []
    for c in 0..<m {
      let rows = (0..<data.count).filter { data.targets[$0 * m + c].isFinite }.suffix(settings.rows)
      models.append(learn(output: c, data, rows: Array(rows)))
      outputs[c].constant = if case .constant(let value) = models[c] { value } else { nil }
    }
    let learnt = outputs.filter { $0.process != nil }
    lastLoss = learnt.isEmpty ? 0 : learnt.reduce(0) { $0 + $1.loss } / Double(learnt.count)
    return GPSurrogate(inputCount: inputCount, outputs: models)
  }

  private mutating func learn(output c: Int, _ data: Dataset, rows: [Int]) -> GPSurrogate.Output {
    let (n, m) = (data.inputCount, data.outputCount)
    let targets = rows.map { data.targets[$0 * m + c] }
    guard !targets.isEmpty else { return .constant(0) }
    let scale = GaussianProcess.Scale(targets)
    guard scale.deviation > 0 else { return .constant(scale.mean) }
    let inputs = rows.flatMap { data.inputs[$0 * n..<($0 + 1) * n] }
    var state = outputs[c]
    defer { outputs[c] = state }
    if let known = state.hyperparameters, Double(rows.count) < (1 + settings.refit) * Double(state.searchedRows) {
      if let grown = state.process.flatMap({ Self.extend($0, inputs: inputs, targets: targets) }) {
        state.process = grown
        return .process(grown)
      }
      if let same = GaussianProcess(inputs: inputs, targets: targets, hyperparameters: known) {
        state.process = same
        return .process(same)
      }
    }
    let likelihood = GPLikelihood(
      inputs: inputs, dimension: n, targets: targets.map { scale.standardised($0) },
      correlation: settings.correlation, isIsotropic: settings.isIsotropic(n))
    let start = state.hyperparameters ?? GPPriors.mode(dimension: n, correlation: settings.correlation)
    let found = likelihood.fit(from: start)
    var hyperparameters = found.hyperparameters
    var process = GaussianProcess(inputs: inputs, targets: targets, hyperparameters: hyperparameters)
    while process == nil {
      // The smallest noise makes any covariance definite but for rounding, which more of it covers.
      hyperparameters.noise *= 10
      process = GaussianProcess(inputs: inputs, targets: targets, hyperparameters: hyperparameters)
    }
    state = State(
      hyperparameters: hyperparameters, searchedRows: rows.count,
      loss: -found.logPosterior / Double(rows.count), process: process)
    return process.map { .process($0) } ?? .constant(scale.mean)
  }

  /// The process with the rows behind those it holds; nil where its rows are not the first of these.
  private static func extend(
    _ process: GaussianProcess, inputs: [Double], targets: [Double]
  ) -> GaussianProcess? {
    let known = process.inputs.count
    guard known <= inputs.count, inputs[..<known].elementsEqual(process.inputs) else { return nil }
    return process.appending(inputs: Array(inputs[known...]), targets: targets)
  }
}

extension GPTrainer {
  static let description = TrainerDescription(
    id: "gp", summary: "exact Gaussian process for small data, knows how sure it is (fits in O(rows³))",
    options: [
      TrainerOption(
        key: "kernel", defaultText: Settings().correlation.rawValue,
        help: "matern52 (twice differentiable) or rbf (infinitely smooth, the default of BoTorch)"),
      TrainerOption(
        key: "ard", defaultText: "auto",
        help: "a lengthscale for each input: true or false; auto: up to \(Settings.ardLimit) inputs"),
      TrainerOption(
        key: "refit", defaultText: "\(Settings().refit)",
        help: "hyperparameters are searched anew when the rows have grown by this fraction; 0: at every fit"),
      TrainerOption(
        key: "rows", defaultText: "\(Settings().rows)", help: "learns from the latest rows only, so many at most"),
      .target,
    ])

  public var fitted: (any Surrogate)? {
    let models = outputs.compactMap { state in
      state.constant.map { GPSurrogate.Output.constant($0) } ?? state.process.map { .process($0) }
    }
    return models.isEmpty || models.count < outputs.count ? nil : GPSurrogate(inputCount: inputCount, outputs: models)
  }

  public func saved() -> [UInt8] {
    var writer = SnapshotWriter(kind: Self.snapshotKind)
    writer.put(inputCount)
    writer.put(lastLoss)
    writer.put(outputs.count)
    for state in outputs {
      writer.put(state.searchedRows)
      writer.put(state.loss)
      writer.put(state.hyperparameters?.noise ?? .nan)
      writer.put(state.hyperparameters?.lengthscales ?? [])
      writer.put(state.constant ?? .nan)
      state.process.map { writer.put($0.parts) } ?? writer.put([Double]())
      writer.put(state.process?.factoredCount ?? 0)
    }
    return writer.bytes
  }

  private static let snapshotKind = "gp/2"

  public mutating func restore(_ bytes: [UInt8]) throws {
    var reader = try SnapshotReader(bytes, kind: Self.snapshotKind)
    let inputs = try reader.integer()
    let loss = try reader.double()
    let states = try (0..<max(0, reader.integer())).map { _ -> State in
      var state = State(searchedRows: try reader.integer(), loss: try reader.double())
      let noise = try reader.double()
      let lengths = try reader.doubles()
      if !noise.isNaN {
        state.hyperparameters = GPHyperparameters(
          correlation: settings.correlation, lengthscales: lengths, noise: noise)
      }
      let constant = try reader.double()
      state.constant = constant.isNaN ? nil : constant
      let (parts, factored) = (try reader.doubles(), try reader.integer())
      guard !parts.isEmpty else { return state }
      guard let hyperparameters = state.hyperparameters, lengths.count == inputs,
        let process = GaussianProcess(parts: parts, factored: factored, hyperparameters: hyperparameters)
      else { throw reader.damaged }
      state.process = process
      return state
    }
    try reader.finish()
    (inputCount, lastLoss, outputs) = (inputs, loss, states)
  }
}
