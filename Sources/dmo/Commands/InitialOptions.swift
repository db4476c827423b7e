import ArgumentParser
import DMOCore
import DMOSearch

/// Where a search begins.
struct InitialOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The initial design: lhs, slh, maximin, sobol, halton, glp, random, or dynamic (until enough points are feasible).",
      valueName: "id"))
  var initialMethod: String?
  @Option(help: ArgumentHelp("Feasible points that a dynamic initial design looks for; default 10.", valueName: "n"))
  var initialFeasible: Int?
  @Option(
    help: ArgumentHelp(
      "Points to begin with: a CSV table of parameters. Rows that also hold outputs are learnt from and not simulated again.",
      valueName: "file"))
  var initialFile: String?
  @Option(help: ArgumentHelp("Points to simulate first: a CSV table of parameters.", valueName: "file"))
  var points: String?

  func validate() throws {
    if let initialFeasible, initialFeasible < 1 {
      throw ValidationError("--initial-feasible \(initialFeasible): write a number above 0")
    }
    if initialFeasible != nil && initialMethod != "dynamic" {
      throw ValidationError("--initial-feasible belongs to --initial-method dynamic")
    }
  }

  /// The search's options with the design among them.
  func searchOptions(_ given: [String: String]) throws -> [String: String] {
    guard let initialMethod, initialMethod != "dynamic" else { return given }
    if given["design"] != nil || given["initial-method"] != nil || given["initial_method"] != nil {
      throw UserError("--initial-method and --search-set design name the design twice", hint: "leave one away")
    }
    return given.merging(["design": initialMethod]) { $1 }
  }

  /// Nil when the search begins by itself.
  func plan(_ spec: ProblemSpec, budget: Int) throws -> InitialPlan? {
    guard initialMethod == "dynamic" || initialFile != nil || points != nil else { return nil }
    var given = try initialFile.map { try InitialTable.read(path: $0, spec: spec) } ?? []
    given += try points.map { try InitialTable.points(path: $0, spec: spec) } ?? []
    guard initialMethod == "dynamic" else { return InitialPlan(given: given) }
    return InitialPlan(given: given, feasible: initialFeasible ?? 10, limit: max(1, budget / 2))
  }
}
