extension MLPTrainer {
  private static let networkOptions = [
    TrainerOption(
      key: "hidden", defaultText: "auto",
      help: "widths of the hidden layers; auto: 100-100-100-20 up to 20 inputs and 20 outputs, "
        + "1000-1000-1000-1000-500 from 1000 inputs, else 256-256"),
    TrainerOption(
      key: "layernorm", defaultText: "auto",
      help: "true or false; auto: as the chosen network, false where hidden is given (256-256 has none)"),
    TrainerOption(
      key: "epochs", defaultText: "\(Settings().epochs)", help: "passes over the data of a warm-started fit"),
    TrainerOption(key: "cold_epochs", defaultText: "\(Settings().coldEpochs)", help: "passes of the first fit"),
    TrainerOption(key: "lr", defaultText: "\(Settings().learningRate)", help: "Adam's learning rate, at most 1"),
  ]

  static let maeDescription = TrainerDescription(
    id: Loss.mae.rawValue, summary: "network trained on values: mean absolute error", options: networkOptions)

  static let gradPIEDescription = TrainerDescription(
    id: Loss.gradPIE.rawValue,
    summary: "network trained on differences between near points, for its gradient (arXiv 2501.19161)",
    options: networkOptions + [
      TrainerOption(key: "k", defaultText: "\(Settings().k)", help: "nearest neighbours paired with each point")
    ])
}
