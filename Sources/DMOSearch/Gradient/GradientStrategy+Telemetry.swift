import DMOCore
import DMONumerics

extension GradientStrategy {
  /// Telemetry that belongs to one iteration, taken away before the next so that none is reported twice.
  private static let perIteration = [
    "trust_ratio", "secant_cosine", "secant_relative_error", "secant_points", "exact_cosine", "exact_relative_error",
    "step_length", "predicted_improvement",
  ]

  mutating func clearIterationTelemetry() {
    for name in Self.perIteration where name != "trust_ratio" || !hasNewTrustRatio { telemetry[name] = nil }
    hasNewTrustRatio = false
  }

  /// Compares the gradient that a feasible start will follow with the local secant, and with the exact one where the
  /// plugin offers it. - Parameter slope: of the merit, in the unit cube; shape (dimension).
  mutating func compareGradient(_ slope: [Double], at point: KnownPoint, weights: [Double]) {
    guard point.violation == 0 else { return }
    let secant = secant(at: point, weights: weights)
    if let (cosine, error) = secant.compare(with: slope) {
      telemetry["secant_cosine"] = cosine
      telemetry["secant_relative_error"] = error
      telemetry["secant_points"] = Double(secant.rank)
    }
    guard let exact else { return }
    let row = exact.vjp(
      rows: 1, z: features.encode(point.z), ybar: merit.gradient(point, weights: weights))
    if let (cosine, error) = Vectors.compare(slope, with: features.pullback(row[...], at: point.z)) {
      telemetry["exact_cosine"] = cosine
      telemetry["exact_relative_error"] = error
    }
  }

  /// From the nearest answered points. - Complexity: O(known · dimension)
  private func secant(at point: KnownPoint, weights: [Double]) -> SecantGradient {
    var near: [(distance: Double, index: Int)] = []
    for (k, other) in known.enumerated() where other.status == .ok && other.losses.allSatisfy(\.isFinite) {
      var distance = 0.0
      for i in point.z.indices {
        let d = displacement(from: point.z[i], to: other.z[i], at: i)
        distance += d * d
      }
      if distance > 0 { near.append((distance, k)) }
    }
    near.sort { $0.distance < $1.distance }
    let chosen = near.prefix(min(SecantGradient.pointLimit, point.z.count)).map { known[$0.index] }
    let here = merit.scalar(point.losses, weights: weights)
    return SecantGradient(
      differences: chosen.map { other in
        point.z.indices.map { displacement(from: point.z[$0], to: other.z[$0], at: $0) }
      },
      changes: chosen.map { merit.scalar($0.losses, weights: weights) - here })
  }

  /// Scores the surrogate on an answer that it has not learnt yet.
  mutating func scorePrediction(_ row: [Double], features input: [Double], parent: Int?) {
    var predicted: [Double] = []
    var start: [Double] = []
    if let surrogate, !isExact, let parent, row.contains(where: \.isFinite) {
      predicted = surrogate.predict(rows: 2, z: input + features.encode(known[parent].z))
      start = targets.targets(known[parent])
    }
    predictions.note(predicted: predicted, y: row, start: start)
    telemetry["cv_error"] = predictions.error
    telemetry["cv_pair_error"] = predictions.pairError
  }
}
