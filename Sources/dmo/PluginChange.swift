import DMOCore
import DMOStudy

/// How the plugin that would answer differs from the one that answered so far.
struct PluginChange {
  /// In words; empty: nothing differs.
  private(set) var words: [String] = []
  /// Why the study's evaluations mean nothing to the plugin of now, whatever the user accepts; nil: they do.
  private(set) var obstacle: String?
  /// Whether parameters or outputs are declared otherwise.
  let isOtherSpec: Bool

  /// - Throws: `StudyError` when the study cannot be read.
  init(from was: StudyDescription, to session: Session, store: StudyStore) throws {
    let now = session.spec
    isOtherSpec = now != was.spec
    if session.plugin.version != was.plugin.version {
      words.append("version \(was.plugin.version) became \(session.plugin.version)")
    }
    if session.reference.fingerprint != was.plugin.fingerprint { words.append("the file was rebuilt") }
    guard isOtherSpec else { return }
    compare(was.spec, now)
    obstacle = try obstacle(was, now, store)
  }

  private mutating func compare(_ was: ProblemSpec, _ now: ProblemSpec) {
    let before = was.space.labels + was.outputs.labels
    let after = now.space.labels + now.outputs.labels
    let gone = before.filter { !after.contains($0) }
    let new = after.filter { !before.contains($0) }
    let ranges = zip(was.space.parameters, now.space.parameters).filter { $0 != $1 && $0.id == $1.id }.map(\.0.id)
    let roles = zip(was.outputs.outputs, now.outputs.outputs).filter { $0 != $1 && $0.id == $1.id }.map(\.0.id)
    if !gone.isEmpty { words.append("gone: \(Self.list(gone))") }
    if !new.isEmpty { words.append("new: \(Self.list(new))") }
    if !ranges.isEmpty { words.append("the range or kind of \(Self.list(ranges)) changed") }
    if !roles.isEmpty { words.append("the role or bound of \(Self.list(roles)) changed") }
  }

  /// The first of some names: a problem may have thousands.
  private static func list(_ names: [String]) -> String {
    let shown = names.count <= 6 ? names.count : 5
    return names.prefix(shown).joined(separator: ", ") + (shown < names.count ? " and \(names.count - shown) more" : "")
  }

  private func obstacle(_ was: StudyDescription, _ now: ProblemSpec, _ store: StudyStore) throws -> String? {
    guard was.spec.space.labels == now.space.labels, was.spec.outputs.labels == now.outputs.labels else {
      return "its parameters or outputs are others"
    }
    for (a, b) in zip(was.spec.space.parameters, now.space.parameters) where a.kind != b.kind {
      return "\(a.id) is of another kind"
    }
    if was.goals != Goals(was.spec.outputs) { return "the study has goals of its own" }
    var outside = 0
    var first: String?
    try store.forEachRow { row in
      let objections = row.request.x.indices.lazy.compactMap { now.space.objection(to: row.request.x[$0], at: $0) }
      guard let objection = objections.first else { return }
      outside += 1
      first = first ?? "evaluation \(row.request.id): \(objection)"
    }
    return first.map { "\(outside) of its points could not be asked for now (\($0))" }
  }
}
