import DMOCore

extension RandomStream: Stored {
  static var blank: RandomStream { Seed(0).generator }
  mutating func code(_ coder: inout StateCoder) throws {
    var words = self.words
    try words.code(&coder)
    guard let stream = RandomStream(words: words) else { throw StateCoder.damaged }
    self = stream
  }
}

extension EvaluationStatus: Stored {
  static var blank: EvaluationStatus { .ok }
  mutating func code(_ coder: inout StateCoder) throws {
    var value = rawValue
    try value.code(&coder)
    self = EvaluationStatus(rawValue: value)
  }
}

extension PointSet: Stored {
  static var blank: PointSet { PointSet() }
  mutating func code(_ coder: inout StateCoder) throws {
    var fingerprints = coder.isReading ? [] : sorted
    try fingerprints.code(&coder)
    if coder.isReading { self = PointSet(fingerprints) }
  }
}

extension Proposal: Stored {
  static var blank: Proposal { Proposal(x: [], source: "") }
  mutating func code(_ coder: inout StateCoder) throws {
    try coder.code(&x)
    try coder.code(&source)
  }
}

extension SpaceFillingDesign {
  mutating func code(_ coder: inout StateCoder) throws {
    var taken = index
    try taken.code(&coder)
    guard taken >= 0 else { throw StateCoder.damaged }
    if coder.isReading { skip(to: taken) }
  }
}

extension StateCoder {
  mutating func code(_ design: inout SpaceFillingDesign) throws { try design.code(&self) }
  mutating func code(_ design: inout InitialDesign) throws { try design.code(&self) }
}

extension Individual: Stored {
  static var blank: Individual { Individual(z: [], losses: [], violation: 0) }
  mutating func code(_ coder: inout StateCoder) throws {
    try coder.code(&z)
    try coder.code(&losses)
    try coder.code(&violation)
  }
}

extension Survivor: Stored {
  static var blank: Survivor { Survivor(index: 0, rank: 0, score: 0) }
  mutating func code(_ coder: inout StateCoder) throws {
    try coder.code(&index)
    try coder.code(&rank)
    try coder.code(&score)
  }
}

extension KnownPoint: Stored {
  static var blank: KnownPoint {
    KnownPoint(z: [], latent: [], losses: [], violations: [], violation: 0, status: .ok, rate: 0)
  }
  mutating func code(_ coder: inout StateCoder) throws {
    for path in [\Self.z, \.latent, \.losses, \.violations] { try coder.code(&self[keyPath: path]) }
    try coder.code(&violation)
    try coder.code(&status)
    try coder.code(&rate)
    var (x, y) = (answer?.x, answer?.y)
    try coder.code(&x)
    try coder.code(&y)
    if let x, let y { answer = (x, y) }
    try coder.code(&adam)
    try coder.code(&pending)
    try coder.code(&wantsLocal)
    try coder.code(&isSuperseded)
  }
}

extension PendingStep: Stored {
  static var blank: PendingStep { PendingStep(latent: [], rate: 0) }
  mutating func code(_ coder: inout StateCoder) throws {
    try coder.code(&latent)
    try coder.code(&parent)
    try coder.code(&weights)
    try coder.code(&adam)
    try coder.code(&rate)
    try coder.code(&predicted)
    try coder.code(&countsForRate)
  }
}

extension JointCandidate: Stored {
  static var blank: JointCandidate {
    JointCandidate(
      z: [], x: [], source: "",
      view: JointModel.View(losses: [], mean: [], margins: [], logFeasible: 0, logAnswer: 0, violations: []), novelty: 0)
  }
  mutating func code(_ coder: inout StateCoder) throws {
    try coder.code(&z)
    try coder.code(&x)
    try coder.code(&source)
    try coder.code(&view.losses)
    try coder.code(&view.mean)
    try coder.code(&view.margins)
    try coder.code(&view.logFeasible)
    try coder.code(&view.logAnswer)
    try coder.code(&view.violations)
    try coder.code(&novelty)
    try coder.code(&expected)
  }
}
