import DMONumerics

extension MLPTrainer {
  private static let defaults = Settings(loss: .mae)

  private static let networkOptions = [
    TrainerOption(
      key: "hidden", defaultText: "auto",
      help: "widths of the hidden layers; auto: 1000-1000-1000-1000-500 from 1000 inputs on, "
        + "else 256-256"),
    TrainerOption(
      key: "layernorm", defaultText: "auto",
      help: "true or false; auto: as the chosen network, false where hidden is given (256-256 has none)"),
    TrainerOption(
      key: "mode", defaultText: defaults.mode.rawValue,
      help: "online: a fit continues from the last one's weights; offline: each fit starts anew"),
    TrainerOption(
      key: "epochs", defaultText: "\(defaults.epochs)", help: "passes over the data of a warm-started fit"),
    TrainerOption(
      key: "cold_epochs", defaultText: "\(defaults.coldEpochs)", help: "passes of a fit that starts anew"),
    TrainerOption(key: "lr", defaultText: "\(defaults.learningRate)", help: "Adam's learning rate, at most 1"),
    TrainerOption(
      key: "decay", defaultText: "\(defaults.plan.decays)",
      help: "true: the learning rate falls to a hundredth along half a cosine within each fit"),
    TrainerOption(
      key: "batch", defaultText: "auto",
      help: "rows of a step; auto: all up to \(fullBatchLimit), else \(batchRows)"),
    TrainerOption(
      key: "sharpness", defaultText: "\(defaults.plan.regularisation.sharpness)",
      help: "radius in which weights are moved uphill before each step, such as 0.05: a flatter minimum, twice the time"),
    TrainerOption(
      key: "perturbation", defaultText: "\(defaults.plan.regularisation.perturbation)",
      help: "noise on the weights at each step, as a part of their root mean square, such as 0.01"),
    TrainerOption(
      key: "shrink", defaultText: "\(defaults.shrink)",
      help: "share of the last fit's weights that a continued fit starts from; the rest are fresh random ones "
        + "(shrink and perturb); 1: all"),
    .target,
  ]

  private static let metricOption = TrainerOption(
    key: "metric", defaultText: defaults.metric.rawValue,
    help: "how far points are from each other: "
      + NeighbourGraph.Metric.allCases.map(\.rawValue).joined(separator: ", "))
  private static let normOption = TrainerOption(
    key: "norm", defaultText: TrainingLoss.Norm.l1.rawValue, help: "of a difference: l1 (absolute) or l2 (squared)")

  static let maeDescription = TrainerDescription(
    id: "mae", summary: "network trained on values: mean absolute error", options: networkOptions)

  static let mseDescription = TrainerDescription(
    id: "mse", summary: "network trained on values: mean squared error", options: networkOptions)

  static let gradPIEDescription = TrainerDescription(
    id: "gradpie",
    summary: "network trained on differences between near points, for its gradient (arXiv 2501.19161)",
    options: networkOptions + [
      TrainerOption(key: "k", defaultText: "\(defaults.ks[0])", help: "nearest neighbours paired with each point"),
      metricOption, normOption,
    ])

  private static let combined: Settings = {
    var s = Settings(loss: TrainingLoss(value: .l1, difference: .l1, isWeighted: true))
    (s.strengths, s.ks) = ([0, 0.3, 1, 3], [3, 5, 10])
    return s
  }()

  static let combinedDescription = TrainerDescription(
    id: "gradpie+mae",
    summary: "network trained on values and near differences (weights 1/distance), their share by cross-validation",
    options: networkOptions + [
      TrainerOption(
        key: "strength", defaultText: "0,0.3,1,3",
        help: "candidates for the weight of the differences; 0 stands for values alone; one: no choice"),
      TrainerOption(
        key: "k", defaultText: "3,5,10", help: "candidates for the nearest neighbours paired with each point"),
      TrainerOption(key: "folds", defaultText: "\(defaults.folds)", help: "of the cross-validation, at least 2"),
      TrainerOption(
        key: "fold_epochs", defaultText: "\(defaults.foldEpochs)",
        help: "passes of each training of the cross-validation"),
      TrainerOption(
        key: "reselect", defaultText: "\(defaults.reselect)",
        help: "the choice is made anew when the rows have grown by this fraction"),
      TrainerOption(
        key: "threads", defaultText: "auto", help: "trainings side by side; auto: as many as there are processors"),
      metricOption, normOption,
    ])

  /// A trainer of one of the descriptions above. - Throws: `SurrogateError` (`badOption`).
  init(_ id: String, loss: TrainingLoss, options: TrainerOptions, setup: TrainerSetup) throws {
    var s = id == Self.combinedDescription.id ? Self.combined : Settings(loss: loss)
    s.hidden = try options.widths("hidden")
    s.layerNorm = try options.boolean("layernorm")
    s.mode = try options.choice("mode", Mode.self) ?? s.mode
    s.epochs = try options.integer("epochs", in: 0...1_000_000) ?? s.epochs
    s.coldEpochs = try options.integer("cold_epochs", in: 0...1_000_000) ?? s.coldEpochs
    s.learningRate = try options.positive("lr", atMost: 1) ?? s.learningRate
    s.plan.regularisation.sharpness = try options.number("sharpness", in: 0...10) ?? 0
    s.plan.regularisation.perturbation = try options.number("perturbation", in: 0...1) ?? 0
    s.shrink = try options.number("shrink", in: 0...1) ?? s.shrink
    s.plan.batch = try options.integer("batch", in: 1...1_000_000)
    s.plan.decays = try options.boolean("decay") ?? false
    s.metric = try options.choice("metric", NeighbourGraph.Metric.self) ?? s.metric
    if s.loss.difference != nil { s.loss.difference = try options.choice("norm", TrainingLoss.Norm.self) ?? .l1 }
    s.strengths = try options.numbers("strength", in: 0...1000) ?? s.strengths
    s.ks = try options.integers("k", in: 1...1000, isList: id == Self.combinedDescription.id) ?? s.ks
    s.folds = try options.integer("folds", in: 2...100) ?? s.folds
    s.foldEpochs = try options.integer("fold_epochs", in: 1...1_000_000) ?? s.foldEpochs
    s.reselect = try options.number("reselect", in: 0...100) ?? s.reselect
    s.threads = try options.integer("threads", in: 1...1024) ?? s.threads
    self.init(id, settings: s, target: try options.choice("target", TrainingTarget.self) ?? .auto, setup: setup)
  }
}
