import DMOCore
import DMONumerics
import DMOStudy

/// Studies of one problem, grouped by how they searched, seed against seed.
public struct Comparison: Encodable, Sendable {
  public struct Final: Encodable, Sendable {
    public var study: String
    public var seed: UInt64
    /// Nil: nothing feasible was found.
    public var value: Double?
  }
  public struct Curve: Encodable, Sendable {
    var answers, median, lower, upper: Column
  }
  public struct Group: Encodable, Sendable {
    public var name: String
    public var seeds: Int
    /// Over the seeds, of the last value; infinite where so many seeds found nothing feasible.
    public var median, lower, upper, best, worst: Double
    public var finals: [Final]
    var curve: Curve
  }
  public struct Test: Encodable, Sendable {
    public var pair: String
    /// Seeds that both sides have.
    public var pairs: Int
    /// Median of first − second, in the measure's unit.
    public var difference: Double
    /// Seeds where the first is better, worse, equal.
    public var wins, losses, ties: Int
    /// Two-sided p-values; nil where there is nothing to test.
    public var wilcoxon, sign: Double?
  }
  public var title: String
  /// What is compared, with its unit and direction.
  public var measure: String
  public var isMaximized: Bool
  public var groups: [Group]
  public var tests: [Test]
  /// What limits the comparison, in words.
  public var warnings: [String]

  /// Fewer seeds a side tell next to nothing.
  public static let fewestSeeds = 5
  private static let curvePoints = 80

  /// - Throws: `StudyError.badRequest` when the studies are of different problems or goals.
  public init(_ digests: [StudyDigest]) throws {
    guard let first = digests.first else { preconditionFailure("no studies to compare") }
    for other in digests.dropFirst() { try Self.check(first, other) }
    let goals = first.description.goals
    let measure = ComparisonMeasure(digests, goals)
    let end = digests.map(\.answers).max() ?? 0
    var names: [String] = []
    for digest in digests where !names.contains(Self.name(digest)) { names.append(Self.name(digest)) }
    let sides = names.map { name in digests.filter { Self.name($0) == name } }
    isMaximized = measure.isMaximized
    self.measure = measure.name
    title = "\(first.description.problem): \(digests.count) studies, \(names.count) way\(names.count == 1 ? "" : "s") to search"
    let sign = measure.isMaximized ? -1.0 : 1
    let ticks = (1...Self.curvePoints).map { max(1, $0 * end / Self.curvePoints) }
    groups = zip(names, sides).map { name, side in
      let losses = side.map { measure.loss($0, after: $0.answers) }
      let curves = ticks.map { tick in side.map { measure.loss($0, after: tick) } }
      func at(_ p: Double) -> Column { Column(curves.map { sign * Statistics.quantile($0, p) }) }
      return Group(
        name: name, seeds: Set(side.map(\.description.seed.value)).count, median: sign * Statistics.quantile(losses, 0.5),
        lower: sign * Statistics.quantile(losses, 0.25), upper: sign * Statistics.quantile(losses, 0.75),
        best: sign * (losses.min() ?? .nan), worst: sign * (losses.max() ?? .nan),
        finals: zip(side, losses).map {
          Final(study: $0.path, seed: $0.description.seed.value, value: $1.isFinite ? sign * $1 : nil)
        },
        curve: Curve(answers: Column(ticks.map(Double.init)), median: at(0.5), lower: at(0.25), upper: at(0.75)))
    }
    tests = Self.tests(names, sides, measure)
    warnings = Self.warnings(groups, tests, digests)
  }

  private static func check(_ a: StudyDigest, _ b: StudyDigest) throws {
    let (one, other) = (a.description, b.description)
    var difference: String?
    if one.problem != other.problem || one.plugin.id != other.plugin.id {
      difference = "its problem is \(other.problem) of \(other.plugin.name), not \(one.problem) of \(one.plugin.name)"
    } else if one.goals != other.goals {
      difference = "its goals or bounds differ"
    } else if one.spec.space != other.spec.space || one.options != other.options || one.fixed != other.fixed {
      difference = "its parameters, options or pinned values differ"
    }
    guard let difference else { return }
    throw StudyError(
      .badRequest, path: b.path, detail: "cannot be compared with \(a.path): \(difference)",
      hint: "compare studies of one problem with the same goals")
  }

  /// How a study searched.
  private static func name(_ digest: StudyDigest) -> String {
    let d = digest.description
    func list(_ options: [String: String]) -> String {
      options.isEmpty ? "" : " " + options.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
    }
    let trainer = d.trainer.map { " + \($0)\(list(d.trainerOptions))" } ?? ""
    return d.search + list(d.searchOptions) + trainer
  }

  /// Each pair of sides, seed against seed.
  private static func tests(_ names: [String], _ sides: [[StudyDigest]], _ measure: ComparisonMeasure) -> [Test] {
    var all: [Test] = []
    for i in sides.indices {
      for j in sides.indices where j > i {
        let other = Dictionary(sides[j].map { ($0.description.seed.value, $0) }) { first, _ in first }
        var seen: Set<UInt64> = []
        var pairs: [(Double, Double)] = []
        for digest in sides[i] {
          let seed = digest.description.seed.value
          guard let partner = other[seed], seen.insert(seed).inserted else { continue }
          pairs.append((measure.loss(digest, after: digest.answers), measure.loss(partner, after: partner.answers)))
        }
        // Two sides without a feasible design are equal; one without loses by more than any number.
        let differences = pairs.map { $0 == $1 ? 0 : $0 - $1 }
        let (wins, losses) = (differences.filter { $0 < 0 }.count, differences.filter { $0 > 0 }.count)
        let sign = measure.isMaximized ? -1.0 : 1
        all.append(
          Test(
            pair: "\(names[i]) − \(names[j])", pairs: pairs.count,
            difference: sign * Statistics.quantile(differences, 0.5), wins: wins, losses: losses,
            ties: pairs.count - wins - losses, wilcoxon: PairedTests.wilcoxon(differences),
            sign: PairedTests.sign(wins: wins, losses: losses)))
      }
    }
    return all
  }

  private static func warnings(_ groups: [Group], _ tests: [Test], _ digests: [StudyDigest]) -> [String] {
    var words: [String] = []
    for group in groups where group.seeds < fewestSeeds {
      words.append(
        "\(group.name) has \(group.seeds) seed\(group.seeds == 1 ? "" : "s"): with fewer than \(fewestSeeds) a side, "
          + "the differences may well be chance.")
    }
    for test in tests where test.pairs < fewestSeeds {
      words.append(
        "\(test.pair): \(test.pairs) seed\(test.pairs == 1 ? "" : "s") in common; the tests pair seeds, and with fewer "
          + "than six no p-value can be below 0.05.")
    }
    let sizes = Set(digests.map(\.answers))
    if sizes.count > 1, let low = sizes.min(), let high = sizes.max() {
      words.append("The studies have between \(low) and \(high) answers: the last values were not bought at the same price.")
    }
    let open = digests.filter { $0.state == "running" || $0.state == "interrupted" }
    if !open.isEmpty { words.append("\(open.count) of the studies are not finished.") }
    return words
  }
}

/// One number by which studies are compared, to be minimised within: the best objective, or the dominated volume.
struct ComparisonMeasure {
  let goals: Goals
  /// Of the volume: the worst of all studies' fronts, and a tenth of their extent beyond.
  let reference: [Double]
  let name: String
  let isMaximized: Bool

  init(_ digests: [StudyDigest], _ goals: Goals) {
    self.goals = goals
    if goals.objectives.count == 1 {
      let o = goals.objectives[0]
      let outputs = digests[0].description.spec.outputs
      let unit = outputs.outputs.first { $0.id == o.label }?.unit ?? ""
      name = "best\(goals.constraints.isEmpty ? "" : " feasible") \(o.label)\(unit.isEmpty || unit == "1" ? "" : " (\(unit))")"
      isMaximized = o.maximize
      reference = []
    } else {
      name = "hypervolume"
      isMaximized = true
      reference = FrontHistory.reference(digests.flatMap { $0.incumbents.front.map(\.losses) })
    }
  }

  /// After so many answers; infinite while nothing feasible is known.
  func loss(_ digest: StudyDigest, after answers: Int) -> Double {
    let known = digest.history.entries.prefix { $0.answer <= answers }
    if goals.objectives.count == 1 { return known.last?.losses[0] ?? .infinity }
    let losses = known.map(\.losses)
    let front = Ranking.nonDominated(losses).map { losses[$0] }
    return reference.isEmpty ? 0 : -Hypervolume.of(front, reference: reference)
  }
}
