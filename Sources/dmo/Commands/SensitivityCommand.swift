import ArgumentParser
import DMOCore
import DMOSearch
import DMOStudy
import DMOSurrogates

/// `dmo sensitivity`: which parameters matter for which outputs, from a study alone. Needs no plugin.
struct SensitivityCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sensitivity", abstract: "Which parameters matter for which objectives and constraints.",
    discussion: """
      Learns a surrogate from the study's evaluations and reports, for every parameter and output: the root mean square
      of the output's slope over the parameter's whole range, in standard deviations of the output (by the surrogate's
      gradient); Sobol's first-order and total index S1 and ST; and the derivative-based bound on ST.

        dmo sensitivity opamp-spec-1.dmo
        dmo sensitivity opamp-spec-1.dmo --trainer joint --trainer-set arch=ftt --json
      """)

  @Argument(help: "The study's file.")
  var study: String
  @Option(help: ArgumentHelp("What learns: \(TrainerRegistry.all.map(\.id).joined(separator: ", ")).", valueName: "id"))
  var trainer = "joint"
  @Option(help: ArgumentHelp("A trainer's option.", valueName: "key=value"))
  var trainerSet: [String] = []
  @Option(help: "Points at which gradients are taken.")
  var points = 4096
  @Option(help: "Base points of the Sobol indices; each costs the number of parameters + 2 predictions.")
  var base = 1024
  @OptionGroup var words: ConsoleOptions

  func validate() throws {
    if points < 2 || base < 2 { throw ValidationError("--points and --base must be at least 2") }
  }

  func run() throws {
    let store = try StudyStore.open(path: study)
    let d = store.description
    let space = SearchAssembly.space(d)
    guard space.dimension > 0 else {
      throw UserError("\(study): every parameter is pinned, so that none can matter", hint: "pin fewer with --fix")
    }
    var observations: [Observation] = []
    try store.forEachRow { row in
      if let result = row.result { observations.append(Observation(x: row.request.x, result: result)) }
    }
    var learner = try TrainerRegistry.make(
      id: trainer, options: trainerSet,
      setup: TrainerSetup(seed: d.seed.derived("sensitivity"), featureGroups: space.featureGroups))
    let surrogate = try learner.fit(space.dataset(d.goals, observations))
    let analysis = SensitivityAnalysis(
      space: space, goals: d.goals, surrogate: surrogate, sizes: .init(gradients: points, base: base),
      seed: d.seed.derived("sensitivity"))
    Console.out(words.json ? json(analysis, count: observations.count).text : text(analysis, count: observations.count))
  }

  /// One table an output, the most influential parameter first.
  private func text(_ analysis: SensitivityAnalysis, count: Int) -> String {
    var parts = ["study \(study): \(count) evaluations, surrogate \(trainer)"]
    for (j, output) in analysis.outputs.enumerated() {
      let order = analysis.parameters.indices.sorted {
        rank(analysis.entry(parameter: $0, output: j)) > rank(analysis.entry(parameter: $1, output: j))
      }
      var rows = [["parameter", "slope", "S1", "ST", "bound on ST"]]
      for i in order {
        let e = analysis.entry(parameter: i, output: j)
        rows.append([analysis.parameters[i]] + [e.gradient, e.first, e.total, e.bound].map(Self.short))
      }
      parts.append("\(output)\n" + Text.table(rows))
    }
    return parts.joined(separator: "\n")
  }

  /// By total index; constant outputs, whose indices are undefined, keep the parameters' order.
  private func rank(_ e: SensitivityAnalysis.Entry) -> Double { e.total.isNaN ? 0 : e.total }

  private static func short(_ value: Double) -> String {
    value.isNaN ? "–" : Text.number((value * 1e4).rounded() / 1e4)
  }

  private func json(_ analysis: SensitivityAnalysis, count: Int) -> JSON {
    .object([
      ("type", .string("sensitivity")), ("study", .string(study)), ("evaluations", .integer(count)),
      ("trainer", .string(trainer)),
      (
        "outputs",
        .object(
          analysis.outputs.enumerated().map { j, output in
            (
              output,
              .object(
                analysis.parameters.enumerated().map { i, parameter in
                  let e = analysis.entry(parameter: i, output: j)
                  return (
                    parameter,
                    .object([
                      ("slope", .number(e.gradient)), ("s1", .number(e.first)), ("st", .number(e.total)),
                      ("bound", .number(e.bound)),
                    ])
                  )
                })
            )
          })
      ),
      ("overall", .object(zip(analysis.parameters, analysis.overall).map { ($0, .number($1)) })),
    ])
  }
}
