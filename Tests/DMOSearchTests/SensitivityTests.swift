import DMOCore
import DMONumerics
import DMOSurrogates
import Foundation
import Testing

@testable import DMOSearch

private let folder = ProcessInfo.processInfo.environment["DMO_SHARED"].map { URL(fileURLWithPath: $0) }
  ?? URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("shared")
private let oracle = folder.appendingPathComponent("oracle/sensitivity")
private let isPresent = FileManager.default.fileExists(atPath: oracle.appendingPathComponent("salib_indices.json").path)

/// The two functions with their analytic indices (Ishigami & Homma 1990, a = 7, b = 0.1; Sobol's g with
/// a = 0, 1, 4.5, 9, 99, 99, 99, 99).
private enum Function: String, CaseIterable {
  case ishigami, gfunction

  var dimension: Int { self == .ishigami ? 3 : 8 }
  var range: (Double, Double) { self == .ishigami ? (-.pi, .pi) : (0, 1) }
  static let a: [Double] = [0, 1, 4.5, 9, 99, 99, 99, 99]

  func callAsFunction(_ x: [Double]) -> Double {
    switch self {
    case .ishigami: return sin(x[0]) + 7 * sin(x[1]) * sin(x[1]) + 0.1 * x[2] * x[2] * x[2] * x[2] * sin(x[0])
    case .gfunction: return zip(x, Self.a).reduce(1) { $0 * (abs(4 * $1.0 - 2) + $1.1) / (1 + $1.1) }
    }
  }

  /// Total indices and mean squared derivatives, by hand from the formulas of the variance.
  var totals: [Double] {
    switch self {
    case .ishigami:
      let (v1, v2, v13) = (0.5 * pow(1 + 0.1 * pow(Double.pi, 4) / 5, 2), 49.0 / 8, 0.01 * pow(Double.pi, 8) * 8 / 225)
      let v = v1 + v2 + v13
      return [(v1 + v13) / v, v2 / v, v13 / v]
    case .gfunction:
      let parts = Self.a.map { 1 / (3 * (1 + $0) * (1 + $0)) }
      let product = parts.reduce(1) { $0 * (1 + $1) }
      return parts.map { $0 * product / (1 + $0) / (product - 1) }
    }
  }
}

private func order(_ values: [Double]) -> [Int] { values.indices.sorted { values[$0] > values[$1] } }

/// SALib's reference numbers and samples.
private struct SALib {
  let root: [String: Any]
  let samples: [String: Any]

  init() throws {
    func read(_ name: String) throws -> [String: Any] {
      let data = try Data(contentsOf: oracle.appendingPathComponent(name))
      return try JSONSerialization.jsonObject(with: data) as? [String: Any] ?? [:]
    }
    root = try read("salib_indices.json")
    samples = try read("salib_samples.json")
  }

  func index(_ f: Function, _ group: String, _ key: String) -> [Double] {
    let groups = root[f.rawValue] as? [String: Any]
    let values = (groups?[group] as? [String: Any])?[key] as? [Any] ?? []
    return values.flatMap { ($0 as? [Double]) ?? [($0 as? Double) ?? .nan] }
  }

  func array(_ name: String) throws -> [Double] {
    let entry = samples[name] as? [String: Any] ?? [:]
    if let values = entry["values"] as? [Double] { return values }
    let data = try Data(contentsOf: oracle.appendingPathComponent(entry["file"] as? String ?? ""))
    return data.withUnsafeBytes { bytes in
      stride(from: 0, to: bytes.count, by: 8).map {
        Double(bitPattern: UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: $0, as: UInt64.self)))
      }
    }
  }
}

@Suite("Sensitivities against SALib", .enabled(if: isPresent, "needs shared/oracle/sensitivity beside the repository"))
struct SALibTests {
  @Test("on SALib's samples the Sobol estimators give SALib's indices", arguments: Function.allCases)
  fileprivate func sobol(_ f: Function) throws {
    let salib = try SALib()
    let y = try salib.array("\(f.rawValue)_sobol_Y")
    let ours = SobolIndices(responses: y, dimension: f.dimension, secondOrder: true)
    func difference(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { max($0, abs($1.0 - $1.1)) } }
    #expect(ours.first.count == salib.index(f, "sobol", "S1").count)
    #expect(difference(ours.first, salib.index(f, "sobol", "S1")) < 1e-9)
    #expect(difference(ours.total, salib.index(f, "sobol", "ST")) < 1e-9)
    let second = salib.index(f, "sobol", "S2")
    #expect(second.count == ours.second.count)
    for (a, b) in zip(ours.second, second) where !a.isNaN { #expect(abs(a - b) < 1e-9) }
    // The responses are these functions' at the samples.
    let x = try salib.array("\(f.rawValue)_sobol_X")
    for r in stride(from: 0, to: y.count, by: 97) {
      #expect(abs(f(Array(x[r * f.dimension..<(r + 1) * f.dimension])) - y[r]) < 1e-9)
    }
  }

  @Test("on SALib's samples the derivative estimators give SALib's", arguments: Function.allCases)
  fileprivate func dgsm(_ f: Function) throws {
    let salib = try SALib()
    let (x, y) = (try salib.array("\(f.rawValue)_dgsm_X"), try salib.array("\(f.rawValue)_dgsm_Y"))
    let d = f.dimension
    var (gradients, base) = ([Double](), [Double]())
    for r in stride(from: 0, to: y.count, by: d + 1) {
      base.append(y[r])
      for j in 0..<d {
        gradients.append((y[r + 1 + j] - y[r]) / (x[(r + 1 + j) * d + j] - x[r * d + j]))
      }
    }
    let widths = [Double](repeating: f.range.1 - f.range.0, count: d)
    let ours = DerivativeSensitivity(gradients: gradients, responses: base, widths: widths)
    for (ours, key) in [(ours.squares, "vi"), (ours.bounds, "dgsm"), (ours.deviations, "vi_std")] {
      for (a, b) in zip(ours, salib.index(f, "dgsm", key)) { #expect(abs(a - b) < 1e-6 * max(1, abs(b)), "\(key)") }
    }
  }
}

@Suite("Sensitivities")
struct SensitivityTests {
  @Test(
    "a Saltelli design of the functions themselves approaches the analytic total indices", arguments: Function.allCases)
  fileprivate func converges(_ f: Function) {
    let d = f.dimension
    let design = SobolIndices.design(count: 4096, dimension: d, secondOrder: false, seed: Seed(1))
    let y = (0..<design.count / d).map { r in
      f((0..<d).map { f.range.0 + (f.range.1 - f.range.0) * design[r * d + $0] })
    }
    let total = SobolIndices(responses: y, dimension: d, secondOrder: false).total
    for (a, b) in zip(total, f.totals) { #expect(abs(a - b) < 0.02) }
    #expect(order(total).prefix(d == 3 ? 3 : 4) == order(f.totals).prefix(d == 3 ? 3 : 4))
  }

  @Test(
    "on a joint surrogate of 600 points all views rank the parameters as the analytic indices do",
    arguments: Function.allCases)
  fileprivate func ranks(_ f: Function) throws {
    let d = f.dimension
    let space = SearchSpace(
      ParameterSpace((0..<d).map { Parameter(id: "x\($0)", min: f.range.0, max: f.range.1) }))
    let goals = Goals(
      objectives: [Goals.Objective(index: 0, label: "f", maximize: false)], constraints: [])
    let design = LatinHypercube.points(count: 600, dimension: d, seed: Seed(3))
    let observations = (0..<600).map { r -> Observation in
      let x = space.decode(Array(design[r * d..<(r + 1) * d]))
      return Observation(x: x, result: EvaluationResult(id: UInt64(r + 1), status: .ok, y: [f(x)]))
    }
    var trainer = try TrainerRegistry.make(
      id: "joint", options: ["members=2"], setup: TrainerSetup(seed: Seed(1), featureGroups: space.featureGroups))
    let surrogate = try trainer.fit(space.dataset(goals, observations))
    let analysis = SensitivityAnalysis(
      space: space, goals: goals, surrogate: surrogate, sizes: .init(gradients: 1024, base: 512), seed: Seed(2))
    // The last four of the g-function are inert and equal: only the first four have an order.
    let ranked = f == .ishigami ? 3 : 4
    let totals = (0..<d).map { analysis.entry(parameter: $0, output: 0).total }
    #expect(order(totals).prefix(ranked) == order(f.totals).prefix(ranked), "\(totals)")
    for (a, b) in zip(totals, f.totals) { #expect(abs(a - b) < 0.1) }
    // The derivative-based measure weighs steepness: its analytic order for Ishigami is x1 below x3 below x2.
    let gradients = (0..<d).map { analysis.entry(parameter: $0, output: 0).gradient }
    let expected = f == .ishigami ? [1, 2, 0] : [0, 1, 2, 3]
    #expect(Array(order(gradients).prefix(ranked)) == expected, "\(gradients)")
    #expect(analysis.overall.max() == 1)
  }
}
