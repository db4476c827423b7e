import DMOCore
import DMOSurrogates

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

extension GradientStrategy {
  /// Times a step is lengthened because it ended on a known point, or shortened because it ended next to a bad one.
  private static let placements = 8
  private static let localTrials = 16
  /// How often a promising change of a label is tried before a step of the numbers.
  private static let switchProbability = 0.5
  /// Coordinates may move by so many rates when a step is projected or is a bare gradient.
  private static let stepLimit = 4.0

  private static let cornerShare = 0.2
  private static let smallestWeight = 1e-6

  /// A start with the weights and the gradient that its step goes by.
  private struct Start {
    var index: Int
    var weights: [Double]
  }

  /// Fills the queue with one step (and its local samples) from each of the best points, at least `wanted` if so many
  /// points may start.
  mutating func prepareIteration(wanted: Int) throws {
    guard let surrogate else { return }
    iteration += 1
    clearIterationTelemetry()
    merit = Merit(known, objectives: goals.objectives.count, constraints: goals.constraints.count)
    var stream = seed.derived("iteration", iteration).generator
    let starts = selectStarts(max(options.starts, wanted), &stream)
    if starts.isEmpty { return }
    let (losses, constraints) = (goals.objectives.count, goals.constraints.count)

    // One backward pass: for each start the merit's row, then one row for each constraint.
    let rowsEach = 1 + constraints
    var inputs: [Double] = []
    var bars: [Double] = []
    var points: [(x: [Double], y: [Double])] = []
    for start in starts {
      let row = features.encode(known[start.index].z)
      for _ in 0..<rowsEach {
        inputs += row
        if let answer = known[start.index].answer { points.append(answer) }
      }
      bars += merit.gradient(known[start.index], weights: start.weights)
      for j in 0..<constraints { bars += (0..<losses + constraints).map { $0 == losses + j ? 1 : 0 } }
    }
    let (seeds, direct) = try targets.pullback(rows: starts.count * rowsEach, bars: bars, points: points)
    let gradients = surrogate.vjp(rows: starts.count * rowsEach, z: inputs, ybar: seeds)
    for (k, start) in starts.enumerated() {
      let rows = (0..<rowsEach).map { r -> ArraySlice<Double> in
        let first = (k * rowsEach + r) * features.count
        return gradients[first..<first + features.count]
      }
      let width = direct.isEmpty ? 0 : space.dimension
      let z = known[start.index].z
      let slopes = (0..<rowsEach).map { r -> [Double] in
        let own = direct[(k * rowsEach + r) * width..<(k * rowsEach + r + 1) * width]
        let pulled = features.pullback(rows[r], at: z)
        return own.isEmpty ? pulled : zip(pulled, own).map(+)
      }
      if k == 0 { compareGradient(slopes[0], at: known[start.index], weights: start.weights) }
      try proposeStep(from: start, gradient: rows[0], slopes: slopes, &stream)
    }
    telemetry["iteration"] = Double(iteration)
    telemetry["starts"] = Double(starts.count)
  }

  /// The best points without a step in flight. One objective: by rank. Several: the best one for each of as many random
  /// directions of preference.
  private func selectStarts(_ count: Int, _ stream: inout RandomStream) -> [Start] {
    var candidates = known.indices.filter { known[$0].isStart && known[$0].pending == 0 }
    let objectives = goals.objectives.count
    guard objectives > 1 else {
      let weights = Array(repeating: 1.0, count: objectives)
      candidates.sort { merit.isBetter(known[$0], known[$1], weights: weights) }
      return candidates.prefix(count).map { Start(index: $0, weights: weights) }
    }
    var starts: [Start] = []
    while starts.count < count, !candidates.isEmpty {
      let weights = randomWeights(objectives, &stream)
      var best = 0
      for k in candidates.indices.dropFirst()
      where merit.isBetter(known[candidates[k]], known[candidates[best]], weights: weights) { best = k }
      starts.append(Start(index: candidates.remove(at: best), weights: weights))
    }
    return starts
  }

  /// Uniform on the simplex, with a share for its corners, which alone lead to the ends of the front.
  private func randomWeights(_ count: Int, _ stream: inout RandomStream) -> [Double] {
    if stream.uniform() < Self.cornerShare {
      let corner = stream.index(below: count)
      return (0..<count).map { $0 == corner ? 1 : Self.smallestWeight }
    }
    let weights = (0..<count).map { _ in -log(1 - stream.uniform()) + Self.smallestWeight }
    let total = weights.reduce(0, +)
    return weights.map { $0 / total }
  }

  /// Queues what one start proposes: a changed label, a step, or the local sample that is due after a
  /// failed step or when the rate is exhausted.
  /// - Parameters:
  ///   - gradient: of the merit, over the features.
  ///   - slopes: of the merit, then of each constraint, in the unit cube; shape (1 + constraints, dimension).
  private mutating func proposeStep(
    from start: Start, gradient: ArraySlice<Double>, slopes: [[Double]], _ stream: inout RandomStream
  ) throws {
    let point = known[start.index]
    var next = PendingStep(latent: point.latent, parent: start.index, weights: start.weights, rate: point.rate)
    if !features.switches.isEmpty && stream.uniform() < Self.switchProbability {
      for change in features.switchings(gradient, at: point.z) where change.change < 0 {
        next.latent = point.latent
        next.latent[change.coordinate] = change.value
        let x = space.decode(next.latent)
        if seen.contains(x) { continue }
        next.predicted = -change.change
        submit(x, next, source: "switch")
        return
      }
    }
    let isExhausted = point.rate < options.step * Self.smallestShrinkage
    if isExhausted {
      next.rate = options.step
      known[start.index].rate = options.step
    }
    if isExhausted || point.wantsLocal {
      known[start.index].wantsLocal = false
      proposeLocal(around: point.latent, like: next, &stream)
      return
    }
    let modelled = inner > 0 ? try modelStep(from: point, slopes: slopes, weights: start.weights) : nil
    let step = modelled?.step ?? direction(slopes, at: point, &next.adam)
    guard let (latent, x) = place(step, from: point.latent) else {
      proposeLocal(around: point.latent, like: next, &stream)
      return
    }
    next.latent = latent
    next.predicted = modelled?.predicted ?? -zip(slopes[0], space.encode(x)).enumerated().reduce(0) {
      $0 + $1.element.0 * displacement(from: point.z[$1.offset], to: $1.element.1, at: $1.offset)
    }
    next.countsForRate = true
    let length = latent.indices.reduce(0) {
      let d = displacement(from: point.latent[$1], to: latent[$1], at: $1)
      return $0 + d * d
    }
    telemetry["step_length"] = length.squareRoot()
    telemetry["predicted_improvement"] = next.predicted
    submit(x, next, source: "gradient")
    for _ in 0..<options.local { proposeLocal(around: latent, like: next, &stream) }
  }

  /// The displacement in the unit cube: Adam's for one objective, the bare gradient's of the same length for several
  /// (whose weights change at every step), within the linearised constraints.
  private func direction(_ slopes: [[Double]], at point: KnownPoint, _ adam: inout AdamState) -> [Double] {
    let constraints = LinearisedConstraints(values: point.violations, gradients: Array(slopes.dropFirst()))
    let norm = slopes[0].reduce(0) { $0 + $1 * $1 }.squareRoot()
    // A surrogate that diverged says nothing, and a point must never become NaN: no step, hence a local sample.
    guard norm > 0, slopes.allSatisfy({ $0.allSatisfy(\.isFinite) }) else {
      return Array(repeating: 0, count: slopes[0].count)
    }
    // The bare gradient's step, as long as Adam's first one.
    let scale = point.rate * Double(slopes[0].count).squareRoot() / norm
    let bare = constraints.project(slopes[0].map { -scale * $0 }, limit: .infinity)
    let step: [Double]
    if goals.objectives.count < 2 {
      // Adam evens out the coordinates, which would turn a blocked gradient into a blocked step: what constraints
      // leave of the gradient is what it must see.
      adam = point.adam
      step = adam.step(bare.map { -$0 / scale }).map { $0 * point.rate }
    } else {
      step = bare
    }
    return constraints.project(step, limit: Self.stepLimit * point.rate)
  }

  /// Where a step ends that is neither known nor, if that can be had, next to a bad point.
  private func place(_ step: [Double], from latent: [Double]) -> (latent: [Double], x: [Double])? {
    var fallback: (latent: [Double], x: [Double])?
    var scale = 1.0
    for _ in 0..<Self.placements {
      let target = bounded(latent.indices.map { latent[$0] + scale * step[$0] })
      let x = space.decode(target)
      if seen.contains(x) {
        if fallback != nil { break }
        scale *= 2
      } else if isNextToBad(x) {
        fallback = (target, x)
        scale /= 2
      } else {
        return (target, x)
      }
    }
    return fallback
  }

  /// Queues a normal sample around a point, wider with every trial that hits a known or bad place; nothing when all do.
  private mutating func proposeLocal(around latent: [Double], like step: PendingStep, _ stream: inout RandomStream) {
    var next = step
    next.countsForRate = false
    next.predicted = .nan
    var fallback: (latent: [Double], x: [Double])?
    var sigma = options.sigma
    for _ in 0..<Self.localTrials {
      let sample = bounded(
        latent.indices.map { k in
          // Half a level is the least that can change a rounded value.
          latent[k] + max(sigma, halfLevels[k]) * stream.normal()
        })
      let x = space.decode(sample)
      sigma = min(sigma * 1.5, 1)
      if seen.contains(x) { continue }
      fallback = (sample, x)
      if !isNextToBad(x) { break }
    }
    guard let fallback else { return }
    next.latent = fallback.latent
    submit(fallback.x, next, source: "local")
  }

  private mutating func submit(_ x: [Double], _ step: PendingStep, source: String) {
    enqueue(x, step)
    queue.append(Proposal(x: x, source: source))
  }

  /// Wrapped where periodic, else clipped to [0, 1].
  func bounded(_ z: [Double]) -> [Double] {
    z.indices.map { isPeriodic[$0] ? z[$0] - z[$0].rounded(.down) : min(max(z[$0], 0), 1) }
  }

  /// b − a, the short way round when the coordinate is periodic.
  func displacement(from a: Double, to b: Double, at k: Int) -> Double {
    let d = b - a
    return isPeriodic[k] ? d - d.rounded() : d
  }

  /// Whether the nearest known point gave no answer. - Complexity: O(known · dimension)
  private func isNextToBad(_ x: [Double]) -> Bool {
    if !known.contains(where: { $0.status != .ok }) { return false }
    let z = space.encode(x)
    var nearest = Double.infinity
    var isBad = false
    for point in known {
      var distance = 0.0
      for k in z.indices {
        let d = displacement(from: point.z[k], to: z[k], at: k)
        distance += d * d
        if distance >= nearest { break }
      }
      if distance < nearest {
        nearest = distance
        isBad = point.status != .ok
      }
    }
    return isBad
  }
}
