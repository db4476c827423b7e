/// One of the three problems of arXiv 2501.19161, with what the paper does not state, chosen once (docs/benchmarks.md).
public struct PaperTask: Sendable, Equatable {
  public let id: String
  public let title: String
  /// The plugin's name, and the problem's.
  public let plugin: String
  public let problem: String
  /// Plugin options that are the same for all seeds.
  public let options: [String: String]
  /// The plugin option that makes another instance for each seed; nil: seeds differ in the initial design alone.
  public let seedOption: String?
  /// Whether the objective is maximised.
  public let isMaximised: Bool
  /// What the objective is called on axes and in tables, with its unit.
  public let objective: String
  /// Whether the plugin offers its own gradient.
  public let hasGradient: Bool
  /// Options of every trainer that is a network: the architecture of the paper's Table 3, and the work of a fit.
  public let trainerOptions: [String: String]
  /// Options of the `gradient` search in the paper's rows.
  public let searchOptions: [String: String]
  /// Points of the initial design.
  public let initial: Int
  /// Free parameters, which dmo's defaults depend on.
  public let dimension: Int

  public static let all = [cnon, opamp, owms]

  public static func named(_ id: String) -> PaperTask? { all.first { $0.id == id } }

  static let cnon = PaperTask(
    id: "cnon", title: "CNON, n = 20", plugin: "oscillators", problem: "cnon", options: ["n": "20"],
    seedOption: "seed", isMaximised: false, objective: "mean |q(T) − target| (rad)", hasGradient: true,
    trainerOptions: ["hidden": "256-256"], searchOptions: ["step": "0.05", "sigma": "0.05"], initial: 20,
    dimension: 20)

  static let opamp = PaperTask(
    id: "opamp", title: "OpAmp, generic130", plugin: "opamp", problem: "opamp-fom", options: [:], seedOption: nil,
    isMaximised: true, objective: "figure of merit", hasGradient: false,
    trainerOptions: ["hidden": "100-100-100-20", "layernorm": "true"],
    searchOptions: ["step": "0.05", "sigma": "0.05"], initial: 20, dimension: 10)

  static let owms = PaperTask(
    id: "owms", title: "OWMS, 3600 phases", plugin: "wavefront", problem: "beam-splitter", options: [:],
    seedOption: nil, isMaximised: false, objective: "loss", hasGradient: true,
    // Over ten million weights (phases enter as points of a circle): an epoch over 220 rows takes 0.15 s of a core at best.
    // Two an iteration let ten seeds of two rows run in ten minutes of one.
    trainerOptions: ["cold_epochs": "20", "epochs": "2", "target": "objective"],
    searchOptions: ["step": "0.05", "sigma": "0.05"], initial: 20, dimension: 3600)
}
