import DMOCore
import DMONumerics

/// Several trainers of one kind side by side, each from its own seed and, where asked, on its own share of the rows.
public struct EnsembleTrainer: SurrogateTrainer {
  private var members: [any SurrogateTrainer]
  private let share: Double
  private let threads: Int
  private let seed: Seed

  public var target: TrainingTarget { members[0].target }
  /// The mean of the members' losses.
  public var lastLoss: Double { members.reduce(0) { $0 + $1.lastLoss / Double(members.count) } }

  /// - Parameters:
  ///   - members: at least two, made with different seeds.
  ///   - share: the probability with which a member sees a row, in (0, 1].
  init(_ members: [any SurrogateTrainer], share: Double, threads: Int, seed: Seed) {
    precondition(members.count > 1)
    self.members = members
    self.share = share
    self.threads = threads
    self.seed = seed
  }

  public mutating func fit(_ data: Dataset) throws -> any Surrogate {
    let before = self
    let fitted = try Parallel.map(members.count, threads: threads) { i in
      var trainer = before.members[i]
      let model: any Surrogate
      do {
        model = try trainer.fit(before.part(of: data, member: i))
      } catch let error as SurrogateError where error.code == .nothingToLearn && before.share < 1 {
        model = try trainer.fit(data)
      }
      return (trainer, model)
    }
    members = fitted.map(\.0)
    return EnsembleSurrogate(fitted.map(\.1))
  }

  /// The rows that a member sees. A row's lot depends on its inputs alone: warm starts stay what they are as others
  /// arrive.
  private func part(of data: Dataset, member: Int) -> Dataset {
    guard share < 1 else { return data }
    let (n, m) = (data.inputCount, data.outputCount)
    let own = seed.derived("share", UInt64(member))
    var part = Dataset(inputCount: n, outputCount: m)
    for r in 0..<data.count {
      let z = data.inputs[r * n..<(r + 1) * n]
      var lot = own.derived("row", z.fingerprint).generator
      if lot.uniform() < share {
        part.append(z: Array(z), y: Array(data.targets[r * m..<(r + 1) * m]))
      }
    }
    return part
  }

  public var fitted: (any Surrogate)? {
    let all = members.compactMap(\.fitted)
    return all.count == members.count ? EnsembleSurrogate(all) : nil
  }

  public func saved() -> [UInt8] {
    var writer = SnapshotWriter(kind: "ensemble/1")
    writer.put(members.count)
    for member in members { writer.put(member.saved()) }
    return writer.bytes
  }

  public mutating func restore(_ bytes: [UInt8]) throws {
    var reader = try SnapshotReader(bytes, kind: "ensemble/1")
    guard try reader.integer() == members.count else { throw reader.damaged }
    var next = members
    for i in next.indices { try next[i].restore(try reader.nested()) }
    try reader.finish()
    members = next
  }
}

extension EnsembleTrainer {
  static let description = TrainerDescription(
    id: "ensemble", summary: "several of any other trainer, averaged; their spread says how sure it is",
    options: [
      TrainerOption(key: "of", defaultText: "mae", help: "the members' trainer; its own options may be given as well"),
      TrainerOption(key: "members", defaultText: "5", help: "how many, from 2"),
      TrainerOption(
        key: "share", defaultText: "1.0", help: "probability with which a member sees a row; 1: all see all rows"),
      TrainerOption(
        key: "threads", defaultText: "auto",
        help: "members trained side by side; auto: as many as there are processors"),
    ])

  /// - Parameter texts: this trainer's options and the members'. - Throws: `SurrogateError` (`badOption`).
  init(_ texts: [String], setup: TrainerSetup) throws {
    let keys = Set(Self.description.options.map(\.key))
    func isOwn(_ text: String) -> Bool { keys.contains(String(text.prefix { $0 != "=" })) }
    let options = try TrainerOptions(texts.filter(isOwn), for: Self.description)
    let of = options.text("of") ?? "mae"
    guard of != Self.description.id else {
      throw SurrogateError(.badOption, "trainer 'ensemble': of=ensemble makes no end; choose another trainer")
    }
    let count = try options.integer("members", in: 2...1000) ?? 5
    let seed = setup.seed.derived("ensemble")
    let members = try (0..<count).map { i in
      try TrainerRegistry.make(
        id: of, options: texts.filter { !isOwn($0) },
        setup: TrainerSetup(seed: seed.derived("member", UInt64(i)), periodic: setup.periodic))
    }
    self.init(
      members, share: try options.number("share", in: 0.01...1) ?? 1,
      threads: try options.integer("threads", in: 1...1024) ?? Parallel.processors, seed: seed)
  }
}
