import DMOCore
@testable import DMOStudy

@testable import DMOReport

/// Studies in memory: parameters a (linear) and b (logarithmic), outputs f (and g, for two objectives), c ≤ 0.
enum Made {
  static func description(objectives: Int = 1, seed: UInt64 = 1, search: String = "random", problem: String = "bowl") -> StudyDescription {
    let outputs = [Output(id: "f", unit: "V", role: .minimize)]
      + (objectives > 1 ? [Output(id: "g", role: .maximize)] : []) + [Output(id: "c", role: .atMost(0))]
    let spec = ProblemSpec(
      space: ParameterSpace([Parameter(id: "a", min: 0, max: 1), Parameter(id: "b", scale: .log, min: 1, max: 100)]),
      outputs: OutputSpace(outputs))
    return StudyDescription(
      dmoVersion: "test", command: ["dmo"], created: "2026-01-01T00:00:00Z",
      plugin: PluginReference(path: "/p.so", id: "t", name: "t", version: "1.0.0", fingerprint: "0"), problem: problem,
      options: [:], spec: spec, goals: Goals(spec.outputs), fixed: [:], search: search, searchOptions: [:], trainer: nil,
      trainerOptions: [:], seed: Seed(seed), budget: 1000, jobs: 1, inProcess: false, evaluationTimeout: nil,
      storeObserved: .full)
  }

  static func row(_ id: Int, _ status: EvaluationStatus = .ok, a: Double = 0.5, y: [Double], message: String = "") -> StudyRow {
    StudyRow(
      request: EvaluationRequest(id: UInt64(id), x: [a, 10]), source: "initial", decision: 1, answer: id,
      result: EvaluationResult(
        id: UInt64(id), status: status, y: y, message: message, costSeconds: 2, wallSeconds: 1, worker: 0),
      askedAt: Double(id), answeredAt: Double(id) + 1)
  }

  static func digest(_ description: StudyDescription, _ rows: [StudyRow], capacity: Int? = nil) -> StudyDigest {
    var digest = StudyDigest(path: "s-\(description.seed.value).dmo", description, rows: capacity)
    for row in rows { if let result = row.result { digest.add(row, result) } }
    return digest
  }
}
