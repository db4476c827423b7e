import DMOCore
import DMOSearch
import DMOStudy
import DMOSurrogates

/// Learns a surrogate from a study and asks it everything that a page shows.
public struct InsightMaker {
  /// Answers to learn from at most; more are thinned evenly.
  static let rowLimit = 2000
  /// Free coordinates at most: wider problems take minutes to learn.
  static let widthLimit = 200
  static let sliceLimit = 24
  static let slicePoints = 41
  static let contourParameters = 5
  static let contourPoints = 25
  /// Every so many-th answer is held out for the parity plot.
  static let holdOut = 5

  let digest: StudyDigest
  let space: SearchSpace
  let trainerOptions: [String]
  var goals: Goals { digest.description.goals }

  public init(_ digest: StudyDigest, trainerOptions: [String] = ["members=4"]) {
    self.digest = digest
    self.trainerOptions = trainerOptions
    let own = digest.description.spec.space
    var fixed: [Int: Double] = [:]
    for (label, value) in digest.description.fixed {
      if let i = own.coordinate(label) { fixed[i] = value }
    }
    space = SearchSpace(own, fixed: fixed)
  }

  /// - Returns: insights, with a `reason` when nothing can be learnt. - Throws: `StudyError`, `SurrogateError`.
  public func make(_ store: StudyStore) throws -> Insights {
    var insights = Insights(trainer: "joint", learnt: 0, of: digest.answers, heldOut: 0)
    insights.targets = targets
    guard !insights.targets.isEmpty else { return refused(insights, "the study has neither objectives nor bounds") }
    guard (1...Self.widthLimit).contains(space.dimension) else {
      return refused(
        insights, "a surrogate is learnt up to \(Self.widthLimit) free parameters, and this study has \(space.dimension)")
    }
    let stride = max(1, (digest.answers + Self.rowLimit - 1) / Self.rowLimit)
    var observations: [Observation] = []
    try store.forEachAnswer { row in
      guard let result = row.result, let answer = row.answer, answer <= digest.answers else { return }
      if (answer - 1) % stride == 0 { observations.append(Observation(x: row.request.x, result: result)) }
    }
    guard observations.filter({ $0.result.status == .ok }).count >= 10 else {
      return refused(insights, "fewer than ten evaluations gave an answer")
    }
    insights.learnt = observations.count
    try judge(observations, &insights)
    guard let surrogate = try learn(observations, "insights") else {
      return refused(insights, "the trainer gives no probability of being feasible")
    }
    sensitivities(surrogate, &insights)
    if let chosen = digest.chosen {
      insights.through = Int(chosen.id)
      let order = ranked(insights)
      insights.slices = order.prefix(Self.sliceLimit).map { slice($0, through: chosen.x, surrogate) }
      let numbers = order.filter { !isLabel($0) }.prefix(Self.contourParameters)
      for (k, a) in numbers.enumerated() {
        for b in numbers.dropFirst(k + 1) { insights.contours.append(contour(a, b, through: chosen.x, surrogate)) }
      }
    }
    return insights
  }

  private func refused(_ insights: Insights, _ reason: String) -> Insights {
    var insights = insights
    insights.reason = reason
    return insights
  }

  func learn(_ observations: [Observation], _ purpose: String) throws -> (any FeasibilitySurrogate)? {
    var trainer = try TrainerRegistry.make(
      id: "joint", options: trainerOptions,
      setup: TrainerSetup(seed: digest.description.seed.derived(purpose), featureGroups: space.featureGroups))
    return try trainer.fit(space.dataset(goals, observations)) as? any FeasibilitySurrogate
  }

  private func isLabel(_ i: Int) -> Bool {
    switch space.space.parameter(at: i).kind {
    case .categorical, .boolean: return true
    case .real, .integer: return false
    }
  }

  /// Coordinates in x, the most influential first.
  private func ranked(_ insights: Insights) -> [Int] {
    let overall = insights.sensitivity?.overall.values ?? []
    return space.free.indices.sorted { overall[$0] > overall[$1] }.map { space.free[$0] }
  }

  private func sensitivities(_ surrogate: any FeasibilitySurrogate, _ insights: inout Insights) {
    let analysis = SensitivityAnalysis(
      space: space, goals: goals, surrogate: surrogate, sizes: .init(gradients: 1024, base: 512),
      seed: digest.description.seed.derived("sensitivity"))
    func column(_ key: KeyPath<SensitivityAnalysis.Entry, Double>) -> Column {
      Column(analysis.entries.map { $0[keyPath: key] })
    }
    insights.sensitivity = Insights.Sensitivity(
      parameters: analysis.parameters, overall: Column(analysis.overall), slope: column(\.gradient),
      first: column(\.first), total: column(\.total), bound: column(\.bound))
  }

  // MARK: - Slices and contours

  private func slice(_ i: Int, through x: [Double], _ surrogate: any FeasibilitySurrogate) -> Insights.Slice {
    let p = space.space.parameter(at: i)
    let count = p.isDiscrete ? min(Self.slicePoints, Int(p.max - p.min) + 1) : Self.slicePoints
    let values = grid(i, max(count, 2))
    let points = values.map { value in
      var point = x
      point[i] = value
      return point
    }
    let prediction = predict(points, surrogate)
    return Insights.Slice(
      coordinate: i, at: Column(values), mean: prediction.mean.map { Column(single: $0) },
      low: prediction.low.map { Column(single: $0) }, high: prediction.high.map { Column(single: $0) },
      feasibility: Column(single: prediction.feasibility))
  }

  private func contour(
    _ a: Int, _ b: Int, through x: [Double], _ surrogate: any FeasibilitySurrogate
  ) -> Insights.Contour {
    let (across, up) = (grid(a, Self.contourPoints), grid(b, Self.contourPoints))
    let points = up.flatMap { v in
      across.map { u in
        var point = x
        (point[a], point[b]) = (u, v)
        return point
      }
    }
    let prediction = predict(points, surrogate)
    return Insights.Contour(
      a: a, b: b, x: Column(across), y: Column(up), mean: prediction.mean.map { Column(single: $0) },
      feasibility: Column(single: prediction.feasibility))
  }

  /// Values of a coordinate over its range, even as the parameter is walked.
  private func grid(_ i: Int, _ count: Int) -> [Double] {
    let p = space.space.parameter(at: i)
    return (0..<count).map { k in
      let z = Double(k) / Double(count - 1)
      // A periodic parameter's upper bound is its lower one.
      return p.isPeriodic && k == count - 1 ? p.max : space.space.decode(z, at: i)
    }
  }
}
