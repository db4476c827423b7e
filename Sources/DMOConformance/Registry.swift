/// All checks there are, in the order in which they are reported.
public enum Registry {
  public static let checks: [Check] =
    loadChecks + tableChecks + optionChecks + lifeChecks + pointChecks + purityChecks + mannerChecks + resourceChecks
    + extensionChecks + gradientChecks + referenceChecks + fuzzChecks

  public static func check(_ id: String) -> Check? { byID[id] }

  private static let byID = Dictionary(uniqueKeysWithValues: checks.map { ($0.id, $0) })

  /// docs/validate.md as a whole: what each check is, why, how to fix what it finds.
  public static var markdown: String {
    var text = introduction
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
    return text.dropLast() + ""
  }

  private static let introduction = """
    # What `dmo plugin validate` checks

    This file is written by `dmo plugin validate --list --markdown`; change the texts in
    `Sources/DMOConformance/Checks`.

    Each check runs in a process of its own with a deadline, so a plugin that crashes or hangs costs that check alone. It
    ends with one of:

    | outcome | means |
    |---|---|
    | pass | the rule is kept |
    | warn | allowed, but worth a look |
    | skip | does not apply, or needs a tool that is not installed; the reason is shown |
    | fail | the rule is broken; the point, the seed and a command that repeats the check alone are shown |
    | crash | the plugin ended the process |
    | timeout | the check did not come to an end |

    Before a problem's checks one instance is made and its mid point evaluated. When not even that works, the check it
    belongs to reports it and those that need it are skipped, so that one fault is reported once. A level holds the levels before
    it: quick takes seconds, standard half a minute for a plugin that answers in a millisecond, deep minutes. Checks that repeat
    themselves stop at their count or after 5 s (60 s in deep), and say how far they came.


    """
}
