/// All checks there are, in the order in which they are reported.
public enum Registry {
  public static let checks: [Check] =
    loadChecks + tableChecks + optionChecks + lifeChecks + pointChecks + purityChecks + mannerChecks + resourceChecks
    + extensionChecks + gradientChecks + referenceChecks + fuzzChecks

  public static func check(_ id: String) -> Check? { byID[id] }

  private static let byID = Dictionary(uniqueKeysWithValues: checks.map { ($0.id, $0) })

  /// docs/validate.md's list: what, why, how to fix.
  public static var markdown: String {
    var text = ""
    var family = ""
    let titles = [
      "load": "Loading", "meta": "Names", "spec": "Parameters and outputs", "options": "Options", "life": "Instances",
      "eval": "Evaluations", "batch": "Batches", "grad": "Gradients", "composite": "Composites",
      "fidelity": "Fidelities", "reference": "Reference points", "fuzz": "Fuzzing",
    ]
    for check in checks {
      let own = String(check.id.prefix { $0 != "." })
      if own != family {
        family = own
        text += "## \(titles[own] ?? own)\n\n"
      }
      text += "### `\(check.id)` (\(check.level.rawValue))\n\n\(check.summary)\n\n"
      text += "*Why:* \(check.why)\n\n*How to fix:* \(check.fix)\n\n"
    }
    return text
  }
}
