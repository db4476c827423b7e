import DMOCore
import DMONumerics

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Trains an ensemble of joint networks: objectives, constraint margins, the feasibility of each constraint and the
/// risk of no answer, from one trunk.
///
/// The loss is the sum of means over the known entries: Huber losses of the standardised objectives and margins, and
/// half the balanced cross-entropies of "c ≤ 0" and of "no answer". Rows without an answer teach the last head, and
/// whatever outputs they hold. Optimiser: AdamW (Loshchilov & Hutter 2019) with a cosine schedule, in shuffled
/// mini-batches.
///
/// Each member holds out another fold of the rows; its held-out loss decides when to stop, and the best weights are
/// restored. Folds are drawn from what the rows hold, so that a growing data set never moves a row into training that
/// judged before, and equal inputs stay together. Held-out logits of all members calibrate the probabilities (Platt).
///
/// A later fit starts from the last weights; once the rows have grown by half since the last cold start, from random
/// ones again, since warm starts lose plasticity (Ash & Adams 2020).
public struct JointTrainer: SurrogateTrainer {
  let settings: JointSettings
  public let target: TrainingTarget
  private let setup: TrainerSetup
  public private(set) var lastLoss = Double.nan
  /// Held-out loss of the last fit, mean over members; NaN where nothing was held out.
  public private(set) var heldOutLoss = Double.nan
  private var state: State?
  private var fits = 0

  /// What a warm start continues from.
  private struct State: Sendable {
    var architecture: JointArchitecture
    var columns: JointColumns
    var scaler: JointScaler
    var members: [[Float]]
    /// Rows of the last cold start.
    var coldRows: Int
    /// Of the classifying columns, as `JointSurrogate` has them.
    var calibration: [PlattScaling] = []
    var constant: [Double?] = []
    /// Of the regressions.
    var residualStates: [ResidualProcess.State] = []
    var residuals: [ResidualProcess] = []

    func surrogate(_ mode: JointMode) -> JointSurrogate {
      JointSurrogate(
        architecture: architecture, columns: columns, members: members, scaler: scaler, calibration: calibration,
        constant: constant, residuals: residuals, mode: mode)
    }

    var isTransformer: Bool {
      if case .ftt = architecture { return true }
      return false
    }
  }

  /// Folds at least, so that a member learns from nine tenths of the rows; more where there are more members.
  private static let fewestFolds = 10
  private static let growth = 1.5

  init(options: TrainerOptions, setup: TrainerSetup) throws {
    settings = try JointSettings(options)
    target = try settings.target(options.choice("target", TrainingTarget.self))
    self.setup = setup
  }

  public mutating func fit(_ data: Dataset) throws -> any Surrogate {
    let rows = JointSet.usable(data)
    let m = data.outputCount
    guard data.targets.contains(where: \.isFinite) || rows.contains(where: { data.answered[$0] != nil }) else {
      throw SurrogateError.nothing(of: data.count)
    }
    let columns = JointColumns(objectives: m - data.constraintCount, constraints: data.constraintCount)
    var scaler = JointScaler(data, rows: rows)
    scaler.learn(only: settings.mode.learnt(columns))
    let folds = max(Self.fewestFolds, settings.members)
    let set = JointSet(data, rows: rows, scaler: scaler, columns: columns, folds: folds)
    fits += 1
    var now = start(columns: columns, scaler: scaler, set: set, inputs: data.inputCount)
    let isCold = now.members.isEmpty
    if isCold { now.coldRows = set.rows }
    var losses: [(training: Double, heldOut: Double)] = []
    var runs: [JointRun] = []
    for member in 0..<settings.members {
      var weights =
        isCold ? now.architecture.initialParameters(seed: setup.seed.derived("weights", UInt64(member)))
        : now.members[member]
      var run = self.run(set, now.architecture, member)
      losses.append(run.train(&weights, epochs: isCold ? settings.coldEpochs : settings.epochs))
      runs.append(run)
      if isCold { now.members.append(weights) } else { now.members[member] = weights }
    }
    lastLoss = losses.reduce(0) { $0 + $1.training } / Double(losses.count)
    heldOutLoss = losses.reduce(0) { $0 + $1.heldOut } / Double(losses.count)
    calibrate(&now, set, runs)
    interpolate(&now, set, areMarginsRead: data.areMarginsRead)
    state = now
    return now.surrogate(settings.mode)
  }

  public func startsAnew(rows: Int) -> Bool {
    state.map { Double(rows) >= Self.growth * Double($0.coldRows) } ?? true
  }

  private func run(_ set: JointSet, _ architecture: JointArchitecture, _ member: Int) -> JointRun {
    JointRun(
      set, architecture: architecture, settings: settings, heldOut: member,
      seed: setup.seed.derived("batches", UInt64(fits) << 8 | UInt64(member)))
  }

  /// The last state brought to the new targets' scale; without members where a cold start is due.
  private func start(columns: JointColumns, scaler: JointScaler, set: JointSet, inputs: Int) -> State {
    if var old = state, old.columns == columns, old.architecture.inputs == inputs,
      Double(set.rows) < Self.growth * Double(old.coldRows)
    {
      for c in 0..<columns.regressions { rescale(&old, to: scaler, output: c) }
      old.scaler = scaler
      return old
    }
    var new = State(
      architecture: architecture(set, columns, inputs: inputs), columns: columns, scaler: scaler, members: [],
      coldRows: set.rows)
    if let old = state, old.columns == columns, old.architecture.inputs == inputs { new.residualStates = old.residualStates }
    return new
  }

  /// Interpolates what the networks leave over.
  private func interpolate(_ now: inout State, _ set: JointSet, areMarginsRead: Bool) {
    let learnt = settings.mode.learnt(now.columns)
    let networks = NetworkOutputs(
      set, now.architecture, now.members, learnt: Array(learnt), most: settings.residualRows)
    if now.residualStates.isEmpty { now.residualStates = Array(repeating: .init(), count: now.columns.regressions) }
    let read = areMarginsRead ? learnt : learnt.clamped(to: 0..<now.columns.objectives)
    now.residuals = read.compactMap { ResidualProcess.fit(&now.residualStates[$0], networks, column: $0) }
  }

  /// Changes the output layer so that output c means the same on the new scale. On an asinh scale it is
  /// left as it is, for training to bring along.
  private func rescale(_ old: inout State, to new: JointScaler, output c: Int) {
    let wasAffine = old.scaler.scale[c] > 0 && !old.scaler.limit[c].isFinite
    guard wasAffine, new.scale[c] > 0, !new.limit[c].isFinite else { return }
    let factor = old.scaler.scale[c] / new.scale[c]
    let addend = (old.scaler.centre[c] / 2 - new.centre[c] / 2) / (new.scale[c] / 2)
    guard factor < TargetScaler.limit, abs(addend) < TargetScaler.limit else { return }
    let head = old.architecture.head
    for i in old.members.indices {
      for layer in old.architecture.outputLayers {
        for j in 0..<layer.inputs { old.members[i][layer.weight + c * layer.inputs + j] *= Float(factor) }
      }
      old.members[i][head.bias + c] = Float(Double(old.members[i][head.bias + c]) * factor + addend)
    }
  }

  private func groups(inputs: Int) -> [Int] {
    setup.featureGroups.reduce(0, +) == inputs ? setup.featureGroups : Array(repeating: 1, count: inputs)
  }

  /// The chosen network; `auto` trains the first member of each kind and takes the one with the smaller held-out loss.
  private func architecture(_ set: JointSet, _ columns: JointColumns, inputs: Int) -> JointArchitecture {
    let groups = groups(inputs: inputs)
    func make(_ kind: JointKind) -> JointArchitecture {
      settings.architecture(kind, groups: groups, outputs: columns.count)
    }
    guard settings.kind == .auto else { return make(settings.kind) }
    let losses = [JointKind.mlp, .ftt].map { kind -> Double in
      let architecture = make(kind)
      var weights = architecture.initialParameters(seed: setup.seed.derived("weights", 0))
      var trial = run(set, architecture, 0)
      return trial.train(&weights, epochs: settings.coldEpochs).heldOut
    }
    return make(losses[1] < losses[0] ? .ftt : .mlp)
  }

  /// By the held-out logits of all members.
  private func calibrate(_ now: inout State, _ set: JointSet, _ runs: [JointRun]) {
    let columns = now.columns
    var logits = [[Double]](repeating: [], count: columns.classes)
    var labels = [[Bool]](repeating: [], count: columns.classes)
    for (run, weights) in zip(runs, now.members) {
      let outputs = run.heldOutOutputs(weights)
      for (i, row) in run.heldOut.enumerated() {
        for c in 0..<columns.classes {
          let at = columns.regressions + c
          let label = set.y.base[row * columns.count + at]
          if label.isNaN { continue }
          logits[c].append(Double(outputs[i * columns.count + at]))
          labels[c].append(label > 0.5)
        }
      }
    }
    (now.calibration, now.constant) = ([], [])
    for c in 0..<columns.classes {
      let (probability, offset) = base(set, class: c)
      now.constant.append(probability)
      now.calibration.append(PlattScaling(logits: logits[c], labels: labels[c], offset: offset))
    }
  }

  public var fitted: (any Surrogate)? { state?.surrogate(settings.mode) }

  /// A class's constant probability where there is nothing to tell it by (Laplace's rule), and else what undoes its
  /// weights.
  private func base(_ set: JointSet, class c: Int) -> (constant: Double?, offset: Double) {
    let (known, share) = set.share(Array(0..<set.rows), column: set.columns.regressions + c)
    let isCrash = c == set.columns.constraints
    // Nothing told of crashes: none is expected.
    guard known > 0 else { return (isCrash ? 0 : 0.5, 0) }
    let isLearnt = settings.mode != .objectives && share > 0 && share < 1
    guard isLearnt else { return ((share * Double(known) + 1) / Double(known + 2), 0) }
    let (yes, no) = JointRun.classWeights(share)
    return (nil, -log(yes / no))
  }

  public func saved() -> [UInt8] {
    var w = SnapshotWriter(kind: Self.snapshotKind)
    w.put(state == nil ? 0 : 1)
    guard let state else { return w.bytes }
    for n in [fits, state.architecture.inputs, state.columns.objectives, state.columns.constraints, state.coldRows] {
      w.put(n)
    }
    w.put(state.isTransformer ? 1 : 0)
    for part in [state.scaler.centre, state.scaler.scale, state.scaler.limit, [lastLoss, heldOutLoss]] { w.put(part) }
    w.put(state.calibration.flatMap { [$0.a, $0.b] } + state.constant.map { $0 ?? .nan })
    for member in state.members { w.put(member) }
    for residual in state.residualStates { residual.save(&w) }
    w.put(state.residuals.count)
    for residual in state.residuals { residual.save(&w) }
    return w.bytes
  }

  public mutating func restore(_ bytes: [UInt8]) throws {
    var r = try SnapshotReader(bytes, kind: Self.snapshotKind)
    if try r.integer() == 0 {
      try r.finish()
      (state, fits, lastLoss, heldOutLoss) = (nil, 0, .nan, .nan)
      return
    }
    let damaged = SurrogateError(.badSnapshot, "these bytes are of a 'joint' trainer with other options: train anew")
    let numbers = try (0..<6).map { _ in try r.integer() }
    let columns = JointColumns(objectives: numbers[2], constraints: numbers[3])
    guard numbers[1] > 0, numbers[2] >= 0, numbers[3] >= 0 else { throw damaged }
    let architecture = settings.architecture(
      numbers[5] == 1 ? .ftt : .mlp, groups: groups(inputs: numbers[1]), outputs: columns.count)
    let parts = try (0..<4).map { _ in try r.doubles() }
    let classes = try r.doubles()
    let members = try (0..<settings.members).map { _ in try r.floats() }
    let residualStates = try (0..<columns.regressions).map { _ in
      try ResidualProcess.State.saved(&r, inputs: numbers[1])
    }
    let residuals = try (0..<max(0, min(r.integer(), columns.regressions))).map { _ in
      try ResidualProcess.saved(&r, members: settings.members, inputs: numbers[1], outputs: columns.regressions)
    }
    try r.finish()
    guard parts[0..<3].allSatisfy({ $0.count == columns.regressions }), parts[3].count == 2,
      classes.count == 3 * columns.classes,
      members.allSatisfy({ $0.count == architecture.parameterCount })
    else { throw damaged }
    state = State(
      architecture: architecture, columns: columns,
      scaler: JointScaler(centre: parts[0], scale: parts[1], limit: parts[2]), members: members, coldRows: numbers[4],
      calibration: (0..<columns.classes).map { PlattScaling(a: classes[2 * $0], b: classes[2 * $0 + 1]) },
      constant: classes.suffix(columns.classes).map { $0.isNaN ? nil : $0 },
      residualStates: residualStates, residuals: residuals)
    (fits, lastLoss, heldOutLoss) = (numbers[0], parts[3][0], parts[3][1])
  }

  private static let snapshotKind = "joint/4"
}
