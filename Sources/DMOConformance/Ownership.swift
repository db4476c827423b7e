import DMOHost

extension PluginError {
  /// The id of the check that reports this error; nil for what the user must put right on the command line.
  var owner: String? {
    switch code {
    case .notFound, .notALibrary: return "load.resolves"
    case .loadFailed:
      if detail.contains("undefined symbol") { return "load.symbols-bound" }
      return detail.contains("answered NULL") ? "load.entry" : "load.resolves"
    case .missingEntry, .wrongMajor: return "load.entry"
    case .died: return "load.crash-in-constructor"
    case .timedOut: return "load.time"
    case .createFailed: return "options.defaults"
    case .badTable: return tableOwner
    default: return nil
    }
  }

  /// A table's rule belongs to the check of that table. The messages name their place: sizes first, then what they are
  /// about.
  private var tableOwner: String {
    if detail.contains("struct_size is") || detail.contains("the size of one element") { return "load.struct-sizes" }
    if detail.contains("UTF-8") || detail.contains("the id must be") || detail.contains("has this id")
      || detail.contains("have this id") || detail.contains("id is ") || detail.contains("id \"")
      || detail.contains("control characters") || detail.contains("have this key") || detail.contains("is not a word")
      || detail.contains("longer than")
    {
      return "meta.strings"
    }
    if detail.contains("parameter") { return "spec.params" }
    if detail.contains("output") { return "spec.outputs" }
    if detail.contains("option") { return "options.defaults" }
    if detail.contains("name ") || detail.contains("version ") { return "meta.strings" }
    return detail.contains("dmo.") ? "meta.extension-unknown" : "load.entry"
  }

  var outcome: Outcome {
    switch code {
    case .died: return .crash
    case .timedOut: return .timeout
    default: return .fail
    }
  }
}
