import DMOCore
import DMOStudy
import Foundation

extension PageStudy {
  /// - Parameters:
  ///   - answer: of the thinned rows, only those with a larger number of the answer.
  ///   - baselines: designs that the plugin's author names, by what they are called.
  init(
    _ digest: StudyDigest, after answer: Int = 0, insights: Insights? = nil, pictures: Pictures? = nil,
    baselines: [Baseline] = []
  ) {
    let d = digest.description
    let columns = digest.sample.columns
    let place = Dictionary(uniqueKeysWithValues: columns.y.enumerated().map { ($1, $0) })
    (name, path, problem) = (Self.name(of: digest.path), digest.path, d.problem)
    plugin = "\(d.plugin.name) \(d.plugin.version)"
    state = digest.state
    settings = Self.settings(d)
    (budget, total, feasible) = (d.budget, digest.incumbents.total, digest.incumbents.feasibleCount)
    counts = digest.incumbents.counts.sorted { $0.key.rawValue < $1.key.rawValue }.map { ["\($0.key)", "\($0.value)"] }
    parameters = Self.parameters(digest, columns)
    let labels = d.spec.outputs.labels
    let units = d.spec.outputs.outputs.flatMap { o in Array(repeating: o.unit, count: o.width) }
    outputs = columns.y.map { Output(label: labels[$0], unit: units[$0] == "1" ? "" : units[$0]) }
    objectives = d.goals.objectives.compactMap { o in
      place[o.index].map { Objective(output: $0, maximize: o.maximize) }
    }
    constraints = d.goals.constraints.compactMap { c in
      place[c.index].map { Constraint(output: $0, lower: c.lower, upper: c.upper, scale: c.scale) }
    }
    omitted = columns.omitted
    own = RowSample.own
    rows = Rows(
      stride: digest.sample.stride, columns: digest.sample.encoded(after: answer), texts: digest.sample.texts)
    let front = Self.shown(digest.incumbents.front)
    self.front = Column(front.map { Double($0.id) })
    frontTotal = digest.incumbents.front.count
    kept = Self.kept(digest, front, width: columns.width)
    best = digest.incumbents.best?.id
    chosen = digest.chosen?.id
    nearest = digest.incumbents.nearest.map { Nearest(id: $0.point.id, violation: $0.violation) }
    self.baselines = baselines + Self.first(digest, columns)
    bins = Bins(digest.bins)
    improvements = Self.improvements(digest)
    hypervolume = Self.volume(digest)
    times = Times(digest.times)
    (cost, wall) = (digest.cost, digest.wall)
    elapsed = digest.first.flatMap { first in digest.last.map { max($0 - first, 0) } } ?? 0
    telemetry = Telemetry(digest.telemetry)
    failures = digest.incumbents.failures.sorted.map {
      Failure(
        status: $0.status.description, message: $0.message, count: $0.count, first: $0.first,
        command: "dmo repeat \(Words.shell(digest.path)) \($0.first)")
    }
    health = HealthReport(digest: digest).checks(insights)
    (self.insights, self.pictures) = (insights, pictures)
  }

  static func name(of path: String) -> String {
    let last = path.split(separator: "/").last.map(String.init) ?? path
    return last.hasSuffix(".dmo") ? String(last.dropLast(4)) : last
  }

  private static func settings(_ d: StudyDescription) -> [[String]] {
    func list(_ options: [String: String]) -> String {
      options.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
    }
    var rows = [
      ["problem", "\(d.problem) of \(d.plugin.name) \(d.plugin.version)"], ["plugin", d.plugin.path],
      ["search", ([d.search, list(d.searchOptions)]).filter { !$0.isEmpty }.joined(separator: " ")],
    ]
    if let trainer = d.trainer {
      rows.append(["trainer", [trainer, list(d.trainerOptions)].filter { !$0.isEmpty }.joined(separator: " ")])
    }
    if !d.options.isEmpty { rows.append(["options", list(d.options)]) }
    if !d.fixed.isEmpty { rows.append(["pinned", list(d.fixed.mapValues(Words.number))]) }
    return rows + [
      ["seed", "\(d.seed.value)"], ["workers", "\(d.jobs)"], ["made", "\(d.created) by dmo \(d.dmoVersion)"],
      ["command", d.command.map(Words.shell).joined(separator: " ")],
    ]
  }

  private static func parameters(_ digest: StudyDigest, _ columns: TableColumns) -> [Parameter] {
    let space = digest.description.spec.space
    let labels = space.labels
    let free = Set(digest.free)
    return columns.x.map { i in
      let p = space.parameter(at: i)
      var choices: [String]?
      if case .categorical(let names) = p.kind { choices = names }
      return Parameter(
        label: labels[i], unit: p.unit == "1" ? "" : p.unit, index: i, min: p.min, max: p.max, isLog: p.scale == .log,
        isFree: free.contains(i), choices: choices)
    }
  }

  /// The front by ascending first loss, evenly thinned when a page cannot hold it.
  private static func shown(_ front: [Incumbents.Point]) -> [Incumbents.Point] {
    let limit = 2000
    let sorted = front.sorted { $0.losses.lexicographicallyPrecedes($1.losses) }
    guard sorted.count > limit else { return sorted }
    return (0..<limit).map { sorted[$0 * (sorted.count - 1) / (limit - 1)] }
  }

  private static func kept(_ digest: StudyDigest, _ front: [Incumbents.Point], width: Int) -> [Column] {
    var ids = Set(front.map(\.id))
    for id in [digest.incumbents.nearest?.point.id, digest.start?.result.id, digest.chosen?.id] {
      if let id { ids.insert(id) }
    }
    let rows = ids.sorted().compactMap { digest.kept[$0] }
    return (0..<width).map { k in Column(rows.map { $0[k] }) }
  }

  private static func first(_ digest: StudyDigest, _ columns: TableColumns) -> [Baseline] {
    guard let start = digest.start else { return [] }
    return [
      Baseline(
        name: "first answer (evaluation \(start.result.id))",
        values: columns.y.map { start.result.y[$0].isNaN ? nil : start.result.y[$0] })
    ]
  }

  /// Every improvement of the only objective, in the output's unit.
  private static func improvements(_ digest: StudyDigest) -> Series {
    let goals = digest.description.goals
    let entries = goals.objectives.count == 1 ? digest.history.entries : []
    let sign = goals.objectives.first?.maximize == true ? -1.0 : 1
    return Series(
      answers: Column(entries.map { Double($0.answer) }), costs: Column(entries.map(\.cost)),
      values: Column(entries.map { sign * $0.losses[0] }), ids: Column(entries.map { Double($0.id) }))
  }

  private static func volume(_ digest: StudyDigest) -> Series? {
    let objectives = digest.description.goals.objectives
    guard objectives.count > 1, !digest.incumbents.front.isEmpty else { return nil }
    let reference = FrontHistory.reference(digest.incumbents.front.map(\.losses))
    let volumes = digest.history.volumes(reference: reference)
    return Series(
      answers: Column(volumes.answers), costs: Column(volumes.costs), values: Column(volumes.values),
      reference: zip(reference, objectives).map { $1.maximize ? -$0 : $0 })
  }
}

extension PageStudy.Bins {
  init(_ bins: AnswerBins) {
    func column(_ number: (AnswerBins.Bin) -> Int) -> Column { Column(bins.bins.map { Double(number($0)) }) }
    width = bins.width
    feasible = column { $0.classes[0] }
    infeasible = column { $0.classes[1] }
    failed = column { $0.classes[2] }
    violation = Column(bins.bins.map { $0.measured > 0 ? $0.violation / Double($0.measured) : .nan })
    let constraints = bins.bins.first?.violated.count ?? 0
    violated = (0..<constraints).map { k in column { $0.violated[k] } }
    known = (0..<constraints).map { k in column { $0.known[k] } }
  }
}

extension PageStudy.Times {
  init(_ times: TimeHistogram) {
    let used = times.used
    func column(_ kind: PointClass) -> Column { Column(used.map { Double(times.counts[$0][kind.rawValue]) }) }
    edges = Column(used.isEmpty ? [] : (used.lowerBound...used.upperBound).map(TimeHistogram.edge))
    (feasible, infeasible, failed) = (column(.feasible), column(.infeasible), column(.failed))
  }
}

extension PageStudy.Telemetry {
  init(_ sample: TelemetrySample) {
    stride = sample.stride
    names = sample.names
    after = Column(sample.rows.map { Double($0.after) })
    values = sample.names.map { name in Column(sample.rows.map { $0.telemetry[name] ?? .nan }) }
  }
}
