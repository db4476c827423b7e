import DMONumerics

/// What the joint network learns.
enum JointMode: String, Sendable, CaseIterable {
  case both = "c+o"
  case objectives = "o"
  case constraints = "c"

  /// Which regressions are learnt; the others are told as their mean.
  func learnt(_ columns: JointColumns) -> Range<Int> {
    switch self {
    case .both: 0..<columns.regressions
    case .objectives: 0..<columns.objectives
    case .constraints: columns.objectives..<columns.regressions
    }
  }
}

/// The networks there are; `auto` lets held-out loss decide.
enum JointKind: String, Sendable, CaseIterable { case mlp, ftt, auto }

/// The settings of the `joint` trainer.
struct JointSettings: Sendable, Equatable {
  var kind = JointKind.mlp
  var mode = JointMode.both
  var members = 3
  var width = 128
  var blocks = 2
  var tokenWidth = 32
  var heads = 4
  var epochs = 60
  var coldEpochs = 300
  var learningRate = 3e-3
  var decay = 1e-2
  var batch = 64
  var residualRows = 400

  init() {}

  init(_ options: TrainerOptions) throws {
    kind = try options.choice("arch", JointKind.self) ?? kind
    mode = try options.choice("mode", JointMode.self) ?? mode
    members = try options.integer("members", in: 1...32) ?? members
    width = try options.integer("width", in: 1...4096) ?? width
    blocks = try options.integer("blocks", in: 1...16) ?? blocks
    heads = try options.integer("heads", in: 1...32) ?? heads
    tokenWidth = try options.integer("token_width", in: 1...512) ?? tokenWidth
    epochs = try options.integer("epochs", in: 1...1_000_000) ?? epochs
    coldEpochs = try options.integer("cold_epochs", in: 1...1_000_000) ?? coldEpochs
    learningRate = try options.positive("lr", atMost: 1) ?? learningRate
    decay = try options.number("decay", in: 0...1) ?? decay
    batch = try options.integer("batch", in: 1...1024) ?? batch
    residualRows = try options.integer("residual_rows", in: 0...10_000) ?? residualRows
    if tokenWidth % heads != 0 {
      throw SurrogateError(
        .badOption, "trainer 'joint': token_width=\(tokenWidth) is not a multiple of heads=\(heads); change one")
    }
    if tokenWidth / heads > Kernels.maximumHead {
      throw SurrogateError(
        .badOption,
        "trainer 'joint': token_width=\(tokenWidth) leaves each of heads=\(heads) more than \(Kernels.maximumHead) numbers; "
          + "take more heads or a smaller width")
    }
  }

  /// Modes that leave something out mean losses and margins.
  func target(_ asked: TrainingTarget?) throws -> TrainingTarget {
    guard mode != .both else { return asked ?? .auto }
    if asked == .observed {
      throw SurrogateError(
        .badOption, "trainer 'joint': target=observed goes with mode=c+o; leave mode=\(mode.rawValue) out")
    }
    return .objective
  }

  /// - Parameter groups: inputs of each parameter, for the transformer's tokens.
  func architecture(_ kind: JointKind, groups: [Int], outputs: Int) -> JointArchitecture {
    switch kind {
    case .ftt:
      return .ftt(
        FTTShape(
          groups: groups, width: tokenWidth, blocks: blocks, heads: heads, hidden: 2 * tokenWidth, outputs: outputs))
    case .mlp, .auto:
      return .mlp(
        ResidualMLPShape(inputs: groups.reduce(0, +), width: width, blocks: blocks, outputs: outputs))
    }
  }

  private static let standard = JointSettings()

  static let description = TrainerDescription(
    id: "joint",
    summary: "one network for objectives, constraint margins, feasibility and the risk of no answer; an ensemble",
    options: [
      TrainerOption(
        key: "arch", defaultText: standard.kind.rawValue,
        help: "mlp: residual multilayer perceptron; ftt: FT-Transformer; auto: the one with the smaller held-out loss"),
      TrainerOption(
        key: "mode", defaultText: standard.mode.rawValue,
        help: "what is learnt: c+o (constraints and objectives), o (objectives alone) or c (constraints alone)"),
      .target,
      TrainerOption(
        key: "members", defaultText: "\(standard.members)",
        help: "networks of the ensemble, each with another part of the data held out"),
      TrainerOption(key: "width", defaultText: "\(standard.width)", help: "units of the residual network's layers"),
      TrainerOption(key: "blocks", defaultText: "\(standard.blocks)", help: "residual or transformer blocks"),
      TrainerOption(
        key: "token_width", defaultText: "\(standard.tokenWidth)", help: "numbers of a token of the transformer"),
      TrainerOption(key: "heads", defaultText: "\(standard.heads)", help: "attention heads of the transformer"),
      TrainerOption(
        key: "epochs", defaultText: "\(standard.epochs)", help: "most passes over the data of a warm-started fit"),
      TrainerOption(
        key: "cold_epochs", defaultText: "\(standard.coldEpochs)",
        help: "most passes over the data of a fit from random weights"),
      TrainerOption(
        key: "lr", defaultText: "\(standard.learningRate)",
        help: "Adam's first learning rate; it falls to a hundredth"),
      TrainerOption(key: "decay", defaultText: "\(standard.decay)", help: "decoupled weight decay"),
      TrainerOption(key: "batch", defaultText: "\(standard.batch)", help: "most rows of a mini-batch"),
      TrainerOption(
        key: "residual_rows", defaultText: "\(standard.residualRows)",
        help: "the newest rows, at most, between which Gaussian processes interpolate what the networks leave over; "
          + "fewer than \(ResidualProcess.fewest): none does"),
    ])
}
